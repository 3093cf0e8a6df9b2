package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func (f *fakePlaybooks) Create(_ context.Context, p playbook.Playbook, _ int) error {
	f.rows[p.ID] = p
	return nil
}

func (f *fakePlaybooks) Update(_ context.Context, id string, fn func(p *playbook.Playbook) error) error {
	p, found := f.rows[id]
	if !found {
		return ErrPlaybookNotFound
	}
	if err := fn(&p); err != nil {
		return err
	}
	f.rows[id] = p
	return nil
}

// A start is added to before the channel is made, with what was asked for and the playbook.
func TestStarting_AddsToTheIncident(t *testing.T) {
	w := newServiceFixture(t)
	w.playbooks.rows["book"] = playbook.Playbook{ID: "book", TeamID: "team", MemberIDs: []string{"boris"},
		Checklists: []incident.Stage{{Title: "One", Tasks: []incident.Task{{Title: "t"}}}}, Own: incident.Own{"pager": json.RawMessage(`{"rota":7}`)}}
	starts, stored := 0, 0
	w.Extend(Extensions{Starting: []Starting{func(_ context.Context, s *Start) error {
		s.InTx(func(_ context.Context, _ Tx, c Change) error {
			assert.NotEmpty(t, c.After.ChannelID)
			stored++
			return nil
		})
		assert.Equal(t, starts, w.host.Did("CreateChannel"), "the channel is made later")
		assert.Equal(t, "boris", s.Request.RequesterID)
		var own struct{ Rota int }
		if s.Playbook != nil {
			_, err := s.Playbook.Own.Load("pager", &own)
			require.NoError(t, err)
			s.Incident.Checklists[0].Tasks[0].AssigneeID = "anna"
		}
		s.Incident.Own.Store("pager", map[string]interface{}{"rota": own.Rota, "asked": string(s.Options["pager"])})
		return nil
	}}})
	r := startRequest()
	r.PlaybookID, r.Options = "book", map[string]json.RawMessage{"pager": json.RawMessage(`"now"`)}
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"rota":7,"asked":"\"now\""}`, string(inc.Own["pager"]))
	assert.Equal(t, "anna", inc.Checklists[0].Tasks[0].AssigneeID)
	starts, r.PlaybookID, r.Options = 1, "", nil
	inc, err = w.Start(ctx, r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"rota":0,"asked":""}`, string(inc.Own["pager"]))
	assert.Equal(t, 2, stored, "each in the transaction of its own start")
}

// Of several wishes for the first status update the soonest counts. Test data that pretends to have started long ago asks for none.
func TestStarting_PlansTheFirstUpdate(t *testing.T) {
	w := newServiceFixture(t)
	w.Extend(Extensions{Starting: []Starting{func(_ context.Context, s *Start) error {
		s.PlanUpdate(900)
		s.PlanUpdate(60)
		s.PlanUpdate(1800)
		return nil
	}}})
	r := startRequest()
	inc, err := w.Start(ctx, r)
	require.NoError(t, err)
	assert.Equal(t, incident.Clock{NextUpdateAt: inc.CreateAt + 60_000}, inc.Clock())
	r.CreateAt = 1
	inc, err = w.Start(ctx, r)
	require.NoError(t, err)
	assert.EqualValues(t, 1, inc.CreateAt)
	assert.Empty(t, inc.Clock())
}

// A start that a capability refuses, or that stores too much, leaves nothing behind.
func TestStarting_Refuses(t *testing.T) {
	for what, starting := range map[string]Starting{
		"refused": func(context.Context, *Start) error { return incident.InvalidField("pager", "no") },
		"too long": func(_ context.Context, s *Start) error {
			s.Incident.Own.Store("pager", strings.Repeat("x", incident.MaxOwnBytes))
			return nil
		},
	} {
		w := newServiceFixture(t)
		w.Extend(Extensions{Starting: []Starting{starting}})
		_, err := w.Start(ctx, startRequest())
		assert.True(t, incident.IsKind(err, incident.Invalid), "%s: %v", what, err)
		assert.Zero(t, w.host.Did("CreateChannel"), what)
		assert.Empty(t, w.waiting(), what)
	}
}

// Each change is adjusted after it was made, and what is asked of the next update reaches the transaction. A change that is refused, or
// is none, is not.
func TestAdjust_OfEachChange(t *testing.T) {
	w := newServiceFixture(t)
	var heard []string
	w.Extend(Extensions{
		Adjust: []Adjust{func(before, inc *incident.Incident, now int64, set *incident.ChangeSet) {
			heard = append(heard, string(set.Payload.Type())+" "+before.CommanderUserID+" "+inc.CommanderUserID)
			inc.Own.Store("pager", inc.CommanderUserID)
			set.NextUpdate = &incident.NextUpdate{At: now + 5}
		}},
		InTx: []InTx{func(_ context.Context, _ Tx, c Change) error {
			assert.Equal(t, int64(2_000_005), c.NextUpdate.At)
			assert.Equal(t, `"boris"`, string(c.After.Own["pager"]))
			assert.Nil(t, c.Before.Own)
			return nil
		}},
	})
	require.NoError(t, w.SetCommander(ctx, "anna", "inc", "boris"))
	require.NoError(t, w.SetCommander(ctx, "anna", "inc", "boris"))
	require.Error(t, w.Restart(ctx, "anna", "inc"))
	assert.Equal(t, []string{"commander_changed anna boris"}, heard)
	assert.Equal(t, `"boris"`, string(w.incident().Own["pager"]))
}

