package timeline

import (
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func TestSplitTime(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	now := time.Date(2026, 3, 29, 14, 30, 0, 0, berlin) // the day on which the clocks are put forward
	for typed, want := range map[string]struct{ rest, at string }{
		"It broke. at 14:05":               {"It broke.", "2026-03-29T14:05:00+02:00"},
		"It broke. AT 14.05":               {"It broke.", "2026-03-29T14:05:00+02:00"},
		"It broke. at 14:31":               {"It broke.", "2026-03-28T14:31:00+01:00"}, // yesterday
		"It broke. at 1:30":                {"It broke.", "2026-03-29T01:30:00+01:00"},
		"It broke. at 2026-03-01 09:00":    {"It broke.", "2026-03-01T09:00:00+01:00"},
		"It broke. at 2026-03-01t09:00":    {"It broke.", "2026-03-01T09:00:00+01:00"},
		"It broke. 20m ago":                {"It broke.", "2026-03-29T14:10:00+02:00"},
		"It broke. 12h30m ago":             {"It broke.", "2026-03-29T01:00:00+01:00"},
		"It broke. 1d2h3m4s AGO":           {"It broke.", "2026-03-28T11:26:56+01:00"},
		"at 14:05":                         {"", "2026-03-29T14:05:00+02:00"},
		"It broke.":                        {"It broke.", ""},
		"":                                 {"", ""},
		"ago":                              {"ago", ""},
		"at":                               {"at", ""},
		"We looked at logs":                {"We looked at logs", ""},
		"We met at 25:00":                  {"We met at 25:00", ""},
		"We met at 14:60":                  {"We met at 14:60", ""},
		"We met at 2026-13-01 09:00":       {"We met at 2026-13-01 09:00", ""},
		"Long ago":                         {"Long ago", ""},
		"20 m ago":                         {"20 m ago", ""},
		"99999d ago":                       {"99999d ago", ""},
		"At 14:05 it broke":                {"At 14:05 it broke", ""},
		"The alarm at 13:00 came 10m ago":  {"The alarm at 13:00 came", "2026-03-29T14:20:00+02:00"},
		"The alarm of 2h ago came at 13:0": {"The alarm of 2h ago came at 13:0", ""},
	} {
		rest, at, found := splitTime(strings.Fields(typed), now)
		require.Equal(t, want.rest, strings.Join(rest, " "), typed)
		require.Equal(t, want.at != "", found, typed)
		if found {
			require.Equal(t, want.at, at.Format(time.RFC3339), typed)
		}
	}
}

func TestZoneOf(t *testing.T) {
	zone := func(values map[string]string) string { return text.Zone(&model.User{Timezone: values}).String() }
	require.Equal(t, "Asia/Tokyo", zone(map[string]string{"useAutomaticTimezone": "false", "manualTimezone": "Asia/Tokyo", "automaticTimezone": "Europe/Berlin"}))
	require.Equal(t, "Europe/Berlin", zone(map[string]string{"useAutomaticTimezone": "true", "manualTimezone": "Asia/Tokyo", "automaticTimezone": "Europe/Berlin"}))
	require.Equal(t, "UTC", zone(nil))
	require.Equal(t, "UTC", zone(map[string]string{"useAutomaticTimezone": "true", "automaticTimezone": "Local"}))
	require.Equal(t, "UTC", zone(map[string]string{"useAutomaticTimezone": "true", "automaticTimezone": "../../etc/passwd"}))
}

// What was typed keeps its spaces and line breaks.
func TestTyped(t *testing.T) {
	for command, want := range map[string]string{
		"/incident timeline add It  broke.":             "It  broke.",
		"/incident  timeline\tadd  a\n\n* b   at 14:05": "a\n\n* b",
		"/incident timeline add":                        "",
		"/incident timeline add 🔥 Ω 20m ago":            "🔥 Ω",
	} {
		words, _, _ := splitTime(strings.Fields(command)[3:], time.Now())
		require.Equal(t, want, typed(command, len(words)), command)
	}
}
