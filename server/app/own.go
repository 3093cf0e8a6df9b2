package app

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Start is the start of an incident before its channel is made.
type Start struct {
	Request *StartRequest
	// Playbook is nil without one.
	Playbook *playbook.Playbook
	// Incident is what will be stored. It has no channel yet.
	Incident *incident.Incident
	// Options are those of Request, by their names.
	Options map[string]json.RawMessage

	additions []addition
	inTx      []InTx
}

// PlanUpdate makes the first status update due in some seconds from the start at the latest. One that is due sooner stays. Test data that
// pretends to have started at another time asks for no update.
func (s *Start) PlanUpdate(seconds int64) {
	if s.Request != nil && s.Request.CreateAt != 0 {
		return
	}
	at, planned := s.Incident.CreateAt+seconds*1000, s.Incident.Clock().NextUpdateAt
	if planned == 0 || at < planned {
		s.Incident.SetClock(incident.Clock{NextUpdateAt: at})
	}
}

// InTx adds statements to the transaction in which the incident is stored, see the type.
func (s *Start) InTx(fn InTx) { s.inTx = append(s.inTx, fn) }

// Starting adds to an incident before its channel is made: to its Own and its tasks. An error refuses the start; its Field is
// the name of the option at fault.
type Starting func(ctx context.Context, s *Start) error

// Adjust adds to each change of an incident, after the change and before it is stored: it may alter the Own and the tasks of inc,
// and set.NextUpdate. now is in Unix milliseconds. It does no I/O, because it runs again after a deadlock.
type Adjust func(before, inc *incident.Incident, now int64, set *incident.ChangeSet)

// PlaybookField validates what a user wants to store as one key of the Own of a playbook of a team, and returns it in the form in
// which it is stored; null is none. Its errors are *incident.Error.
type PlaybookField func(ctx context.Context, userID, teamID string, value json.RawMessage) (json.RawMessage, error)

// Fact is something to be said about an incident wherever it is described, such as its severity. User text in it needs no escaping.
type Fact struct {
	Label, Text string
	// Announce says it also when the incident is announced in another channel.
	Announce bool
	// At is the time (Unix ms) that Text names, 0 for none. Who shows the fact to somebody at once also says how far away that is.
	At int64
	// UserID is the user whose name Text is, "" for another text.
	UserID string
}

// Facts are what capabilities say about an incident, in a language; nil is English.
func (s *Service) Facts(inc *incident.Incident, language *i18n.Language) (all []Fact) {
	for _, facts := range s.extensions.Facts {
		all = append(all, facts(inc, language)...)
	}
	return all
}

// announcedFacts are the facts that are announced, each as a sentence with a space in front.
func (s *Service) announcedFacts(inc *incident.Incident) string {
	var out strings.Builder
	for _, fact := range s.Facts(inc, s.PostLanguage()) {
		if fact.Announce {
			out.WriteString(" " + text.Escape(fact.Label) + ": " + text.Escape(fact.Text) + ".")
		}
	}
	return out.String()
}

// addedLines are what capabilities add to the post about an event, each as a line.
func (s *Service) addedLines(inc *incident.Incident, p incident.Payload) string {
	var added []func(inc *incident.Incident, language *i18n.Language) []string
	switch p.(type) {
	case incident.Started:
		added = s.extensions.StartLines
	case incident.Ended:
		added = s.extensions.EndLines
	}
	var out strings.Builder
	for _, lines := range added {
		for _, line := range lines(inc, s.PostLanguage()) {
			out.WriteString("\n" + line)
		}
	}
	return out.String()
}

// prepare lets capabilities add to an incident that is to be started.
func (s *Service) prepare(ctx context.Context, r *StartRequest, p *playbook.Playbook, inc *incident.Incident) (Start, error) {
	options := r.Options
	if options == nil {
		options = map[string]json.RawMessage{}
	}
	start := Start{Request: r, Playbook: p, Incident: inc, Options: options}
	for _, starting := range s.extensions.Starting {
		if err := starting(ctx, &start); err != nil {
			return start, err
		}
	}
	_, err := inc.Own.Encode()
	return start, err
}

// checkPlaybook lets capabilities refuse a playbook as it is to be stored.
func (s *Service) checkPlaybook(p *playbook.Playbook) error {
	for _, check := range s.extensions.CheckPlaybook {
		if err := check(p); err != nil {
			return err
		}
	}
	return nil
}

// adjusted is fn with what capabilities add to each change.
func (s *Service) adjusted(fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error), now int64) func(inc *incident.Incident) (*incident.ChangeSet, error) {
	return func(inc *incident.Incident) (*incident.ChangeSet, error) {
		if len(s.extensions.Adjust) == 0 {
			return fn(inc, now)
		}
		before := inc.Clone()
		set, err := fn(inc, now)
		if err != nil || set == nil {
			return set, err
		}
		for _, adjust := range s.extensions.Adjust {
			adjust(&before, inc, now, set)
		}
		return set, nil
	}
}

// cleanOwn validates the keys that a user has sent of a playbook. Keys that no capability has are left out, and what is equal to what
// is stored is not validated again. The value null is none.
func (s *Service) cleanOwn(ctx context.Context, userID, teamID string, sent, stored incident.Own) (incident.Own, error) {
	clean := incident.Own{}
	for _, key := range slices.Sorted(maps.Keys(sent)) {
		check, value := s.extensions.PlaybookFields[key], sent[key]
		switch {
		case check == nil:
		case isNull(value):
			clean[key] = nil
		case sameJSON(value, stored[key]):
			clean[key] = stored[key]
		default:
			var err error
			if clean[key], err = check(ctx, userID, teamID, value); err != nil {
				return nil, err
			}
		}
	}
	return clean, nil
}

// mergeOwn returns stored with the keys of clean in place of its own.
func mergeOwn(stored, clean incident.Own) (incident.Own, error) {
	merged := stored.Clone()
	for key, value := range clean {
		if isNull(value) {
			merged.Store(key, nil)
		} else {
			merged.Store(key, value)
		}
	}
	_, err := merged.Encode()
	return merged, err
}

func isNull(value json.RawMessage) bool {
	value = bytes.TrimSpace(value)
	return len(value) == 0 || string(value) == "null"
}

// sameJSON reports whether two values say the same, however they are written: clients may order keys, escape characters and use white
// space in another way.
func sameJSON(a, b json.RawMessage) bool {
	read := func(value json.RawMessage) (decoded interface{}, ok bool) {
		decoder := json.NewDecoder(bytes.NewReader(value))
		decoder.UseNumber()
		return decoded, decoder.Decode(&decoded) == nil
	}
	x, readX := read(a)
	y, readY := read(b)
	return readX && readY && reflect.DeepEqual(x, y)
}
