package status

import (
	"encoding/json"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
)

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
