package invitations

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func TestClean(t *testing.T) {
	w := newWorld()
	anna, boris, robot := model.NewId(), model.NewId(), model.NewId()
	w.found.users = []person{{ID: anna}, {ID: boris}, {ID: robot, Bot: true}}
	clean := func(value string) (string, error) {
		stored, err := w.u.cleanPlaybook(t.Context(), "u", "team", json.RawMessage(value))
		return string(stored), err
	}
	for sent, want := range map[string]string{
		`{}`: "", `{"user_ids":[],"group_ids":null}`: "",
		`{"user_ids":["` + boris + `","` + anna + `"]}`: `{"user_ids":["` + boris + `","` + anna + `"],"group_ids":[]}`,
	} {
		stored, err := clean(sent)
		require.NoError(t, err, sent)
		assert.Equal(t, want, stored)
	}
	ids := func(n int) string {
		all := make([]string, n)
		for k := range all {
			all[k] = model.NewId()
		}
		text, err := json.Marshal(all)
		require.NoError(t, err)
		return string(text)
	}
	for name, x := range map[string]struct{ sent, field, says string }{
		"no object":       {`[]`, "invitations", "object"},
		"no list":         {`{"user_ids":"anna"}`, "invitations", "object"},
		"too many":        {`{"user_ids":` + ids(MaxUsers+1) + `}`, "invitations.user_ids", "100"},
		"too many groups": {`{"group_ids":` + ids(MaxGroups+1) + `}`, "invitations.group_ids", "20"},
		"no id":           {`{"user_ids":["anna"]}`, "invitations.user_ids", "anna"},
		"twice":           {`{"user_ids":["` + anna + `","` + anna + `"]}`, "invitations.user_ids", anna},
		"nobody":          {`{"user_ids":` + ids(1) + `}`, "invitations.user_ids", "no user"},
		"a bot":           {`{"user_ids":["` + robot + `"]}`, "invitations.user_ids", "bot"},
		"no group":        {`{"group_ids":` + ids(1) + `}`, "invitations.group_ids", "no group"},
	} {
		_, err := clean(x.sent)
		e, ok := incident.AsError(err)
		if assert.True(t, ok, name) {
			assert.Equal(t, incident.Invalid, e.Kind, name)
			assert.Equal(t, x.field, e.Field, name)
			assert.Contains(t, e.Error(), x.says, name)
		}
	}
}

// The job is stored only for a playbook that invites somebody, and a playbook that cannot be read does not stop the start.
func TestStarting(t *testing.T) {
	w := newWorld()
	for stored, wanted := range map[string]bool{"": false, `{"user_ids":[],"group_ids":[]}`: false, `"damaged"`: false, `{"user_ids":["anna"],"group_ids":[]}`: true} {
		p := &playbook.Playbook{}
		if stored != "" {
			p.Own = incident.Own{Key: json.RawMessage(stored)}
		}
		s := &app.Start{Request: &app.StartRequest{RequesterID: "starter"}, Playbook: p, Incident: &incident.Incident{}}
		before := *s
		require.NoError(t, w.u.starting(t.Context(), s))
		assert.Equal(t, wanted, !assert.ObjectsAreEqual(&before, s), stored)
	}
	require.NoError(t, w.u.starting(t.Context(), &app.Start{Request: &app.StartRequest{}, Incident: &incident.Incident{}}))
}

func TestInvite_SaysNothingIfAllWereAdded(t *testing.T) {
	w := newWorld()
	w.found = invited{users: append(members("anna", "boris"), person{ID: "robot", Bot: true}, person{ID: "left", InTeam: true, Here: true}), members: members("clara")}
	require.NoError(t, w.attempt(t, 1, false))
	assert.Equal(t, []string{"anna", "boris", "clara"}, w.added)
	assert.Empty(t, w.Posts)
}

