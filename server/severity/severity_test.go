package severity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// english is a Service of which only the language is asked.
type english struct{ Service }

func (english) Language(string) *i18n.Language { return nil }

var three = []Level{
	{Key: "SEV1", Name: "Critical", Description: "Customers cannot work.", Color: "red", UpdateSeconds: 1800},
	{Key: "SEV2", Name: "High", Color: "orange", UpdateSeconds: 3600},
	{Key: "SEV3", Name: "Low", Color: "blue"},
}

func template(t *testing.T, standard string) incident.Own {
	t.Helper()
	var own incident.Own
	own.Store(key, Template{Levels: three, Default: standard})
	return own
}

func clean(t *testing.T, sent string) (string, error) {
	t.Helper()
	got, err := cleanTemplate(context.Background(), "", "", json.RawMessage(sent))
	return string(got), err
}

func TestTemplate_IsCleaned(t *testing.T) {
	got, err := clean(t, `{"levels":[{"key":"Sev-1","name":" Critical ","other":1},{"key":"b_2","name":"é","description":" d ","color":"red","update_seconds":60}],"default":"sev-1","x":1}`)
	require.NoError(t, err)
	require.JSONEq(t, `{"levels":[{"key":"Sev-1","name":"Critical","description":"","color":"grey","update_seconds":0},
		{"key":"b_2","name":"é","description":"d","color":"red","update_seconds":60}],"default":"Sev-1"}`, got)
	for _, none := range []string{`{}`, `{"levels":[]}`, `{"levels":null,"default":""}`} {
		got, err = clean(t, none)
		require.NoError(t, err)
		require.Equal(t, "null", got)
	}
}

func TestTemplate_IsRefused(t *testing.T) {
	level := func(change string) string {
		return `{"levels":[{"key":"a","name":"A"},{"key":"b","name":"B",` + change + `}]}`
	}
	for sent, field := range map[string]string{
		`[]`: "severity", `"x"`: "severity", `{"levels":{}}`: "severity.levels", `{"levels":[1]}`: "severity.levels", `{"default":1}`: "severity.default",
		`{"levels":[` + strings.TrimSuffix(strings.Repeat(`{"key":"a","name":"A"},`, 7), ",") + `]}`: "severity.levels",
		level(`"key":"A"`): "severity.levels.key", level(`"key":""`): "severity.levels.key", level(`"key":"none"`): "severity.levels.key",
		level(`"key":"NONE"`): "severity.levels.key", level(`"key":"a b"`): "severity.levels.key", level(`"key":"ä"`): "severity.levels.key",
		level(`"key":"` + strings.Repeat("x", 17) + `"`): "severity.levels.key", level(`"key":"b\n"`): "severity.levels.key",
		level(`"name":" "`): "severity.levels.name", level(`"name":"\u200b\u2060"`): "severity.levels.name", level(`"name":"` + strings.Repeat("é", 65) + `"`): "severity.levels.name",
		level(`"name":"a\nb"`): "severity.levels.name", level(`"name":"a\u0000b"`): "severity.levels.name", level(`"name":"a\u2028b"`): "severity.levels.name",
		level(`"description":"` + strings.Repeat("é", 257) + `"`): "severity.levels.description", level(`"description":"a\rb"`): "severity.levels.description",
		level(`"color":"Red"`): "severity.levels.color", level(`"color":"#ff0000"`): "severity.levels.color",
		level(`"update_seconds":59`): "severity.levels.update_seconds", level(`"update_seconds":-60`): "severity.levels.update_seconds",
		level(`"update_seconds":2592001`): "severity.levels.update_seconds", level(`"update_seconds":1.5`): "severity.levels.update_seconds",
		`{"levels":[{"key":"a","name":"A"}],"default":"b"}`: "severity.default", `{"levels":[],"default":"b"}`: "severity.default",
	} {
		_, err := clean(t, sent)
		e, ok := incident.AsError(err)
		require.True(t, ok, "%s: %v", sent, err)
		require.Equal(t, incident.Invalid, e.Kind, sent)
		require.Equal(t, field, e.Field, sent)
	}
}

