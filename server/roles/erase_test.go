//go:build store

package roles

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store/storetest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// eraser is a Mattermost whose posts are those of the database.
type eraser struct {
	Service
	app.Host
	incidents app.Incidents
	conn      *testdb.Conn
	t         *testing.T
	direct    string
}

func (e *eraser) BotID() string { return "bot" }
func (e *eraser) DirectChannel(string) (*model.Channel, error) {
	return &model.Channel{Id: e.direct}, nil
}
func (e *eraser) FindPost(ctx context.Context, channelID, authorID string, since int64, prop, value string) (string, error) {
	return e.incidents.FindPost(ctx, channelID, authorID, since, fmt.Sprintf("%q:%q", prop, value))
}
func (e *eraser) DeleteBotPost(channelID, postID string) error {
	e.conn.Exec(e.t, "UPDATE Posts SET DeleteAt = 1 WHERE Id = ? AND ChannelId = ?", postID, channelID)
	return nil
}

// With an incident the direct messages about its handoffs are deleted, and no other ones.
func TestErase_DeletesTheBriefs(t *testing.T) {
	for _, e := range events() {
		incident.RegisterEvent(e.Type, e.Decode)
	}
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			database := testdb.NewFixtureDatabase(t, driver)
			s := storetest.Open(t, database, nil, capability.Schema{Capability: "roles", Erase: erase})
			e := &eraser{incidents: s.Incidents(), conn: database.Connect(t), t: t, direct: model.NewId()}
			handoffs := func(n int) (id string, posts []string) {
				inc, _, err := s.Incidents().Create(t.Context(), incident.Incident{ID: model.NewId(), Name: "n", IsActive: true, CommanderUserID: "anna",
					TeamID: model.NewId(), ChannelID: model.NewId(), CreateAt: 1, Checklists: []incident.Stage{{Title: "Stage"}}}, "anna", "", 1, app.Extensions{})
				require.NoError(t, err)
				for range n {
					h := Handoff{ID: model.NewId(), ToUserID: model.NewId(), ByUserID: "anna", At: 2, ExpiresAt: 1000}
					for _, fn := range []func(i *incident.Incident) (*incident.ChangeSet, error){
						func(i *incident.Incident) (*incident.ChangeSet, error) { return offer(i, h, false) },
						func(i *incident.Incident) (*incident.ChangeSet, error) { return withdraw(i, h.ID, "anna", false) },
					} {
						_, err = s.Incidents().Update(t.Context(), app.UpdateRequest{IncidentID: inc.ID, At: 2}, fn)
						require.NoError(t, err)
					}
					posts = append(posts, e.conn.AddPost(t, e.direct, "bot", 3, 0, `{"`+handoffProp+`":"`+h.ID+`"}`))
				}
				return inc.ID, posts
			}
			shown := func() (n int) {
				return testdb.Value[int](t, e.conn, "SELECT COUNT(*) FROM Posts WHERE ChannelId = ? AND DeleteAt = 0", e.direct)
			}
			gone, _ := handoffs(2)
			_, kept := handoffs(1)
			none, _ := handoffs(0)
			u := &roles{svc: e, host: e}
			for _, id := range []string{gone, none} {
				require.NoError(t, s.Erase(t.Context(), id, []string{}, func(capability.Transaction, incident.Incident) error { return nil }))
			}
			assert.Zero(t, testdb.Value[int](t, e.conn, "SELECT COUNT(*) FROM IR_Job WHERE IncidentID IN (?, ?)", gone, none), "the job names no incident")
			due, err := s.Jobs().Due(t.Context(), jobs.Query{Kind: jobEraseBriefs, Now: time.Now().UnixMilli() + 1000, Limit: 10})
			require.NoError(t, err)
			require.Len(t, due, 1)
			assert.Equal(t, 3, shown())
			for range 2 { // another attempt finds nothing left to do
				require.NoError(t, u.eraseBriefs(t.Context(), due[0]))
				assert.Equal(t, 1, shown())
			}
			assert.Equal(t, 1, testdb.Value[int](t, e.conn, "SELECT COUNT(*) FROM Posts WHERE Id = ? AND DeleteAt = 0", kept[0]))
		})
	}
}
