//go:build store

package followups

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

const rootID = "root5678901234567890123456"

var checker = sync.OnceValues(func() (*apitest.Checker, error) { return apitest.Load("api.yaml") })

// call sends a request of a user, and compares its status, and the whole answer with api.yaml.
func (x *fixture) call(status int, user, method, path, body string, headers ...string) []byte {
	x.t.Helper()
	r := httptest.NewRequest(method, "/api/v0"+path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", user)
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	api.New(nil, &hosttest.Log{}, api.WithRoutes(x.routes()...)).ServeHTTP(w, r)
	require.Equal(x.t, status, w.Code, "%s %s: %s", method, path, w.Body)
	c, err := checker()
	require.NoError(x.t, err)
	require.NoError(x.t, c.Check(method, "/api/v0"+path, w.Code, w.Header(), w.Body.Bytes()))
	return w.Body.Bytes()
}

// The routes answer as api.yaml says, and refuse what they do not take.
func TestRoutes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "O", model.NewId(), x.anna, x.boris)
		of := "/incidents/" + inc.ID + "/followups"
		var made, again Shown
		require.NoError(t, json.Unmarshal(x.call(201, x.anna, "POST", of, `{"title":"Watch","owner_id":"`+x.carla+`","due_at":5,"link":"https://example.com/1"}`, "Idempotency-Key", "k"), &made))
		require.NoError(t, json.Unmarshal(x.call(201, x.anna, "POST", of, `{"title":"Watch"}`, "Idempotency-Key", "k"), &again))
		assert.Equal(t, made, again)
		assert.Equal(t, FromREST, made.Source)
		one := "/followups/" + made.ID
		for body, field := range map[string]string{
			`{}`: "title", `{"title":" "}`: "title", `{"title":7}`: "title", `{"title":"x","due_at":-1}`: "due_at", `{"title":"x","due_at":"soon"}`: "due_at",
			`{"title":"x","link":"javascript:x"}`: "link", `{"title":"x","owner_id":"nobody"}`: "owner", `{"title":"x","post_id":"x"}`: "post_id",
			`{"title":"x","source":"task"}`: "source", `{"title":"x","source":"message"}`: "post_id", `[]`: "object", `{`: "JSON", ``: "empty",
			`{"title":"x","owner_id":"` + x.guest + `"}`: "owner", `{"title":"` + strings.Repeat("x", MaxTitle+1) + `"}`: "title",
		} {
			assert.Contains(t, string(x.call(400, x.anna, "POST", of, body)), field, body)
			x.call(403, x.carla, "POST", of, body) // who may not add learns nothing
		}
		x.call(400, x.anna, "POST", of, `{"title":"x"}`, "Idempotency-Key", "not visible")
		x.call(413, x.anna, "POST", of, `{"title":"`+strings.Repeat("x", 1<<20)+`"}`)
		x.call(403, x.anna, "POST", "/incidents/"+model.NewId()+"/followups", `{"title":"x"}`)
		x.call(404, x.admin, "POST", "/incidents/"+model.NewId()+"/followups", `{"title":"x"}`)

		for _, query := range []string{"state=closed", "mine=yes", "overdue=1", "sort=owner", "direction=up", "page=-1", "per_page=201", "team_id=x", "playbook_id=%00", "incident_id=%27"} {
			x.call(400, x.anna, "GET", "/followups?"+query, "")
		}
		var page Page
		require.NoError(t, json.Unmarshal(x.call(200, x.carla, "GET", "/followups?mine=true&overdue=TRUE&state=open", ""), &page))
		assert.Len(t, page.Items, 1)
		require.NoError(t, json.Unmarshal(x.call(200, x.anna, "GET", of+"?similar=true", ""), &page))
		assert.NotNil(t, page.SimilarOpen)
		x.call(403, x.guest, "GET", of, "")
		x.call(403, x.guest, "GET", one, "")
		assert.Equal(t, string(x.call(403, x.anna, "GET", "/followups/"+model.NewId(), "")), string(x.call(403, x.guest, "GET", one, "")))
		x.call(404, x.admin, "GET", "/followups/"+model.NewId(), "")

		// The owner may change it without being in the channel, and nobody else of the team.
		x.call(200, x.carla, "PATCH", one, `{"state":"done","revision":1}`)
		x.sql("INSERT INTO Users (Id, Username, Email, Roles, NotifyProps, Timezone, Props, DeleteAt) VALUES ('dora5678901234567890123456', 'dora-f', 'dora@example.com', 'system_user', '{}', '{}', '{}', 0)")
		x.sql("INSERT INTO TeamMembers (TeamId, UserId, DeleteAt, SchemeUser, SchemeGuest) VALUES (?, 'dora5678901234567890123456', 0, true, false)", x.team)
		x.call(200, "dora5678901234567890123456", "GET", one, "")
		x.call(403, "dora5678901234567890123456", "PATCH", one, `{"state":7}`)
		x.call(400, x.anna, "PATCH", one, `{"state":"dropped"}`)
		x.call(400, x.anna, "PATCH", one, `{"state":7}`)
		var conflict conflictBody
		require.NoError(t, json.Unmarshal(x.call(409, x.anna, "PATCH", one, `{"title":"Renamed","revision":1}`), &conflict))
		assert.Equal(t, []string{"Watch", "Renamed"}, []string{conflict.Current.Title, conflict.Sent.Title})
		var detail Detail
		require.NoError(t, json.Unmarshal(x.call(200, x.boris, "GET", one, ""), &detail))
		assert.Len(t, detail.History, 2)
		x.sql("UPDATE IR_FollowUp SET Revision = 500 WHERE ID = ?", made.ID)
		require.NoError(t, json.Unmarshal(x.call(200, x.boris, "GET", one, ""), &detail))
		assert.EqualValues(t, 498, detail.HistoryOmitted)

		x.call(400, x.anna, "POST", of+"/carry_over", `{"task_ids":["x"]}`)
		x.call(400, x.anna, "POST", of+"/carry_over", `{"task_ids":"x"}`)
		x.call(200, x.anna, "POST", of+"/carry_over", `{"task_ids":[]}`)
		x.call(200, x.anna, "POST", of+"/carry_over", `{}`)
		assert.JSONEq(t, `{"items":[]}`, string(x.call(200, x.anna, "POST", of+"/carry_over", `{}`)), "all were carried over before")
		part, err := x.section(t.Context(), x.anna, &inc)
		require.NoError(t, err)
		require.Len(t, part.Lines, 3)
		assert.Equal(t, "#1 Watch — @carla-f, done https://example.com/1", part.Lines[0])
		rows := 0
		for row, err := range part.Table.Rows(t.Context()) {
			require.NoError(t, err)
			require.Len(t, row, len(part.Table.Columns))
			if rows++; rows == 1 {
				assert.Equal(t, []string{"1", "Watch", "done", "", x.carla, "carla-f", "1970-01-01T00:00:00Z", "https://example.com/1"}, row[:8])
			}
		}
		assert.Equal(t, 3, rows)
	})
}

