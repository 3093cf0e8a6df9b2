package engine

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/bot"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// A post whose note and whose names a fault prevented is still the post of its event; one that nothing happened for is not.
func TestCheckPosts_AnnouncementsWithoutNoteAndNames(t *testing.T) {
	anna, ben := &person{id: "a", name: "anna"}, &person{id: "b", name: "ben"}
	commander := func(before, after string) incident.Event {
		var e incident.Event
		var err error
		e.Type, e.ActorID = incident.EventCommander, anna.id
		e.Before, err = json.Marshal(Values{CommanderUserID: before})
		require.NoError(t, err)
		e.After, err = json.Marshal(Values{CommanderUserID: after})
		require.NoError(t, err)
		return e
	}
	whole, nameless := bot.CommanderChanged("anna", "anna", "ben"), bot.CommanderChanged("anna", "", "ben")
	for name, test := range map[string]struct {
		said     []string
		findings int
	}{
		"named":                         {said: []string{whole}},
		"without the name":              {said: []string{nameless}},
		"neither takes the other's":     {said: []string{nameless, whole}},
		"one more than happened":        {said: []string{nameless, whole, nameless}, findings: 1},
		"somebody else than it says":    {said: []string{bot.CommanderChanged("ben", "", "anna")}, findings: 1},
		"something that did not happen": {said: []string{bot.Ended("")}, findings: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{bot: "bot", members: []*person{anna, ben}, names: map[string]string{"a": "anna", "b": "ben"},
				report: newReport(Options{Log: t.Logf})}
			f := &found{events: map[string][]incident.Event{"i": {commander("a", "b"), commander("b", "a"), commander("a", "b")}}, posts: map[string][]post{}}
			for _, text := range test.said {
				f.posts["c"] = append(f.posts["c"], post{user: w.bot, message: text})
			}
			w.checkPosts(incident.Incident{ID: "i", ChannelID: "c"}, f)
			assert.Len(t, w.report.Findings(), test.findings, "%v", w.report.Findings())
		})
	}
}
