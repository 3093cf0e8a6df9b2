// Package severity is a capability: how bad an incident is. A playbook has up to six levels, the first of which is the worst. An
// incident takes them when it starts and has one of them.
package severity

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// key is the field of incidents and playbooks, the option of a start, and the sort and the filter of lists.
const key = "severity"

// EventChanged is the kind of the event: an incident got another level.
const EventChanged incident.EventType = "severity_changed"

// Changed is the payload of the event.
type Changed struct {
	// Before has no key if no level was chosen.
	Before, After Ref
	// Raised means that the level is worse than before, or the first one.
	Raised bool
	// Reason is what the user has written, or "".
	Reason string
	// NextUpdate is when the next status update was due and is due, in Unix milliseconds, 0 for never; nil if that did not change.
	NextUpdate *incident.Pair[int64]
}

// WithNextUpdate returns the payload that also tells of the next status update: it was due at before and is due at after, in Unix
// milliseconds, 0 for never. The capability of status updates calls it.
func (c Changed) WithNextUpdate(before, after int64) incident.OwnPayload {
	c.NextUpdate = &incident.Pair[int64]{Before: before, After: after}
	return c
}

// Ref names a level as it was when the event happened.
type Ref struct {
	Key  string `json:"key"`
	Name string `json:"name"`
}

// Label is the level for people; user text in it is not escaped.
func (r Ref) Label() string { return label(r.Key, r.Name) }

// Type implements incident.Payload.
func (Changed) Type() incident.EventType { return EventChanged }

// PlannedUpdate implements incident.PlansUpdate.
func (c Changed) PlannedUpdate() (at int64, moved bool) {
	if c.NextUpdate == nil {
		return 0, false
	}
	return c.NextUpdate.After, true
}