// What was cleaned is clean, and fits with six of the longest levels.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{`{"levels":[{"key":"a","name":"A","color":"red","update_seconds":60}],"default":"A"}`, `null`, `{"levels":[{"key":"none"}]}`, `{"levels":[{}]}`, "\xff", `{"levels":[{"key":"a","name":"\ud800"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		once, err := cleanTemplate(context.Background(), "", "", sent)
		if err != nil {
			if _, forUsers := incident.AsError(err); !forUsers {
				t.Fatal(err)
			}
			return
		}
		twice, err := cleanTemplate(context.Background(), "", "", once)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%s became %s, %v", once, twice, err)
		}
		if len(once) > 16<<10 {
			t.Fatalf("%d bytes", len(once))
		}
	})
}

// An incident takes the levels, and the level that was asked for, else the default.
func TestStarting(t *testing.T) {
	s := &severity{log: &hosttest.Log{}}
	for _, x := range []struct {
		standard, asked, want string
		refused               bool
	}{
		{"", ``, "", false}, {"", `""`, "", false}, {"", `null`, "", false}, {"SEV3", ``, "SEV3", false}, {"SEV3", `"."`, "SEV3", false},
		{"SEV3", `"sev1"`, "SEV1", false}, {"", `"SEV2"`, "SEV2", false},
		{"", `"SEV9"`, "", true}, {"", `5`, "", true}, {"", `{}`, "", true}, {"", `"` + strings.Repeat("x", 65) + `"`, "", true},
	} {
		inc := incident.Incident{PreviousReminder: 7}
		start := &app.Start{Playbook: &playbook.Playbook{Own: template(t, x.standard)}, Incident: &inc, Options: map[string]json.RawMessage{}}
		if x.asked != "" {
			start.Options[key] = json.RawMessage(x.asked)
		}
		err := s.starting(context.Background(), start)
		if x.refused {
			e, ok := incident.AsError(err)
			require.True(t, ok, "%+v: %v", x, err)
			require.Equal(t, key, e.Field)
			continue
		}
		require.NoError(t, err, "%+v", x)
		require.Equal(t, &State{Key: x.want, Levels: three}, stateOf(&inc), "%+v", x)
		if x.want == "SEV1" {
			require.EqualValues(t, 1800e9, inc.PreviousReminder)
		} else if x.want != "SEV2" {
			require.EqualValues(t, 7, inc.PreviousReminder)
		}
	}
}

// A level with an interval plans the first status update from the start, or sooner if the playbook has a shorter reminder.
func TestStarting_PlansTheFirstUpdate(t *testing.T) {
	s := &severity{log: &hosttest.Log{}}
	for _, x := range []struct {
		level             string
		own, due, offered int64 // seconds
	}{{"SEV1", 0, 1800, 1800}, {"SEV1", 900, 900, 1800}, {"SEV1", 7200, 1800, 1800}, {"SEV2", 0, 3600, 3600}, {"SEV3", 0, 0, 0}, {"SEV3", 900, 0, 900}, {"", 900, 0, 900}} {
		inc := incident.Incident{CreateAt: 1_000_000, PreviousReminder: x.own * 1e9}
		start := &app.Start{Playbook: &playbook.Playbook{Own: template(t, x.level), ReminderTimerDefaultSeconds: x.own}, Incident: &inc}
		require.NoError(t, s.starting(context.Background(), start), "%+v", x)
		want := incident.Clock{}
		if x.due != 0 {
			want.NextUpdateAt = inc.CreateAt + x.due*1000
		}
		require.Equal(t, want, inc.Clock(), "%+v", x)
		require.Equal(t, x.offered*1e9, inc.PreviousReminder, "%+v", x)
	}
}

func TestStarting_WithoutLevels(t *testing.T) {
	log := &hosttest.Log{}
	s := &severity{log: log}
	for what, book := range map[string]*playbook.Playbook{"no playbook": nil, "no levels": {}, "damaged": {Own: incident.Own{key: json.RawMessage(`[]`)}}} {
		inc := incident.Incident{}
		require.NoError(t, s.starting(context.Background(), &app.Start{Playbook: book, Incident: &inc}), what)
		require.Nil(t, inc.Own, what)
		err := s.starting(context.Background(), &app.Start{Playbook: book, Incident: &inc, Options: map[string]json.RawMessage{key: json.RawMessage(`"SEV1"`)}})
		require.True(t, incident.IsKind(err, incident.Invalid), "%s: %v", what, err)
		require.NoError(t, s.starting(context.Background(), &app.Start{Playbook: book, Incident: &inc, Options: map[string]json.RawMessage{key: json.RawMessage(`"."`)}}))
	}
	require.Len(t, log.Lines, 3)
}

