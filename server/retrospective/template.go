package retrospective

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Part is what is generated into a section.
type Part string

// The parts of a draft. Nothing is a section that people write.
const (
	Nothing      Part = ""
	Summary      Part = "summary"
	Impact       Part = "impact"
	WhatHappened Part = "what_happened"
	WentWell     Part = "went_well"
	DidNotGoWell Part = "did_not_go_well"
	Causes       Part = "causes"
	FollowUps    Part = "followups"
)

// parts are the parts by which a template names them.
var parts = []Part{Summary, Impact, WhatHappened, WentWell, DidNotGoWell, Causes, FollowUps}

// TemplateSection is a section of a template.
type TemplateSection struct {
	// Key identifies the section within a document.
	Key       string   `json:"key"`
	Heading   string   `json:"heading"`
	Questions []string `json:"questions"`
	// Draft is what is generated into it.
	Draft Part `json:"draft"`
}

// standard are the sections of a playbook without a template of its own.
func standard() []TemplateSection {
	return []TemplateSection{
		{"summary", i18n.N("Summary"), []string{i18n.N("What happened, in two or three sentences?")}, Summary},
		{"impact", i18n.N("Impact"), []string{i18n.N("Who or what was affected, for how long, and how badly?")}, Impact},
		{"what_happened", i18n.N("What happened"), []string{i18n.N("What does somebody have to know who was not there?")}, WhatHappened},
		{"went_well", i18n.N("What went well"), []string{i18n.N("What helped, and should be done in the same way next time?")}, WentWell},
		{"did_not_go_well", i18n.N("What did not go well"), []string{i18n.N("What was slow, unclear or missing?")}, DidNotGoWell},
		{"causes", i18n.N("Contributing causes"), []string{i18n.N("What made the incident possible, and what made it worse? Look for conditions, not for people.")}, Causes},
		{"followups", i18n.N("Follow-ups"), []string{i18n.N("What will be changed so that it does not happen again?")}, FollowUps},
	}
}

// Settings are what a playbook says about the retrospectives of its incidents.
type Settings struct {
	PlaybookID string `json:"playbook_id"`
	// Revision grows by one with each change; 0 means that they are the default.
	Revision    int64  `json:"revision"`
	UpdateAt    int64  `json:"update_at"`
	UpdatedByID string `json:"updated_by_id"`
	// Remind: the commander is reminded when the retrospective is due.
	Remind bool `json:"remind"`
	// DueWorkingDays is how many working days after the end of an incident it is due.
	DueWorkingDays int `json:"due_working_days"`
	// Broadcast: publishing also posts in the incident's broadcast channel.
	Broadcast bool `json:"broadcast"`
	// Sections are those of a new retrospective, in order.
	Sections []TemplateSection `json:"sections"`
}

// defaultWorkingDays is how many working days after the end a retrospective is due if the playbook says nothing else.
const defaultWorkingDays = 2

// defaults are the settings of a playbook for which none are stored.
func defaults(playbookID string) Settings {
	return Settings{PlaybookID: playbookID, Remind: true, DueWorkingDays: defaultWorkingDays, Sections: standard()}
}

var (
	keyPattern = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	notInKeys  = regexp.MustCompile(`[^a-z0-9]+`)
)

// clean brings what a client sent into the form that is stored. It fails with Invalid.
func (s *Settings) clean() error {
	if s.DueWorkingDays < 0 || s.DueWorkingDays > MaxWorkingDays {
		return incident.InvalidField("due_working_days", "due_working_days must be a whole number between 0 and %d.", MaxWorkingDays)
	}
	if len(s.Sections) > MaxSections {
		return incident.InvalidField("sections", "sections has too many entries: %d, at most %d are allowed.", len(s.Sections), MaxSections)
	}
	if len(s.Sections) == 0 {
		s.Sections = standard()
	}
	keys, drafts := map[string]bool{}, map[Part]bool{}
	for n := range s.Sections {
		if err := s.Sections[n].clean(); err != nil {
			return err
		}
		if key := s.Sections[n].Key; keys[key] && key != "" {
			return incident.InvalidField("sections.key", "sections.key must be different in each section: %s is used twice.", key)
		}
		keys[s.Sections[n].Key] = true
		if draft := s.Sections[n].Draft; drafts[draft] && draft != Nothing {
			return incident.InvalidField("sections.draft", "sections.draft must be different in each section: %s is used twice.", string(draft))
		}
		drafts[s.Sections[n].Draft] = true
	}
	for n := range s.Sections {
		if s.Sections[n].Key == "" {
			s.Sections[n].Key = freeKey(s.Sections[n].Heading, keys)
			keys[s.Sections[n].Key] = true
		}
	}
	return nil
}

func (t *TemplateSection) clean() error {
	t.Heading = strings.TrimSpace(t.Heading)
	if incident.IsBlank(t.Heading) {
		return incident.InvalidField("sections.heading", "sections.heading must not be blank: give each section a heading.")
	}
	if err := incident.CheckText("sections.heading", t.Heading, MaxHeading); err != nil {
		return err
	}
	if strings.ContainsAny(t.Heading, "\r\n") {
		return incident.InvalidField("sections.heading", "sections.heading must be one line.")
	}
	if t.Key != "" && !keyPattern.MatchString(t.Key) {
		return incident.InvalidField("sections.key", "sections.key must have between 1 and %d lower-case letters, digits and underscores.", MaxKey)
	}
	if t.Draft != Nothing && !slices.Contains(parts, t.Draft) {
		return incident.InvalidField("sections.draft", "sections.draft must be empty or one of: summary, impact, what_happened, went_well, did_not_go_well, causes, followups.")
	}
	if len(t.Questions) > MaxQuestions {
		return incident.InvalidField("sections.questions", "sections.questions has too many entries: %d, at most %d are allowed.", len(t.Questions), MaxQuestions)
	}
	questions := []string{}
	for _, q := range t.Questions {
		if q = strings.TrimSpace(q); q == "" {
			continue
		}
		if err := incident.CheckText("sections.questions", q, MaxQuestion); err != nil {
			return err
		}
		questions = append(questions, q)
	}
	t.Questions = questions
	return nil
}

// freeKey makes a key of a heading that is not used yet.
func freeKey(heading string, used map[string]bool) string {
	base := strings.Trim(notInKeys.ReplaceAllString(strings.ToLower(heading), "_"), "_")
	base = strings.Trim(base[:min(len(base), MaxKey-3)], "_")
	if base == "" {
		base = "section"
	}
	key := base
	for n := 2; used[key]; n++ {
		key = fmt.Sprint(base, "_", n)
	}
	return key
}

// dueAt is when the retrospective of an incident that has ended at end (Unix ms) is due, 0 for never: at the same time of day in a zone,
// working days later. Working days are Monday to Friday in that zone.
func (s *Settings) dueAt(end int64, zone *time.Location) int64 {
	if !s.Remind {
		return 0
	}
	due := time.UnixMilli(end).In(zone)
	for days := s.DueWorkingDays; days > 0; {
		due = due.AddDate(0, 0, 1)
		if day := due.Weekday(); day != time.Saturday && day != time.Sunday {
			days--
		}
	}
	return due.UnixMilli()
}
