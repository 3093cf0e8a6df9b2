//go:build store

package timeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// says runs a command, as an answer to a post or none, and returns what the caller is shown.
func (w *timelineFixture) says(user, command, rootID string) (said string) {
	w.t.Helper()
	call := &capability.Call{CommandArgs: &model.CommandArgs{UserId: user, ChannelId: w.inc.ChannelID, RootId: rootID, Command: command}, Words: strings.Fields(command)[2:],
		Say:      func(text string) { said = text },
		Language: func() *i18n.Language { return i18n.For(w.locale) },
		Incident: func(context.Context) (incident.Incident, error) { return w.inc, nil }}
	if err := w.line.run(w.t.Context(), call); err != nil {
		e, known := incident.AsError(err)
		if !known {
			w.t.Fatal(err)
		}
		return e.Message
	}
	return said
}

func TestCommand(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *timelineFixture) {
		shown := func(millis int64) string { return clock(millis, time.UnixMilli(w.now).UTC()) }
		contains := func(said, want string) {
			t.Helper()
			if !strings.Contains(said, want) {
				t.Errorf("%q lacks %q", said, want)
			}
		}
		contains(w.says(w.anna, "/incident timeline add It *broke*. 20m ago", ""), "Added to the timeline: "+shown(w.now-20*60_000)+" – It broke.")
		assert.Equal(t, "It *broke*.", w.list(w.anna, "kind=manual").Items[0].Text, "as it was typed")
		postID := w.post(w.inc.ChannelID, w.boris, "@here the disk is full", "{}")
		for n, want := range []string{"Added to the timeline", "This is on the timeline already"} {
			contains(w.says(w.anna, "/incident timeline ADD", postID), want+": "+shown(w.now)+" – @\u200bhere the disk is full")
			assert.Equal(t, 1, len(w.list(w.anna, "kind=message").Items), "messages")
			_ = n
		}
		w.now += 1000
		contains(w.says(w.anna, "/incident timeline add A note in the thread", postID), "A note in the thread")
		w.do(w.boris, "PATCH", "/"+w.list(w.anna, "").Items[0].ID, `{"starred":true}`, 200)
		w.do(w.boris, "DELETE", "/"+w.list(w.anna, "kind=manual&direction=desc").Items[0].ID, "", 200)
		name := func(user, prefix string) string { return prefix + user[:6] }
		assert.Equal(t, fmt.Sprintf("###### Timeline of Checkout\nTimes are in the time zone UTC.\n* %s ⭐ – %s noted: It broke.\n* %s – %s started the incident.\n"+
			"* %s – %s wrote: @\u200bhere the disk is full\n* %s – An entry was here. %s deleted it (%s).\n", shown(w.now-1000-20*60_000), name(w.anna, "anna"), shown(w.now-1000), name(w.anna, "anna"),
			shown(w.now-1000), name(w.boris, "boris"), shown(w.now), name(w.boris, "boris"), shown(w.now)), w.says(w.carla, "/incident timeline", ""), "shown")
		for range shownEntries {
			w.add(w.anna, `{"text":"More"}`)
		}
		said := w.says(w.anna, "/incident timeline", "")
		contains(said, fmt.Sprintf("the newest %d entries", shownEntries))
		assert.Equal(t, shownEntries, strings.Count(said, "\n* "), "lines")

		contains(w.says(w.anna, "/incident timeline add", ""), "Say what happened")
		contains(w.says(w.anna, "/incident timeline add at 14:05", postID), "Say what happened")
		contains(w.says(w.anna, "/incident timeline remove", ""), "/incident timeline add")
		contains(w.says(w.anna, "/incident timeline add "+strings.Repeat("x", MaxText+1), ""), "too long")
		assert.Equal(t, incident.ErrForbidden.Message, w.says(w.carla, "/incident timeline add It broke.", ""), "who is not in the channel")
		assert.Equal(t, 2+shownEntries, len(w.list(w.anna, "kind=manual").Items), "entries")
	})
}