type side struct {
	Severity Ref    `json:"severity"`
	Raised   bool   `json:"raised,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// NextUpdateAt is nil if it did not change.
	NextUpdateAt *int64 `json:"next_update_at,omitempty"`
}

// Sides implements incident.OwnPayload.
func (c Changed) Sides() (before, after interface{}) {
	b, a := side{Severity: c.Before}, side{Severity: c.After, Raised: c.Raised, Reason: c.Reason}
	if c.NextUpdate != nil {
		b.NextUpdateAt, a.NextUpdateAt = &c.NextUpdate.Before, &c.NextUpdate.After
	}
	return b, a
}

func decode(before, after json.RawMessage) (incident.Payload, error) {
	var b, a side
	if err := json.Unmarshal(before, &b); err != nil {
		return nil, err
	}
	err := json.Unmarshal(after, &a)
	c := Changed{Before: b.Severity, After: a.Severity, Raised: a.Raised, Reason: a.Reason}
	if b.NextUpdateAt != nil && a.NextUpdateAt != nil {
		c.NextUpdate = &incident.Pair[int64]{Before: *b.NextUpdateAt, After: *a.NextUpdateAt}
	}
	return c, err
}

// Service is what is needed of the use cases; *app.Service has it.
type Service interface {
	AuthorizeEdit(ctx context.Context, userID, id string) (app.ChangeRequest, error)
	CanEdit(ctx context.Context, userID, id string) error
	Change(ctx context.Context, r app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error)
	// IncidentForAutocomplete reads the incident of a channel.
	IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error)
	Language(userID string) *i18n.Language
}

// severity is the use cases. It is safe for concurrent use.
type severity struct {
	core Service
	log  app.Log
}

// New makes the capability.
func New(core *capability.Core) capability.Capability {
	s := &severity{core: core.Service, log: core.Log}
	return capability.Capability{
		Name:   "severity",
		Routes: s.routes(), Commands: s.commands(),
		Events:    []capability.Event{{Type: EventChanged, Decode: decode, InStory: true, Words: text.Words{Post: post, Sentence: sentence}}},
		OwnFields: []capability.OwnField{{Key: key, Row: row, Playbook: cleanTemplate}},
		Starting:  s.starting, StartOptions: []string{key}, StartFields: s.startFields, StartLines: startLines, Facts: facts, Recap: recap,
		InTx: writeColumns, Migrations: migrations,
		ListSorts: map[string]string{key: "SeverityRank"}, ListFilters: map[string]capability.ListFilter{key: filter},
	}
}

// State is what an incident has.
type State struct {
	// Key is that of the chosen level, "" for none.
	Key string `json:"key"`
	// Levels are those of the playbook when the incident was started, the worst first.
	Levels []Level `json:"levels"`
}

// stateOf reads the state of an incident; nil for none, and for one that cannot be read.
func stateOf(inc *incident.Incident) *State {
	var s State
	if found, err := inc.Own.Load(key, &s); err != nil || !found || len(s.Levels) == 0 {
		return nil
	}
	return &s
}

// find returns the place of the level with a key in any letter case, -1 if there is none.
func find(levels []Level, key string) int {
	for n := range levels {
		if strings.EqualFold(levels[n].Key, key) {
			return n
		}
	}
	return -1
}

// chosen is the level of the incident, or nil.
func (s *State) chosen() *Level {
	if s == nil || s.Key == "" {
		return nil
	}
	if n := find(s.Levels, s.Key); n >= 0 {
		return &s.Levels[n]
	}
	return nil
}

// row is the short form for lists.
func row(value json.RawMessage) json.RawMessage {
	var s State
	if json.Unmarshal(value, &s) != nil {
		return nil
	}
	level := s.chosen()
	if level == nil {
		return nil
	}
	short, err := incident.Marshal(struct {
		Key   string `json:"key"`
		Name  string `json:"name"`
		Color string `json:"color"`
	}{level.Key, level.Name, level.Color})
	if err != nil {
		return nil
	}
	return short
}

// set gives an incident another level, for a reason that may be "". A level that is raised makes the next status update due after its
// interval at the latest; one that is lowered leaves it, unless reschedule. The same level is no change.
func (s *severity) set(ctx context.Context, userID, id, wanted, reason string, reschedule bool) (app.Change, error) {
	r, err := s.core.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return app.Change{}, err
	}
	reason = strings.TrimSpace(reason)
	if err = checkReason(reason); err != nil {
		return app.Change{}, err
	}
	return s.core.Change(ctx, r, func(inc *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return change(inc, wanted, reason, reschedule, now)
	})
}

// change is the change of an incident. It is pure.
func change(inc *incident.Incident, wanted, reason string, reschedule bool, now int64) (*incident.ChangeSet, error) {
	state := stateOf(inc)
	if state == nil {
		return nil, errNoLevels
	}
	n := find(state.Levels, wanted)
	if n < 0 {
		return nil, unknownLevel(state.Levels)
	}
	if incident.IsBlank(reason) { // else the post would have an empty quote
		reason = ""
	}
	old, level := state.chosen(), &state.Levels[n]
	payload := Changed{After: level.ref(), Raised: true, Reason: reason}
	if old != nil {
		if old.Key == level.Key {
			return nil, nil
		}
		payload.Before, payload.Raised = old.ref(), n < find(state.Levels, old.Key)
	}
	state.Key = level.Key
	inc.Own.Store(key, state)
	set := inc.ChangeOwn(payload)
	if level.UpdateSeconds == 0 {
		return set, nil
	}
	inc.PreviousReminder = level.UpdateSeconds * 1e9 // what the next update offers
	at := now + level.UpdateSeconds*1000
	switch {
	case !inc.IsActive:
	case payload.Raised:
		set.NextUpdate = &incident.NextUpdate{NoLaterThan: at}
	case reschedule:
		set.NextUpdate = &incident.NextUpdate{At: at}
	}
	return set, nil
}

// facts say the level wherever the incident is described.
func facts(inc *incident.Incident, language *i18n.Language) []capability.Fact {
	level := stateOf(inc).chosen()
	if level == nil {
		return nil
	}
	return []capability.Fact{{Label: language.T("Severity"), Text: level.ref().Label(), Announce: true}}
}
