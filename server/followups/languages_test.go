//go:build store

package followups

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// Answers and direct messages are in the language of who reads them, posts in that of the server.
func TestLanguages(t *testing.T) {
	x := newFixture(t, testdb.Postgres)
	x.speaks(x.anna, "de")
	inc := x.start("Outage", "P", "", x.anna, x.boris)
	run := func(user, typed string) (said string, err error) {
		words := strings.Fields(typed)
		for _, c := range x.commands() {
			if c.Name == words[0] {
				err = c.Run(t.Context(), &capability.Call{CommandArgs: &model.CommandArgs{UserId: user, ChannelId: inc.ChannelID, TeamId: x.team}, Words: words[1:],
					Say: func(text string) { said = text }, Incident: func(context.Context) (incident.Incident, error) { return inc, nil }})
			}
		}
		return said, err
	}
	for _, r := range []struct{ user, typed, want string }{
		{x.anna, "followups", "Du hast keine offenen Folgemaßnahmen."},
		{x.anna, "followup list", "Dieser Vorfall hat keine Folgemaßnahmen. Füge mit `/incident followup add <title>"},
		{x.anna, "followup add Watch @boris-f due 2026-12-01", "Folgemaßnahme hinzugefügt: **#1** Watch — @boris-f, fällig 2026-12-01."},
		{x.boris, "followup list", "Follow-ups of this incident (1 open, 0 done, 0 dropped):"},
		{x.anna, "followup list", "Folgemaßnahmen dieses Vorfalls (1 offen, 0 erledigt, 0 entfallen):"},
	} {
		said, err := run(r.user, r.typed)
		require.NoError(t, err, r.typed)
		assert.Contains(t, said, r.want, r.typed)
	}
	_, err := run(x.anna, "followup add "+strings.Repeat("x", 300))
	e, ok := incident.AsError(err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "Der Titel ist zu lang: 300 Zeichen, höchstens 256 sind erlaubt.", x.svc.Language(x.anna).Error(e))
	assert.Equal(t, "The title is too long: 300 characters, at most 256 are allowed.", e.Message)
	_, err = run(x.anna, "followup add Call @carla-f")
	e, ok = incident.AsError(err)
	require.True(t, ok, "%v", err)
	assert.Contains(t, x.svc.Language(x.anna).Error(e), "Zuständig kann nur eine aktive Person sein, die diesen Vorfall lesen kann.")

	part, err := x.section(t.Context(), x.anna, &inc)
	require.NoError(t, err)
	assert.Equal(t, []string{"#1 Watch — @boris-f, fällig 2026-12-01"}, part.Lines)

	var conflict conflictBody
	id := x.add(inc, Draft{Title: "Call", Source: FromREST}).ID
	require.NoError(t, json.Unmarshal(x.call(409, x.anna, "PATCH", "/followups/"+id, `{"title":"Ring","revision":7}`), &conflict))
	assert.Contains(t, conflict.LocalizedError, "Jemand anderes hat diese Folgemaßnahme inzwischen geändert.")
	assert.Contains(t, conflict.Error, "Somebody else has changed this follow-up")

	// The owner reads English, the commander German.
	x.at = x.at.Add(48 * time.Hour)
	x.due(JobReminder)
	require.Len(t, x.posts, 1)
	assert.Contains(t, x.posts[0].Message, "Your follow-up **#1 Watch** of the incident ")
	x.sql("DELETE FROM ChannelMembers WHERE UserId = ?", x.boris)
	x.due(JobOwners)
	x.due(JobLost)
	require.Len(t, x.posts, 2)
	assert.Contains(t, x.posts[1].Message, "@boris-f kann den Vorfall nicht mehr lesen und ist für offene Folgemaßnahmen")
	assert.Equal(t, "2 open follow-ups from similar incidents.", similarText(x.svc.PostLanguage(), 2))
	x.speaks("", "de")
	assert.Equal(t, "1 offene Folgemaßnahme aus ähnlichen Vorfällen.", similarText(x.svc.PostLanguage(), 1))
}
