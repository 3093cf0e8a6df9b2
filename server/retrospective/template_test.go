package retrospective

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// at is a time in UTC.
func at(t *testing.T, text string) int64 {
	t.Helper()
	parsed, err := time.Parse("2006-01-02 15:04", text)
	require.NoError(t, err)
	return parsed.UnixMilli()
}

func TestDueAt_CountsWorkingDays(t *testing.T) {
	for _, x := range []struct {
		end  string
		days int
		due  string
	}{
		{"2026-11-23 15:00", 2, "2026-11-25 15:00"}, // from Monday
		{"2026-11-26 15:00", 2, "2026-11-30 15:00"}, // over a weekend
		{"2026-11-27 23:59", 1, "2026-11-30 23:59"},
		{"2026-11-28 10:00", 1, "2026-11-30 10:00"}, // from Saturday
		{"2026-11-29 10:00", 2, "2026-12-01 10:00"},
		{"2026-11-28 10:00", 0, "2026-11-28 10:00"},
		{"2026-12-31 10:00", 5, "2027-01-07 10:00"},
		{"2026-11-23 15:00", MaxWorkingDays, "2027-02-15 15:00"},
	} {
		s := Settings{Remind: true, DueWorkingDays: x.days}
		require.Equal(t, at(t, x.due), s.dueAt(at(t, x.end), time.UTC), "%d days after %s", x.days, x.end)
		s.Remind = false
		require.Zero(t, s.dueAt(at(t, x.end), time.UTC))
	}
}

// The day of the week is that of the commander's zone, and so is the time of day when clocks are changed.
func TestSettings_DueInAZone(t *testing.T) {
	for _, x := range []struct {
		zone, end, due string // UTC
		days           int
	}{
		{"Asia/Tokyo", "2026-11-20 14:00", "2026-11-24 14:00", 2},          // Friday there and in UTC
		{"Asia/Tokyo", "2026-11-20 23:30", "2026-11-23 23:30", 2},          // Saturday morning there
		{"America/Los_Angeles", "2026-11-21 03:00", "2026-11-25 03:00", 2}, // Friday evening there
		{"Europe/Berlin", "2026-10-23 08:00", "2026-10-27 09:00", 2},       // clocks are changed on Sunday
		{"Pacific/Kiritimati", "2026-11-22 12:00", "2026-11-23 12:00", 1},  // Monday there
	} {
		zone, err := time.LoadLocation(x.zone)
		require.NoError(t, err)
		s := Settings{Remind: true, DueWorkingDays: x.days}
		require.Equal(t, at(t, x.due), s.dueAt(at(t, x.end), zone), "%d days after %s in %s", x.days, x.end, x.zone)
	}
}

func TestDocumentRow_Zone(t *testing.T) {
	for stored, want := range map[string]string{
		"": "UTC", "{}": "UTC", "null": "UTC", "nonsense": "UTC",
		`{"useAutomaticTimezone":"true","automaticTimezone":"Asia/Tokyo","manualTimezone":"Europe/Berlin"}`:  "Asia/Tokyo",
		`{"useAutomaticTimezone":"false","automaticTimezone":"Asia/Tokyo","manualTimezone":"Europe/Berlin"}`: "Europe/Berlin",
		`{"useAutomaticTimezone":"true","automaticTimezone":"Nowhere/AtAll"}`:                                "UTC",
	} {
		r := documentRow{Timezone: stored}
		require.Equal(t, want, r.zone().String(), stored)
	}
}

func TestSettings_Clean(t *testing.T) {
	s := defaults("p")
	require.NoError(t, s.clean())
	require.Equal(t, standard(), s.Sections, "the defaults are clean")
	empty := Settings{}
	require.NoError(t, empty.clean())
	require.Equal(t, standard(), empty.Sections)

	made := Settings{Sections: []TemplateSection{{Heading: " Über uns & Kunden "}, {Heading: "Customers", Questions: []string{" Who? ", " "}}, {Heading: "customers!"},
		{Heading: "顧客"}, {Heading: "Ops", Key: "section", Draft: Summary}, {Heading: strings.Repeat("long ", 25)}}}
	require.NoError(t, made.clean())
	var keys []string
	for _, section := range made.Sections {
		require.Regexp(t, keyPattern, section.Key)
		keys = append(keys, section.Key)
	}
	require.Equal(t, []string{"ber_uns_kunden", "customers", "customers_2", "section_2", "section"}, keys[:5])
	require.Equal(t, "Über uns & Kunden", made.Sections[0].Heading)
	require.Equal(t, []string{"Who?"}, made.Sections[1].Questions)
}

func TestSettings_Refused(t *testing.T) {
	one := func(section TemplateSection) Settings { return Settings{Sections: []TemplateSection{section}} }
	for field, s := range map[string]Settings{
		"due_working_days":   {DueWorkingDays: MaxWorkingDays + 1},
		"sections":           {Sections: make([]TemplateSection, MaxSections+1)},
		"sections.heading":   one(TemplateSection{Heading: " "}),
		"sections.key":       one(TemplateSection{Heading: "x", Key: "Ä"}),
		"sections.draft":     one(TemplateSection{Heading: "x", Draft: "weather"}),
		"sections.questions": one(TemplateSection{Heading: "x", Questions: []string{strings.Repeat("x", MaxQuestion+1)}}),
	} {
		err := s.clean()
		e, ok := incident.AsError(err)
		require.True(t, ok, field)
		require.Equal(t, incident.Invalid, e.Kind)
		require.Equal(t, field, e.Field)
	}
	for _, s := range []Settings{
		{DueWorkingDays: -1},
		{Sections: []TemplateSection{{Heading: "a", Key: "k"}, {Heading: "b", Key: "k"}}},
		{Sections: []TemplateSection{{Heading: "a", Draft: Impact}, {Heading: "b", Draft: Impact}}},
		one(TemplateSection{Heading: "\u200b\u2060"}), one(TemplateSection{Heading: "a\nb"}), one(TemplateSection{Heading: strings.Repeat("ä", MaxHeading+1)}), one(TemplateSection{Heading: "a\x00"}),
		one(TemplateSection{Heading: "x", Questions: make([]string, MaxQuestions+1)}), one(TemplateSection{Heading: "x", Key: strings.Repeat("k", MaxKey+1)}),
	} {
		require.True(t, incident.IsKind(s.clean(), incident.Invalid), "%+v", s)
	}
}

// FuzzSettings reads any JSON as settings: what is accepted is within the limits, has different keys, and is clean already.
func FuzzSettings(f *testing.F) {
	for _, body := range []string{`{}`, `null`, `{"sections":[{"heading":"A"},{"heading":"a"},{"heading":"a_2"}]}`, `{"remind":false,"due_working_days":-1}`,
		`{"sections":[{"heading":"x","key":"x","draft":"summary","questions":["a",""]}]}`, `{"sections":null,"broadcast":true}`, `{"due_working_days":1e3}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := defaults("p")
		if json.Unmarshal(body, &s) != nil {
			return
		}
		err := s.clean()
		if err != nil {
			if !incident.IsKind(err, incident.Invalid) {
				t.Fatalf("%s: %v", body, err)
			}
			return
		}
		keys := map[string]bool{}
		for _, section := range s.Sections {
			if !keyPattern.MatchString(section.Key) || keys[section.Key] {
				t.Fatalf("%s: the key %q", body, section.Key)
			}
			keys[section.Key] = true
		}
		before := fmt.Sprintf("%+v", s)
		if err := s.clean(); err != nil || fmt.Sprintf("%+v", s) != before {
			t.Fatalf("%s is not clean: %v", body, err)
		}
	})
}
