package status

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
)

// FuzzDuration reads any text as the time of a snooze: what is read is no negative time, in any letter case and twice the same.
func FuzzDuration(f *testing.F) {
	for _, text := range []string{"", "15m", "1h30m", "2d", "15", "1.5h", "-1h", "h", "1y", "9999999999d", "2147483647d2147483647d", "1h30", "٣m", "\xff", strings.Repeat("2147483647d", 50_000)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seconds, ok := parseDuration(text)
		if seconds < 0 || !ok && seconds != 0 {
			t.Fatalf("%q is %d, %v", text, seconds, ok)
		}
		again, okAgain := parseDuration(strings.ToUpper(strings.ToLower(text)))
		if ok && (again != seconds || !okAgain) {
			t.Fatalf("%q is %d, and %d, %v in capitals", text, seconds, again, okAgain)
		}
	})
}

// FuzzReminders reads any bytes as a stored reminder: what cannot be read is due, and never in the far past or future
// by an overflow.
func FuzzReminders(f *testing.F) {
	for _, value := range []string{"", "null", "{}", `{"Key":"x","RunAt":"2026-11-24T10:00:00.5Z"}`, `{"Key":"x","RunAt":"9999-12-31T23:59:59+14:00"}`,
		`{"RunAt":"0000-01-01T00:00:00Z"}`, `{"RunAt":5}`, `{"runat":"2026-11-24T10:00:00+01:00","RunAt":null}`, "\xff"} {
		f.Add([]byte(value))
	}
	s := &database{log: &hosttest.Log{}}
	f.Fuzz(func(t *testing.T, value []byte) {
		at := s.dueAt("x", value)
		if at < overdue || at > 253402300800000+14*3600*1000 { // the end of the year 9999
			t.Fatalf("%q is due at %d", value, at)
		}
		if at == overdue {
			return
		}
		var v reminderValue
		if err := json.Unmarshal(value, &v); err != nil || v.RunAt.UnixMilli() != at {
			t.Fatalf("%q is due at %d, want %v (%v)", value, at, v.RunAt, err)
		}
	})
}
