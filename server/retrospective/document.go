package retrospective

import (
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Limits of a retrospective, in characters or numbers of things; api.yaml states them for clients.
const (
	// MaxText is how many characters the text of a section may have.
	MaxText = 32000
	// MaxSections is how many sections a template may have, MaxQuestions how many questions a section.
	MaxSections  = 20
	MaxQuestions = 10
	MaxKey       = 32
	MaxHeading   = 128
	MaxQuestion  = 512
	// MaxWorkingDays is the longest time until a retrospective is due.
	MaxWorkingDays = 60
	// maxRefs is how many links a sentence has at most.
	maxRefs = 20
)

// State of a retrospective.
type State string

// The states. None means that nothing is stored: what is shown is the draft as it would be made now.
const (
	None      State = "none"
	Drafted   State = "draft"
	Published State = "published"
)

// Origin says who wrote the text of a section.
type Origin string

// The origins.
const (
	Generated Origin = "generated"
	Edited    Origin = "edited"
)

// Ref links a sentence to what it tells of.
type Ref struct {
	// Kind is one of the kinds below.
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Kinds of Ref. Events and entries are on the timeline. A post is a status update of version 1.2.0, which has stored no event.
const (
	refIncident = "incident"
	refEvent    = "event"
	refEntry    = "entry"
	refPost     = "post"
	refTask     = "task"
	refFollowUp = "followup"
)

// Sentence says where a line of a text comes from.
type Sentence struct {
	// Line counts from 0.
	Line int   `json:"line"`
	Refs []Ref `json:"refs"`
}

// Section is one section of a retrospective. Times are Unix milliseconds, 0 = never.
type Section struct {
	Key       string   `json:"key"`
	Heading   string   `json:"heading"`
	Questions []string `json:"questions"`
	Origin    Origin   `json:"origin"`
	// Text is Markdown.
	Text string `json:"text"`
	// Revision is that of the document with which the section was last changed.
	Revision    int64  `json:"revision"`
	UpdateAt    int64  `json:"update_at"`
	UpdatedByID string `json:"updated_by_id"`
	// Sentences are the lines that are as they were generated.
	Sentences []Sentence `json:"sentences"`

	// draft says what is generated into it.
	draft Part
	// made are the lines that were generated, each with what it links to.
	made []made
}

// made is a generated line.
type made struct {
	Text string `json:"text"`
	Refs []Ref  `json:"refs"`
}

// joined is a text of lines.
func joined(lines []made) string {
	texts := make([]string, len(lines))
	for n := range lines {
		texts[n] = lines[n].Text
	}
	return strings.Join(texts, "\n")
}

// link finds the lines of the text that are as they were generated.
func (s *Section) link() {
	s.Sentences = []Sentence{}
	if s.Text == "" {
		return
	}
	refs := make(map[string][]Ref, len(s.made))
	for _, m := range s.made {
		if _, known := refs[m.Text]; !known {
			refs[m.Text] = m.Refs
		}
	}
	for n, line := range strings.Split(s.Text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if n < len(s.made) && s.made[n].Text == line { // two lines may be the same
			s.Sentences = append(s.Sentences, Sentence{n, s.made[n].Refs})
		} else if found := refs[line]; len(found) > 0 {
			s.Sentences = append(s.Sentences, Sentence{n, found})
		}
	}
}

// Document is the retrospective of an incident. Times are Unix milliseconds, 0 = never.
type Document struct {
	IncidentID string `json:"incident_id"`
	State      State  `json:"state"`
	// Revision grows by one with each change; 0 means that nothing was written yet.
	Revision int64 `json:"revision"`
	// CanEdit: the reader may change it.
	CanEdit bool `json:"can_edit"`
	// DueAt is when the commander is, or was, reminded.
	DueAt int64 `json:"due_at"`
	// Broadcast: publishing also posts in the incident's broadcast channel.
	Broadcast     bool      `json:"broadcast"`
	CreateAt      int64     `json:"create_at"`
	CreatedByID   string    `json:"created_by_id"`
	UpdateAt      int64     `json:"update_at"`
	UpdatedByID   string    `json:"updated_by_id"`
	DraftedAt     int64     `json:"drafted_at"`
	PublishedAt   int64     `json:"published_at"`
	PublishedByID string    `json:"published_by_id"`
	Sections      []Section `json:"sections"`
}

// section returns the section with a key, or nil.
func (d *Document) section(key string) *Section {
	if n := slices.IndexFunc(d.Sections, func(s Section) bool { return s.Key == key }); n >= 0 {
		return &d.Sections[n]
	}
	return nil
}

// link finds the generated lines of all sections.
func (d *Document) link() {
	for n := range d.Sections {
		d.Sections[n].link()
	}
}

// Errors of retrospectives. Those of kind Conflict are given out with the document as it is.
var (
	errNoSection = incident.NewError(incident.NotFound, "retrospective.no_section", "The retrospective of this incident has no such section. Read it again.")
	errOutdated  = incident.NewError(incident.Conflict, "retrospective.outdated",
		"Somebody else has changed this in the meantime. Compare both versions, then save again.")
	errPublished = incident.NewError(incident.Conflict, "retrospective.published",
		"This retrospective is published. Reopen it to change it.")
	errNotPublished = incident.NewError(incident.Conflict, "retrospective.not_published",
		"This retrospective is not published, so there is nothing to reopen.")
	errAlreadyPublished = incident.NewError(incident.Conflict, "retrospective.already_published", "This retrospective is published already.")
	errNotEnded         = incident.NewError(incident.Conflict, "retrospective.not_ended",
		"This incident is ongoing. End it before you publish its retrospective.")
)

// fresh reports whether a revision that a client has seen is the stored one; nil is any.
func fresh(expected *int64, stored int64) bool { return expected == nil || *expected == stored }

// edit is what a client makes of a section: its text, or the generated one.
type edit struct {
	text *string
	// generated are the lines of the draft, if the section is to be generated.
	generated []made
	expected  *int64
}

// check refuses texts that must not be stored.
func (e *edit) check() error {
	if e.text == nil {
		return nil
	}
	return incident.CheckText("text", *e.text, MaxText)
}

// apply changes a section of a stored document, and reports whether it has.
func (d *Document) apply(key string, e edit, userID string, now int64) (changed bool, err error) {
	s := d.section(key)
	switch {
	case s == nil:
		return false, errNoSection
	case d.State == Published:
		return false, errPublished
	case e.text != nil && *e.text == s.Text: // sent again, for instance after an answer was lost
		return false, nil
	case !fresh(e.expected, s.Revision):
		return false, errOutdated
	}
	if e.text != nil {
		s.Origin, s.Text = Edited, *e.text
	} else if !s.generate(e.generated) {
		return false, nil
	}
	d.touch(s, userID, now)
	return true, nil
}

// generate replaces the text of a section by generated lines, and reports whether that changes anything.
func (s *Section) generate(lines []made) bool {
	if s.Origin == Generated && slices.EqualFunc(s.made, lines, func(a, b made) bool { return a.Text == b.Text && slices.Equal(a.Refs, b.Refs) }) {
		return false
	}
	s.Origin, s.Text, s.made = Generated, joined(lines), lines
	return true
}

// touch notes that sections were changed, with the next revision.
func (d *Document) touch(s *Section, userID string, now int64) {
	d.Revision++
	d.UpdateAt, d.UpdatedByID = now, userID
	if s != nil {
		s.Revision, s.UpdateAt, s.UpdatedByID = d.Revision, now, userID
	}
}

// regenerate writes the sections again that nobody has edited. It returns those that have changed.
func (d *Document) regenerate(drafts map[Part][]made, expected *int64, userID string, now int64) (changed []*Section, err error) {
	if d.State == Published {
		return nil, errPublished
	}
	for n := range d.Sections {
		if s := &d.Sections[n]; s.Origin == Generated && s.generate(drafts[s.draft]) {
			changed = append(changed, s)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	if !fresh(expected, d.Revision) {
		return nil, errOutdated
	}
	d.touch(nil, userID, now)
	d.DraftedAt = now
	for _, s := range changed {
		s.Revision, s.UpdateAt, s.UpdatedByID = d.Revision, now, userID
	}
	return changed, nil
}

// newDocument is the draft with the sections of a template, which is not stored yet.
func newDocument(incidentID string, sections []TemplateSection, drafts map[Part][]made) Document {
	d := Document{IncidentID: incidentID, State: None, Sections: make([]Section, 0, len(sections))}
	for _, t := range sections {
		questions := t.Questions
		if questions == nil {
			questions = []string{}
		}
		d.Sections = append(d.Sections, Section{Key: t.Key, Heading: t.Heading, Questions: questions, Origin: Generated,
			Text: joined(drafts[t.Draft]), draft: t.Draft, made: drafts[t.Draft]})
	}
	d.link()
	return d
}

// begin makes a document that is to be stored of one that is not.
func (d *Document) begin(userID string, now int64) {
	d.State, d.CreateAt, d.CreatedByID, d.DraftedAt = Drafted, now, userID, now
	d.touch(nil, userID, now)
	for n := range d.Sections {
		s := &d.Sections[n]
		s.Revision, s.UpdateAt, s.UpdatedByID = d.Revision, now, userID
	}
}