func with(t *testing.T, levelKey string) *incident.Incident {
	t.Helper()
	inc := &incident.Incident{ID: "inc", IsActive: true, PreviousReminder: 7}
	inc.Own.Store(key, State{Key: levelKey, Levels: three})
	return inc
}

// Each pair of levels: what is raised plans the next update, what is lowered only if asked to.
func TestChange(t *testing.T) {
	const now = 1_000_000
	for _, x := range []struct {
		from, to           string
		reschedule, raised bool
		next               *incident.NextUpdate
		previous           int64
	}{
		{"", "SEV1", false, true, &incident.NextUpdate{NoLaterThan: now + 1800_000}, 1800e9},
		{"", "SEV3", true, true, nil, 7},
		{"SEV2", "SEV1", false, true, &incident.NextUpdate{NoLaterThan: now + 1800_000}, 1800e9},
		{"SEV2", "sev1", true, true, &incident.NextUpdate{NoLaterThan: now + 1800_000}, 1800e9},
		{"SEV1", "SEV2", false, false, nil, 3600e9},
		{"SEV1", "SEV2", true, false, &incident.NextUpdate{At: now + 3600_000}, 3600e9},
		{"SEV1", "SEV3", true, false, nil, 7},
	} {
		inc := with(t, x.from)
		set, err := change(inc, x.to, "why", x.reschedule, now)
		require.NoError(t, err)
		payload := set.Payload.(Changed)
		require.Equal(t, x.raised, payload.Raised, "%+v", x)
		require.Equal(t, x.from, payload.Before.Key)
		require.Equal(t, strings.ToUpper(x.to), stateOf(inc).Key)
		require.Equal(t, x.next, set.NextUpdate, "%+v", x)
		require.Equal(t, x.previous, inc.PreviousReminder, "%+v", x)
		set, err = change(inc, x.to, "again", true, now)
		require.NoError(t, err)
		require.Nil(t, set, "the same level is no change")
	}
	for _, wanted := range []string{"", "SEV9", "none"} {
		_, err := change(with(t, "SEV1"), wanted, "", false, now)
		require.True(t, incident.IsKind(err, incident.Invalid))
	}
	for reason, kept := range map[string]string{"why": "why", "\u200b": "", "\u3164\n": "", "\u2800": ""} {
		set, err := change(with(t, "SEV2"), "SEV1", reason, false, now)
		require.NoError(t, err)
		require.Equal(t, kept, set.Payload.(Changed).Reason, "%q", reason)
	}
	ended := with(t, "SEV3")
	ended.IsActive = false
	set, err := change(ended, "SEV1", "", true, now)
	require.NoError(t, err)
	require.Nil(t, set.NextUpdate, "an ended incident has no updates")
	for _, own := range []incident.Own{nil, {key: json.RawMessage(`5`)}, {key: json.RawMessage(`{"levels":[]}`)}} {
		_, err = change(&incident.Incident{Own: own}, "SEV1", "", false, now)
		require.ErrorIs(t, err, errNoLevels)
	}
}

// An event is read as it was stored, and told in posts and timelines without mentions in what users have written.
func TestEvent(t *testing.T) {
	for _, x := range []struct {
		payload        Changed
		post, sentence string
	}{
		{Changed{After: Ref{"SEV2", "High"}, Raised: true}, "anna set the severity to **SEV2 · High**.", "anna set the severity to SEV2 · High."},
		{Changed{Before: Ref{"SEV2", "High"}, After: Ref{"SEV1", "Critical"}, Raised: true, Reason: "all @channel\nfail"},
			"anna raised the severity from **SEV2 · High** to **SEV1 · Critical**.\n> all @\u200bchannel\n> fail", "anna raised the severity from SEV2 · High to SEV1 · Critical. Reason: all @channel fail"},
		{Changed{Before: Ref{"a", "A"}, After: Ref{"b", "*@all*"}}, "anna lowered the severity from **a** to **b · \\*@\u200ball\\***.", "anna lowered the severity from a to b · *@all*."},
	} {
		before, after := incident.EncodePayload(x.payload)
		incident.RegisterEvent(EventChanged, decode)
		require.Equal(t, x.payload, incident.DecodePayload(EventChanged, before, after))
		e := &incident.Event{ActorID: "u", Payload: x.payload}
		require.Equal(t, x.post, post(nil, e, func(string) string { return "anna" }))
		require.Equal(t, x.sentence, sentence(e, "anna", text.Voice{Escape: func(s string) string { return s }}))
	}
}

