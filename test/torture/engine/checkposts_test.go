package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Posts of the bot that no event names are made once each, by their marks.
func TestCheckPosts_OthersAreMadeOnce(t *testing.T) {
	noBroadcasts := text.In(nil).NoBroadcasts("that channel is archived")
	marked := func(id, name, value, message string) post {
		return post{id: id, message: message, props: `{"from_bot":"true","` + name + `":"` + value + `"}`}
	}
	const publication = "@anna published the retrospective of this incident: [read it](x)"
	published := marked("1", "incident_event", "e2", publication)
	for name, test := range map[string]struct {
		broadcast string
		said      []post
		kinds     map[Kind]int
	}{
		"nothing but what must be":          {said: []post{published}},
		"no publication":                    {kinds: map[Kind]int{Lost: 1}},
		"a publication twice":               {said: []post{published, marked("2", "incident_event", "e2", publication)}, kinds: map[Kind]int{Doubled: 1}},
		"a publication twice, one deleted":  {said: []post{published, {id: "2", message: publication, props: published.props, deleteAt: 5}}},
		"a publication that was deleted":    {said: []post{{id: "1", message: publication, props: published.props, deleteAt: 5}}, kinds: map[Kind]int{Lost: 1}},
		"a publication of another event":    {said: []post{published, marked("2", "incident_event", "e3", publication)}, kinds: map[Kind]int{Doubled: 1}},
		"updates are not broadcast":         {broadcast: "b", said: []post{published, {id: "2", message: noBroadcasts}}},
		"updates are not broadcast, twice":  {broadcast: "b", said: []post{published, {id: "2", message: noBroadcasts}, {id: "3", message: noBroadcasts}}, kinds: map[Kind]int{Doubled: 1}},
		"no broadcast channel in any case":  {said: []post{published, {id: "2", message: noBroadcasts}}, kinds: map[Kind]int{Doubled: 1}},
		"similar incidents":                 {said: []post{published, marked("2", "incident_followup_similar", "e1", "2 open")}},
		"similar incidents, twice":          {said: []post{published, marked("2", "incident_followup_similar", "e1", "2 open"), marked("3", "incident_followup_similar", "e1", "2 open")}, kinds: map[Kind]int{Doubled: 1}},
		"similar to another incident":       {said: []post{published, marked("2", "incident_followup_similar", "e9", "2 open")}, kinds: map[Kind]int{Doubled: 1}},
		"two owners are gone":               {said: []post{published, marked("2", "incident_followup_owner", "i:a", "a"), marked("3", "incident_followup_owner", "i:b", "b")}},
		"one owner is gone, twice":          {said: []post{published, marked("2", "incident_followup_owner", "i:a", "a"), marked("3", "incident_followup_owner", "i:a", "a")}, kinds: map[Kind]int{Doubled: 1}},
		"an owner of another incident":      {said: []post{published, marked("2", "incident_followup_owner", "j:a", "a")}, kinds: map[Kind]int{Doubled: 1}},
		"a retrospective is due":            {said: []post{published, marked("2", "incident_retrospective_due", "i:5", "due")}},
		"a retrospective is due, twice":     {said: []post{published, marked("2", "incident_retrospective_due", "i:5", "due"), marked("3", "incident_retrospective_due", "i:5", "due")}, kinds: map[Kind]int{Doubled: 1}},
		"something that the bot never says": {said: []post{published, {id: "2", message: "hello"}}, kinds: map[Kind]int{Doubled: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &cluster{bot: "bot", report: newReport(Options{Log: t.Logf})}
			f := &found{posts: map[string][]post{}, events: map[string][]incident.Event{"i": {
				{ID: "e1", PostID: "0", Payload: incident.Started{}},
				{ID: "e2", Payload: retrospective.Moved{Kind: retrospective.EventPublished}}}}}
			f.posts["c"] = []post{{id: "0", user: w.bot, message: text.In(nil).Started("", "")}}
			for _, p := range test.said {
				p.user = w.bot
				f.posts["c"] = append(f.posts["c"], p)
			}
			w.checkPosts(incident.Incident{ID: "i", ChannelID: "c", BroadcastChannelID: test.broadcast}, f)
			wantFindings(t, w, test.kinds)
		})
	}
}

// Each event has one post, which may lack names that could not be read. One more is a finding, unless it was deleted.
func TestCheckPosts_EachChangeIsAnnouncedOnce(t *testing.T) {
	anna, ben := &person{id: "a", name: "anna"}, &person{id: "b", name: "ben"}
	whole, nameless := text.In(nil).CommanderChanged("anna", "anna", "ben"), text.In(nil).CommanderChanged("anna", "", "ben")
	for name, test := range map[string]struct {
		noted    string // the post of the event
		said     []post
		findings int
	}{
		"named":                         {noted: "1", said: []post{{id: "1", message: whole}}},
		"without the name":              {noted: "1", said: []post{{id: "1", message: nameless}}},
		"not announced":                 {findings: 1},
		"posted and not noted":          {said: []post{{id: "1", message: whole}}, findings: 2},
		"noted and not posted":          {noted: "1", findings: 1},
		"noted and deleted":             {noted: "1", said: []post{{id: "1", message: whole, deleteAt: 5}}, findings: 1},
		"posted twice":                  {noted: "1", said: []post{{id: "1", message: whole}, {id: "2", message: whole}}, findings: 1},
		"posted twice, one deleted":     {noted: "1", said: []post{{id: "1", message: whole}, {id: "2", message: whole, deleteAt: 5}}},
		"somebody else than it says":    {noted: "1", said: []post{{id: "1", message: text.In(nil).CommanderChanged("ben", "", "anna")}}, findings: 1},
		"something that did not happen": {noted: "1", said: []post{{id: "1", message: whole}, {id: "2", message: text.In(nil).Ended("")}}, findings: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := &cluster{bot: "bot", members: []*person{anna, ben}, names: map[string]string{"a": "anna", "b": "ben"},
				report: newReport(Options{Log: t.Logf})}
			changed := incident.Event{ActorID: anna.id, PostID: test.noted,
				Payload: incident.CommanderChanged{CommanderUserID: incident.Pair[string]{Before: "a", After: "b"}}}
			f := &found{events: map[string][]incident.Event{"i": {changed}}, posts: map[string][]post{}}
			for _, p := range test.said {
				p.user = w.bot
				f.posts["c"] = append(f.posts["c"], p)
			}
			w.checkPosts(incident.Incident{ID: "i", ChannelID: "c"}, f)
			assert.Len(t, w.report.Findings(), test.findings, "%v", w.report.Findings())
		})
	}
}
