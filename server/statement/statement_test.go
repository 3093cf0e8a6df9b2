package statement_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

func TestCache_BuildsEachShapeOnce(t *testing.T) {
	cache, built := statement.NewCache[bool](4), 0
	run := func(descending bool, name, limit string) (string, []interface{}) {
		text, args, err := cache.With(descending, []interface{}{name, limit}, func() sq.Sqlizer {
			built++
			order := map[bool]string{false: "a ASC", true: "a DESC"}[descending]
			return sq.Select("a").From("t").Where("b > ?", statement.Value(1)).Where(sq.Eq{"n": statement.Value(0), "c": 7}).
				Where("n <> ?", statement.Value(0)).OrderBy(order).PlaceholderFormat(sq.Dollar)
		}).ToSql()
		require.NoError(t, err)
		return text, args
	}
	text, args := run(false, "x", "y")
	require.Equal(t, "SELECT a FROM t WHERE b > $1 AND c = $2 AND n = $3 AND n <> $4 ORDER BY a ASC", text)
	require.Equal(t, []interface{}{"y", 7, "x", "x"}, args)
	again, others := run(false, "o", "p")
	require.Equal(t, text, again)
	require.Equal(t, []interface{}{"p", 7, "o", "o"}, others)
	require.Equal(t, []interface{}{"y", 7, "x", "x"}, args, "of the first run")
	require.Equal(t, 1, built)
	down, _ := run(true, "x", "y")
	require.Equal(t, "SELECT a FROM t WHERE b > $1 AND c = $2 AND n = $3 AND n <> $4 ORDER BY a DESC", down)
	require.Equal(t, 2, built)
}

func TestCache_KeepsTheShapesThatWereUsedLast(t *testing.T) {
	cache, built := statement.NewCache[int](2), map[int]int{}
	for _, shape := range []int{1, 2, 1, 3, 1, 2} {
		text, _, err := cache.With(shape, nil, func() sq.Sqlizer {
			built[shape]++
			return sq.Expr(fmt.Sprint("SELECT ", shape))
		}).ToSql()
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("SELECT ", shape), text)
	}
	require.Equal(t, map[int]int{1: 1, 2: 2, 3: 1}, built)
}

type broken struct{ err error }

func (b broken) ToSql() (string, []interface{}, error) { return "", nil, b.err }

func TestCache_Errors(t *testing.T) {
	cache, reason := statement.NewCache[string](2), errors.New("no table")
	for range 2 {
		_, _, err := cache.With("broken", nil, func() sq.Sqlizer { return broken{reason} }).ToSql()
		require.ErrorIs(t, err, reason)
	}
	_, _, err := cache.With("broken", nil, func() sq.Sqlizer { return sq.Expr("SELECT 1") }).ToSql()
	require.NoError(t, err, "once it can be built")
	for _, place := range []statement.Value{-1, 1} {
		_, _, err = cache.With(fmt.Sprint(place), []interface{}{"only"}, func() sq.Sqlizer { return sq.Expr("SELECT ?", place) }).ToSql()
		require.ErrorContains(t, err, fmt.Sprintf("no value %d", place))
	}
	require.Panics(t, func() { statement.NewCache[string](0) })
}

func TestCache_ManyAtOnce(t *testing.T) {
	cache := statement.NewCache[int](3)
	var all sync.WaitGroup
	for n := range 64 {
		all.Go(func() {
			text, args, err := cache.With(n%5, []interface{}{n}, func() sq.Sqlizer { return sq.Expr(fmt.Sprintf("SELECT %d + ?", n%5), statement.Value(0)) }).ToSql()
			if err != nil || text != fmt.Sprintf("SELECT %d + ?", n%5) || args[0] != n {
				t.Errorf("%d has %q %v %v", n, text, args, err)
			}
		})
	}
	all.Wait()
}

func TestLookUp(t *testing.T) {
	require.Equal(t, "LATERAL (SELECT * FROM Users u WHERE u.Id = f.OwnerID LIMIT 1) u ON true", statement.LookUp("Users u ON u.Id = f.OwnerID"))
}

func TestLiteral(t *testing.T) { require.Equal(t, "'it''s'", statement.Literal("it's")) }