// The payload tells of the next status update if that was moved, also from or to never.
func TestEvent_TellsOfTheNextUpdate(t *testing.T) {
	incident.RegisterEvent(EventChanged, decode)
	plain := Changed{Before: Ref{"a", "A"}, After: Ref{"b", "B"}}
	_, after := incident.EncodePayload(plain)
	require.NotContains(t, string(after), "next_update_at")
	moved := plain.WithNextUpdate(0, 5)
	require.Nil(t, plain.NextUpdate)
	before, after := incident.EncodePayload(moved)
	require.JSONEq(t, `{"severity":{"key":"a","name":"A"},"next_update_at":0}`, string(before))
	require.JSONEq(t, `{"severity":{"key":"b","name":"B"},"next_update_at":5}`, string(after))
	require.Equal(t, moved, incident.DecodePayload(EventChanged, before, after))
}

func TestRow(t *testing.T) {
	require.JSONEq(t, `{"key":"SEV2","name":"High","color":"orange"}`, string(row(with(t, "SEV2").Own[key])))
	require.Nil(t, row(with(t, "").Own[key]))
	require.Nil(t, row(json.RawMessage(`5`)))
}

func TestFacts(t *testing.T) {
	require.Equal(t, []app.Fact{{Label: "Severity", Text: "SEV2 · High", Announce: true}}, facts(with(t, "SEV2"), nil))
	require.Nil(t, facts(with(t, ""), nil))
	require.Nil(t, facts(&incident.Incident{}, nil))
	require.Equal(t, []string{"Severity: **SEV1 · Critical**"}, startLines(with(t, "SEV1"), nil))
	require.Nil(t, startLines(&incident.Incident{}, nil))
}

// The start dialog has a choice only if a playbook on offer has levels.
func TestStartFields(t *testing.T) {
	s := &severity{core: english{}}
	require.Nil(t, s.startFields(context.Background(), "u", []playbook.Playbook{{}, {Own: incident.Own{key: json.RawMessage(`5`)}}}))
	var other incident.Own
	other.Store(key, Template{Levels: []Level{{Key: "P1", Name: "P1"}, {Key: "sev1", Name: "Other"}}})
	elements := s.startFields(context.Background(), "u", []playbook.Playbook{{}, {Own: template(t, "")}, {Own: other}})
	require.Len(t, elements, 1)
	require.True(t, elements[0].Optional)
	require.Equal(t, defaultOption, elements[0].Default)
	require.Equal(t, []*model.PostActionOptions{{Text: "Default of the playbook", Value: "."}, {Text: "SEV1 · Critical", Value: "SEV1"}, {Text: "P1", Value: "P1"},
		{Text: "SEV2 · High", Value: "SEV2"}, {Text: "SEV3 · Low", Value: "SEV3"}}, elements[0].Options)
}

// The playbooks come in the order of their use. Many that somebody else has made, with this user as a member, take no place from them.
func TestStartFields_LevelsOfPlaybooksInUseAreOffered(t *testing.T) {
	books := []playbook.Playbook{{Own: template(t, "")}}
	for n := range 2 * maxOptions {
		var own incident.Own
		own.Store(key, Template{Levels: []Level{{Key: fmt.Sprint("x", n), Name: "Bogus"}}})
		books = append(books, playbook.Playbook{Own: own})
	}
	options := (&severity{core: english{}}).startFields(context.Background(), "u", books)[0].Options
	require.Len(t, options, 1+maxOptions)
	offered := map[string]bool{}
	for _, o := range options {
		offered[o.Value] = true
	}
	for _, level := range three {
		require.True(t, offered[level.Key], level.Key)
	}
}

func TestFilter(t *testing.T) {
	got, err := filter("SEV1, sev2,None")
	require.NoError(t, err)
	text, args, err := got.ToSql()
	require.NoError(t, err)
	require.Equal(t, "i.SeverityKey IN (?,?,?)", text)
	require.Equal(t, []interface{}{"sev1", "sev2", ""}, args)
	for _, bad := range []string{",", "SEV1,", "a b", "ä", "'"} {
		_, err = filter(bad)
		require.True(t, incident.IsKind(err, incident.Invalid), bad)
	}
}
