package failure

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
)

func TestClass(t *testing.T) {
	pg := func(code string) error {
		return &pgconn.PgError{Severity: "ERROR", Code: code, Message: "text of the database"}
	}
	my := func(number uint16) error {
		return &mysql.MySQLError{Number: number, SQLState: [5]byte{'4', '2', '0', '0', '0'}, Message: "text"}
	}
	for _, c := range []struct {
		err         error
		class, code string
	}{
		{pg("42501"), Rights, "42501"}, {my(1142), Rights, "1142"}, {my(1044), Rights, "1044"},
		{pg("28P01"), SignIn, "28P01"}, {my(1045), SignIn, "1045"}, {pg("53300"), Connections, "53300"}, {my(1040), Connections, "1040"},
		{pg("53100"), Space, "53100"}, {my(1114), Space, "1114"}, {pg("42P01"), Schema, "42P01"}, {my(1146), Schema, "1146"},
		{my(1267), Collation, "1267"}, {pg("40P01"), Lock, "40P01"}, {my(1205), Lock, "1205"}, {pg("23505"), Duplicate, "23505"},
		{pg("08006"), Connection, "08006"}, {pg("57014"), Timeout, "57014"}, {pg("XX000"), Other, "XX000"}, {my(1064), Other, "1064"},
		{errors.New("dial tcp 10.0.0.1:5432: connect: connection refused"), Connection, ""}, {errors.New("driver: bad connection"), Connection, ""},
		{errors.New("context deadline exceeded"), Timeout, ""}, {errors.New("context canceled"), Canceled, ""},
		{errors.New("panic: runtime error\ngoroutine 1"), Panic, ""}, {errors.New("panic: SQLSTATE 42501"), Panic, ""},
		{model.NewAppError("CreatePost", "api.post.create.app_error", nil, "", 500), Host, ""},
		{errors.New("Mattermost does not answer"), Host, ""}, {errors.New("Error 1142 people typed this"), Other, ""}, {errors.New(""), Other, ""},
	} {
		for _, err := range []error{c.err, fmt.Errorf("read a row: %w", c.err)} {
			if c.class == Panic && err != c.err { //nolint:errorlint // the wrapped one does not begin so
				continue
			}
			class, code := Class(err.Error())
			assert.Equal(t, c.class, class, "%v", err)
			assert.Equal(t, c.code, code, "%v", err)
		}
	}
}

func TestPersistentFailuresHaveAdvice(t *testing.T) {
	for _, class := range []string{Rights, SignIn, Connections, Space, Schema, Collation} {
		assert.True(t, Persistent(class))
		assert.NotEmpty(t, Advice(class), class)
	}
	assert.False(t, Persistent(Lock))
	assert.Empty(t, Advice(Lock))
}