// Who could not be added is named once, with the reason, and without a mention.
func TestInvite_NamesWhoIsMissing(t *testing.T) {
	w := newWorld()
	w.Fails["AddToChannel refused"] = refusal
	w.found = invited{
		users: append(members("anna", "refused"), person{ID: "away", Username: "away"}, person{ID: "former", Username: "former", InTeam: true, Inactive: true}),
		groups: []group{{ID: "g1", DisplayName: "On *call*", Mentionable: true, Deleted: true}, {ID: "g2", DisplayName: "Secret"},
			{ID: "g3", DisplayName: "Fine", Mentionable: true}},
		more: 37, outside: 2,
	}
	o := order{StarterID: "starter", Invitations: Invitations{UserIDs: []string{"anna", "refused", "away", "former", "erased"}, GroupIDs: []string{"g1", "g2", "g3", "g4"}}}
	for range 2 {
		require.NoError(t, w.attemptOf(t, 2, o))
	}
	assert.Equal(t, []string{"anna"}, w.added)
	assert.Equal(t, strings.Join([]string{
		"**Not everybody whom the playbook invites was added to this channel.**",
		"- More than 1000 people are invited. Left out: 37 people",
		"- Not in this team: 3 people",
		"- Deactivated: `former`",
		"- Refused by Mattermost: `refused`",
		"- Without an account: one person",
		"- Groups that were deleted, or that may not be mentioned: `On *call*` and 2 others",
	}, "\n"), w.said(t))

	// Where everybody may see everybody, those outside of the team are named, too.
	clear(w.Posts)
	w.sees = []string{"starter"}
	require.NoError(t, w.attemptOf(t, 2, o))
	assert.Contains(t, w.said(t), "- Not in this team: `away` and 2 others\n")
}

func TestInvite_NamesTwentyAndCountsTheOthers(t *testing.T) {
	w := newWorld()
	w.allowed = false
	w.found = invited{members: many(57), users: []person{{ID: "former", Username: "former", InTeam: true, Inactive: true}}}
	require.NoError(t, w.attempt(t, 1, false))
	said := w.said(t)
	assert.Empty(t, w.added, "the starter may not")
	assert.Contains(t, said, "- name-of-starter, who started the incident, may not add people: `p0000`, ")
	assert.Contains(t, said, "`p0019` and 37 others\n- Deactivated: one person")
	w = newWorld()
	for n := range MaxGroups {
		w.found.groups = append(w.found.groups, group{ID: fmt.Sprint(n), DisplayName: strings.Repeat("界", 128), Mentionable: true, Deleted: true})
	}
	w.found.users = many(MaxUsers)
	w.allowed = false
	require.NoError(t, w.attempt(t, 1, false))
	assert.LessOrEqual(t, len([]rune(w.said(t))), model.POST_MESSAGE_MAX_RUNES_V1)
}

// Who started the incident may lose the right while people are being added.
func TestInvite_StopsWhenTheStarterMayNoLonger(t *testing.T) {
	w := newWorld()
	w.found.users = members("anna", "boris", "clara")
	w.onAdd = func(string) { w.allowed = false }
	require.NoError(t, w.attempt(t, 1, false))
	assert.Equal(t, []string{"anna"}, w.added)
	assert.Contains(t, w.said(t), "- name-of-starter, who started the incident, may not add people: `boris`, `clara`")
}

func TestInvite_AddsNobodyToAnExistingChannel(t *testing.T) {
	w := newWorld()
	w.found = invited{users: append(members("anna", "boris"), person{ID: "here", Username: "here", InTeam: true, Here: true}, person{ID: "away", Username: "away"}), members: members("clara"), more: 3, outside: 9}
	require.NoError(t, w.attempt(t, 1, true))
	assert.Empty(t, w.added)
	said := w.said(t)
	assert.Contains(t, said, "Nobody was added to this channel")
	assert.Contains(t, said, "`anna`, `boris`, `clara` and 3 others.")
	w = newWorld()
	w.found.users = []person{{ID: "here", InTeam: true, Here: true}}
	require.NoError(t, w.attempt(t, 1, true))
	assert.Empty(t, w.Posts)
}

