package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

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