// Fields of playbooks are validated by the capability that has them. Those that are not sent stay as they are.
func TestPlaybookFields(t *testing.T) {
	w := newServiceFixture(t)
	var checked []string
	w.Extend(Extensions{PlaybookFields: map[string]PlaybookField{"pager": func(_ context.Context, userID, teamID string, value json.RawMessage) (json.RawMessage, error) {
		checked = append(checked, userID+" "+teamID+" "+string(value))
		if string(value) == "1" {
			return nil, incident.InvalidField("pager", "no")
		}
		if string(value) == `"none"` {
			return json.RawMessage("null"), nil
		}
		return json.RawMessage(`{"clean":true}`), nil
	}}})
	own := func(value string) incident.Own {
		return incident.Own{"pager": json.RawMessage(value), "unknown": json.RawMessage("1")}
	}
	save := func(sent incident.Own) error {
		return w.UpdatePlaybook(ctx, "boris", "book", playbook.Playbook{Title: "Outage", MemberIDs: []string{"boris"}, Own: sent})
	}
	id, err := w.CreatePlaybook(ctx, "boris", playbook.Playbook{Title: "Outage", TeamID: "team", Own: own("{}")})
	require.NoError(t, err)
	clean := incident.Own{"pager": json.RawMessage(`{"clean":true}`)}
	assert.Equal(t, clean, w.playbooks.rows[id].Own)
	_, err = w.CreatePlaybook(ctx, "boris", playbook.Playbook{Title: "Outage", TeamID: "team", Own: own("1")})
	assert.True(t, incident.IsKind(err, incident.Invalid), "%v", err)

	w.playbooks.rows["book"] = playbook.Playbook{ID: "book", Title: "Outage", TeamID: "team", MemberIDs: []string{"boris"},
		Own: incident.Own{"pager": json.RawMessage(`{"clean":true}`), "gone": json.RawMessage("5")}}
	both := incident.Own{"pager": clean["pager"], "gone": json.RawMessage("5")}
	checked = nil
	require.NoError(t, save(nil))
	assert.Equal(t, both, w.playbooks.rows["book"].Own, "a client of version 1.2.0 sends none")
	require.NoError(t, save(own(` { "clean" : true } `)))
	assert.Equal(t, both, w.playbooks.rows["book"].Own)
	assert.Empty(t, checked, "what is stored is not checked again")
	require.NoError(t, save(own(`{"clean":false}`)))
	assert.Equal(t, both, w.playbooks.rows["book"].Own)
	assert.Equal(t, []string{`boris team {"clean":false}`}, checked)
	require.Error(t, save(own("1")))
	for _, none := range []string{"null", " null ", `"none"`} {
		w.playbooks.rows["book"] = playbook.Playbook{ID: "book", Title: "Outage", TeamID: "team", MemberIDs: []string{"boris"}, Own: both}
		require.NoError(t, save(own(none)))
		assert.Equal(t, incident.Own{"gone": json.RawMessage("5")}, w.playbooks.rows["book"].Own, none)
	}
}

// A client may write what is stored in another way. It is not validated again: somebody who is invited may be gone by now.
func TestPlaybookFields_WrittenInAnotherWay(t *testing.T) {
	stored := json.RawMessage(`{"user_ids":["a","b"],"group_ids":[],"name":"R&D é","seconds":1800}`)
	for sent, same := range map[string]bool{
		`{"group_ids": [], "seconds": 1800, "name": "R&D é", "user_ids": ["a", "b"]}`:              true,
		`{"user_ids":["a","b"],"group_ids":[],"name":"R\u0026D \u00e9","seconds":1800}`:            true,
		`{"user_ids":["b","a"],"group_ids":[],"name":"R&D é","seconds":1800}`:                      false,
		`{"user_ids":["a","b"],"group_ids":[],"name":"R&D é","seconds":18000000000000000000000.1}`: false,
		`{"user_ids":["a","b"],"name":"R&D é","seconds":1800}`:                                     false,
		`{"user_ids":["a"`: false,
		``:                 false,
	} {
		assert.Equal(t, same, sameJSON(json.RawMessage(sent), stored), sent)
	}
}

// What capabilities say of an incident is announced if they say so, and added to the post about the start. User text in facts is harmless.
func TestFacts(t *testing.T) {
	w := newServiceFixture(t)
	w.Extend(Extensions{
		Facts: []func(*incident.Incident, *i18n.Language) []Fact{func(inc *incident.Incident, _ *i18n.Language) []Fact {
			return []Fact{{Label: "Pager", Text: "@all **on**", Announce: true}, {Label: "Quiet", Text: inc.ID}}
		}},
		StartLines: []func(*incident.Incident, *i18n.Language) []string{func(*incident.Incident, *i18n.Language) []string { return []string{"**Pager** called."} }},
	})
	assert.Len(t, w.Facts(w.incident(), nil), 2)
	require.NoError(t, w.AnnounceInChannel(ctx, "anna", *w.incident(), "wide"))
	inc, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	said := map[string]string{}
	for _, p := range w.host.Posts {
		said[p.ChannelId] += p.Message
	}
	assert.Contains(t, said["wide"], "Its commander is @anna. Pager: ")
	assert.NotContains(t, said["wide"], "@all **on**")
	assert.NotContains(t, said["wide"], "Quiet")
	assert.Contains(t, said[inc.ChannelID], "Commander: @anna.\n**Pager** called.")
}
