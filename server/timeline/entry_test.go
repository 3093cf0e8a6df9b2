package timeline

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func TestCursor_IsReadAsItIsWritten(t *testing.T) {
	want := place{1796110560000, 1796110560123, "h5x1t9j3kbr7dqwn8efo6myzca"}
	got, err := parsePlace(want.String())
	require.NoError(t, err)
	require.Equal(t, want, got)
	for _, bad := range []string{"x", "1.2", "1.2.H5X1T9J3KBR7DQWN8EFO6MYZCA", "-1.2.h5x1t9j3kbr7dqwn8efo6myzca", "1234567890123456.2.h5x1t9j3kbr7dqwn8efo6myzca", "1.2.h5x1t9j3kbr7dqwn8efo6myzca\n"} {
		_, err := parsePlace(bad)
		require.True(t, incident.IsKind(err, incident.Invalid), bad)
	}
}

// At equal times own events come in the order of their revisions, and before entries, which come in the order of recording.
func TestOrder_AtEqualTimes(t *testing.T) {
	order := []place{{5, 1, "z"}, {5, 2, "y"}, {5, 1796110560000, "b"}, {5, 1796110560000, "c"}, {5, 1796110560001, "a"}, {6, 1, "a"}}
	shuffled := []place{order[3], order[5], order[0], order[4], order[2], order[1]}
	slices.SortFunc(shuffled, place.compare)
	require.Equal(t, order, shuffled)
}

// Each type of event that has a sentence is shown, in one group. A status update has an entry of its own.
func TestOwnTypes_AreAllThatHaveASentence(t *testing.T) {
	shown := map[incident.EventType]int{incident.EventStatusUpdate: 1}
	for _, group := range ownTypes() {
		for _, kind := range group {
			shown[kind]++
		}
	}
	voice := text.Voice{Person: func(id string) string { return id }, Escape: func(s string) string { return s },
		Time: func(int64) string { return "" }, TaskTitle: func(string) string { return "" }}
	for _, kind := range []incident.EventType{incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventCommander, incident.EventStage,
		incident.EventTaskState, incident.EventTaskAssignee, incident.EventTaskAdded, incident.EventTaskEdited, incident.EventTaskRemoved, incident.EventTaskMoved,
		incident.EventTaskRun, incident.EventStatusUpdate, incident.EventReminderPosted, incident.EventReminderCleared, incident.EventReminderDropped, incident.EventStartTimeChanged} {
		want := 0
		if text.Sentence(&incident.Event{Payload: incident.DecodePayload(kind, []byte("{}"), []byte("{}"))}, voice) != "" {
			want = 1
		}
		require.Equal(t, want, shown[kind], kind)
	}
}

// A page ends where its texts become too long, but has at least one entry.
func TestPage_EndsWhereItsTextsBecomeTooLong(t *testing.T) {
	long := func(n int) Entry { return Entry{Text: strings.Repeat("x", n)} }
	for what, c := range map[string]struct {
		items []Entry
		limit int
		want  int
	}{
		"short":         {[]Entry{long(1), long(1), long(1)}, 2, 2},
		"fewer":         {[]Entry{long(1)}, 2, 1},
		"none":          {nil, 2, 0},
		"one too long":  {[]Entry{long(2 * maxBytes), long(1)}, 2, 1},
		"two too long":  {[]Entry{long(maxBytes), long(1)}, 2, 1},
		"with original": {[]Entry{{Text: "x", Original: &Original{Text: strings.Repeat("x", maxBytes)}}, long(1)}, 2, 1},
		"with an event": {[]Entry{long(1), {Event: &Event{After: json.RawMessage(strings.Repeat("x", maxBytes))}}, long(1)}, 3, 1},
	} {
		if got := fitting(c.items, c.limit); got != c.want {
			t.Errorf("%s: %d entries, want %d", what, got, c.want)
		}
	}
}