// Nobody is added to the channel of an incident that has ended, whose channel was archived or deleted, or that is gone, in the middle either.
func TestInvite_StopsWhenTheIncidentIsOver(t *testing.T) {
	for name, over := range map[string]func(w *world){
		"ended":    func(w *world) { w.header.IsActive = false },
		"archived": func(w *world) { w.header.Archived = true },
		"deleted":  func(w *world) { w.header.ChannelTeamID = "" },
		"erased":   func(w *world) { w.Fails["Header"] = incident.ErrNotFound },
	} {
		for _, existing := range []bool{false, true} {
			w := newWorld()
			w.found.users = members("anna", "boris")
			over(w)
			require.NoError(t, w.attempt(t, 1, existing), name)
			assert.Empty(t, w.added, name)
			assert.Empty(t, w.Posts, name)
		}
		w := newWorld()
		w.found.users = members("anna", "boris", "clara")
		w.onAdd = func(userID string) {
			if userID == "boris" {
				over(w)
			}
		}
		require.NoError(t, w.attempt(t, 1, false), name)
		assert.Equal(t, []string{"anna", "boris"}, w.added, name)
		assert.Empty(t, w.Posts, name)
	}
}

// An attempt takes no longer than its budget. The next one goes on, on any node, and the channel is told at the end.
func TestInvite_GoesOn(t *testing.T) {
	w := newWorld()
	w.took = time.Second
	w.found.members = many(100)
	w.found.more = 1
	attempts := 0
	for {
		attempts++
		began := w.at
		err := w.attempt(t, attempts, false)
		assert.LessOrEqual(t, w.at.Sub(began), budget+2*w.took)
		if err == nil {
			break
		}
		_, later := jobs.IsLater(err)
		require.True(t, later, "%v", err)
		require.Empty(t, w.Posts)
		require.Less(t, attempts, 10)
	}
	assert.Equal(t, 3, attempts)
	assert.Len(t, w.added, 100)
	assert.Contains(t, w.said(t), "Left out: one person")
}

// Failures of Mattermost are tried again, those of one person do not keep out the others, and there is an end.
func TestInvite_TriesFailuresAgain(t *testing.T) {
	w := newWorld()
	w.found.users = members("anna", "boris", "clara")
	w.Fails["AddToChannel boris"] = errAway
	require.ErrorIs(t, w.attempt(t, 1, false), errAway)
	assert.Equal(t, []string{"anna", "clara"}, w.added)
	assert.Empty(t, w.Posts)
	delete(w.Fails, "AddToChannel boris")
	require.NoError(t, w.attempt(t, 2, false))
	assert.Equal(t, []string{"anna", "clara", "boris"}, w.added)

	w = newWorld()
	w.found.members = many(50)
	w.Fails["AddToChannel"] = errAway
	require.ErrorIs(t, w.attempt(t, 1, false), errAway)
	assert.Equal(t, maxFailures, w.Did("AddToChannel"), "while Mattermost is away")
	require.NoError(t, w.attempt(t, maxAttempts, false))
	assert.Contains(t, w.said(t), "- Not added, because Mattermost failed: `p0000`")
	assert.Contains(t, w.said(t), "and 30 others")

	w = newWorld()
	w.found.members, w.took = many(100), time.Second
	require.NoError(t, w.attempt(t, maxAttempts, false))
	assert.Contains(t, w.said(t), "Mattermost failed")
	for _, method := range []string{"Header", "MayAddNow", "invited", "CreatePost"} {
		w = newWorld()
		w.found = invited{users: members("anna"), more: 1}
		w.Fails[method] = errAway
		require.ErrorIs(t, w.attempt(t, 1, false), errAway, method)
		delete(w.Fails, method)
		require.NoError(t, w.attempt(t, 2, false), method)
		assert.NotEmpty(t, w.said(t), method)
	}
	assert.True(t, jobs.IsPermanent(w.u.invite(t.Context(), jobs.Job{Payload: json.RawMessage(`[`)})))
}
