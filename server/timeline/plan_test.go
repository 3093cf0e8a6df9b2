//go:build store

package timeline

import (
	"context"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// recorder keeps the last prepared statement.
type recorder struct {
	capability.Database
	statement string
	args      []interface{}
}

func (r *recorder) SelectPrepared(ctx context.Context, dest interface{}, query sq.Sqlizer) error {
	var err error
	if r.statement, r.args, err = query.ToSql(); err != nil {
		return err
	}
	return r.Database.SelectPrepared(ctx, dest, query)
}

// A page of a long timeline reads no more rows than that of a short one.
func TestPage_ReadsNoMoreThanItShows(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		const many, shown, starred = 5000, 20, 25 // so every 200th is a key moment
		for from := 0; from < many; from += 500 {
			var entries, events []string
			for n := from; n < from+500; n++ {
				entries = append(entries, fmt.Sprintf("('%s', '%s', 'manual', %d, 0, 1, '%s', 'text', '', 1, %v)", model.NewId(), w.inc.ID, w.now+int64(n), w.anna, n%(many/starred) == 0))
				events = append(events, fmt.Sprintf("('%s', '%s', %d, 'commander_changed', '%s', %d, '{}', '{}')", model.NewId(), w.inc.ID, n+2, w.anna, w.now+int64(n)))
			}
			w.sql("INSERT INTO IR_TimelineEntry (ID, IncidentID, Kind, HappenedAt, Seq, RecordedAt, AuthorID, Content, FilesJSON, Version, Starred) VALUES " + strings.Join(entries, ", "))
			w.sql("INSERT INTO IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON) VALUES " + strings.Join(events, ", "))
		}
		var posts []string
		for n := range 2000 {
			posts = append(posts, fmt.Sprintf("('%s', %d, 0, 0, '%s', 'text')", model.NewId(), w.now+int64(n), w.anna))
		}
		w.sql("INSERT INTO Posts (Id, CreateAt, EditAt, DeleteAt, UserId, Message) VALUES " + strings.Join(posts, ", "))
		if w.store.Postgres() { // MariaDB counts by itself
			w.sql("ANALYZE")
		}
		r := &recorder{Database: w.store}
		for name, f := range map[string]filter{
			"first":  {Limit: shown},
			"newest": {Limit: shown, Descending: true},
			"middle": {Limit: shown, After: &place{at: w.now + many/2}},
			"before": {Limit: shown, After: &place{at: w.now + many/2}, Descending: true},
			"events": {Limit: shown, Types: []incident.EventType{incident.EventCommander}},
			"stars":  {Limit: shown, Starred: true, Descending: true},
		} {
			if f.Types == nil {
				f.Kinds, f.Types = []Kind{Manual, Message, Update}, []incident.EventType{incident.EventCommander}
			}
			items, _, err := newDatabase(r).Page(t.Context(), w.inc.ID, f)
			require.NoError(t, err, name)
			require.Len(t, items, shown, name)
			rows, tables := w.db.RowsRead(t, r.statement, r.args...)
			assert.LessOrEqual(t, rows, 8*shown, "rows read for the page "+name)
			least := 4 // entries, events, posts and versions
			if f.Starred || len(f.Kinds) == 0 {
				least = 2
			}
			assert.GreaterOrEqual(t, tables, least, "tables of the page "+name)
			if w.store.Postgres() && f.After == nil {
				assert.Positive(t, w.db.KeptPlans(t, r.statement, r.args...), "of the page "+name+" each is planned anew")
			}
		}
	})
}
