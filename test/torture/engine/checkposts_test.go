package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// A post whose note and whose names a fault prevented is still the post of its event; one that nothing happened for is not.
func TestCheckPosts_AnnouncementsWithoutNoteAndNames(t *testing.T) {
	anna, ben := &person{id: "a", name: "anna"}, &person{id: "b", name: "ben"}
	commander := func(before, after string) incident.Event {
		return incident.Event{ActorID: anna.id, Payload: incident.CommanderChanged{CommanderUserID: incident.Pair[string]{Before: before, After: after}}}
	}
	whole, nameless := text.CommanderChanged("anna", "anna", "ben"), text.CommanderChanged("anna", "", "ben")
	for name, test := range map[string]struct {
		said     []string
		findings int
	}{
		"named":                         {said: []string{whole}},
		"without the name":              {said: []string{nameless}},
		"neither takes the other's":     {said: []string{nameless, whole}},
		"one more than happened":        {said: []string{nameless, whole, nameless}, findings: 1},
		"somebody else than it says":    {said: []string{text.CommanderChanged("ben", "", "anna")}, findings: 1},
		"something that did not happen": {said: []string{text.Ended("")}, findings: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{bot: "bot", members: []*person{anna, ben}, names: map[string]string{"a": "anna", "b": "ben"},
				report: newReport(Options{Log: t.Logf})}
			f := &found{events: map[string][]incident.Event{"i": {commander("a", "b"), commander("b", "a"), commander("a", "b")}}, posts: map[string][]post{}}
			for _, message := range test.said {
				f.posts["c"] = append(f.posts["c"], post{user: w.bot, message: message})
			}
			w.checkPosts(incident.Incident{ID: "i", ChannelID: "c"}, f)
			assert.Len(t, w.report.Findings(), test.findings, "%v", w.report.Findings())
		})
	}
}