// What is typed answers with what to do.
func TestCommands(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "P", "", x.anna, x.boris)
		x.fakeHost.rooms = map[string]string{rootID: inc.ChannelID}
		say := func(user, text string) (said string) {
			t.Helper()
			words := strings.Fields(text)
			args := &model.CommandArgs{UserId: user, ChannelId: inc.ChannelID, TeamId: x.team}
			if words[0] == "in-thread" {
				args.RootId, words = rootID, words[1:]
			}
			for _, c := range x.commands() {
				if c.Name == words[0] {
					err := c.Run(t.Context(), &capability.Call{CommandArgs: args, Words: words[1:], Say: func(text string) { said = text }, Help: func(string) {},
						Incident: func(context.Context) (incident.Incident, error) {
							return x.svc.(interface {
								IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error)
							}).IncidentByChannel(t.Context(), user, inc.ChannelID)
						}})
					if err != nil {
						_, expected := incident.AsError(err)
						require.True(t, expected, "%s: %v", text, err)
						return err.Error()
					}
				}
			}
			return said
		}
		for _, x := range []struct{ user, typed, want string }{
			{x.anna, "followup list", "This incident has no follow-ups. Add one with `/incident followup add"},
			{x.anna, "followups", "You have no open follow-ups."},
			{x.anna, "followup", "Say what to do: `/incident followup add"},
			{x.anna, "followup add", "Say what is to be done: `/incident followup add"},
			{x.anna, "followup add Watch @nobody-f", "The owner must be an active person who can read this incident."},
			{x.anna, "followup add Watch @carla-f", "The owner must be an active person who can read this incident. Add them to its channel first"},
			{x.anna, "followup add Watch due 2020-01-01", "The due date 2020-01-01 has passed."},
			{x.anna, "followup add " + strings.Repeat("x", 300), "The title is too long: 300 characters, at most 256 are allowed."},
			{x.anna, "followup add Watch *it* @Boris-F due in 2d", "Added the follow-up **#1** Watch it — @boris-f, due 2026-12-02 07:00."},
			{x.anna, "in-thread followup add Second due tomorrow", "Added the follow-up **#2** Second, due 2026-12-01."},
			{x.boris, "followups", "Your open follow-ups (1, 0 overdue):\n\n* [Outage](http://example.com/team-f/channels/" + inc.ID + "): **#1** Watch it, due 2026-12-02 07:00 `"},
			{x.boris, "followup done", "Say which follow-up: `/incident followup done <number or id>`."},
			{x.boris, "followup done first", "first is not the number of a follow-up."},
			{x.boris, "followup done 7", "This incident has no follow-up #7."},
			{x.boris, "followup done 1 2", "Name one follow-up"},
			{x.boris, "followup done #1", "The follow-up **#1** Watch it is done."},
			{x.boris, "followup drop 2", "Say why: `/incident followup drop <number or id> <reason>`."},
			{x.boris, "followup drop 2 not needed", "The follow-up **#2** Second was dropped."},
			{x.boris, "followup list", "Follow-ups of this incident (0 open, 1 done, 1 dropped):\n\n* **#2** Second, dropped: not needed\n* **#1** Watch it — @boris-f, done"},
			{x.carla, "followup list", "This incident does not exist."},
		} {
			assert.Contains(t, say(x.user, x.typed), x.want, x.typed)
		}
		assert.Equal(t, rootID, testdb.Value[string](t, x.db, "SELECT PostID FROM IR_FollowUp WHERE Number = 2"))
	})
}
