package roles

import (
	"encoding/json"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// Kinds of events. A handoff that was accepted is the event commander_changed with the handoff's id.
const (
	EventRole      incident.EventType = "role_changed"
	EventOffered   incident.EventType = "handoff_offered"
	EventDeclined  incident.EventType = "handoff_declined"
	EventLapsed    incident.EventType = "handoff_lapsed"
	EventWithdrawn incident.EventType = "handoff_withdrawn"
	EventOvertaken incident.EventType = "handoff_overtaken"
)

// outcomes are the kinds of events that end a handoff, but for the change of the commander.
var outcomes = []incident.EventType{EventDeclined, EventLapsed, EventWithdrawn, EventOvertaken}

// RoleChanged is the payload of a role that got another holder.
type RoleChanged struct {
	Role, Name string
	// HolderID is "" for nobody. Since is when the holder before got the role, and when the one after did, in Unix milliseconds.
	HolderID incident.Pair[string]
	Since    incident.Pair[int64]
	// Tasks is how many tasks went with the role.
	Tasks int
}

type roleSide struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	HolderID string `json:"holder_id"`
	Since    int64  `json:"since"`
	Tasks    int    `json:"tasks,omitempty"`
}

// Type implements incident.Payload.
func (RoleChanged) Type() incident.EventType { return EventRole }

// Sides implements incident.OwnPayload.
func (c RoleChanged) Sides() (before, after interface{}) {
	return roleSide{c.Role, c.Name, c.HolderID.Before, c.Since.Before, 0}, roleSide{c.Role, c.Name, c.HolderID.After, c.Since.After, c.Tasks}
}

func decodeRole(before, after json.RawMessage) (incident.Payload, error) {
	var b, a roleSide
	if err := json.Unmarshal(before, &b); err != nil {
		return nil, err
	}
	err := json.Unmarshal(after, &a)
	return RoleChanged{Role: a.Role, Name: a.Name, HolderID: incident.Pair[string]{Before: b.HolderID, After: a.HolderID},
		Since: incident.Pair[int64]{Before: b.Since, After: a.Since}, Tasks: a.Tasks}, err
}

// HandoffEvent is the payload of an offer of the command, and of its end unless it was accepted.
type HandoffEvent struct {
	Kind incident.EventType `json:"-"`
	Handoff
	// Because is the reason of an EventOvertaken.
	Because Reason `json:"because,omitempty"`
}

// Type implements incident.Payload.
func (h HandoffEvent) Type() incident.EventType { return h.Kind }

// Sides implements incident.OwnPayload.
func (h HandoffEvent) Sides() (before, after interface{}) {
	if h.Kind == EventOffered {
		return nil, h
	}
	return h.Handoff, h
}

func decodeHandoff(kind incident.EventType) incident.Decoder {
	return func(_, after json.RawMessage) (incident.Payload, error) {
		h := HandoffEvent{Kind: kind}
		err := json.Unmarshal(after, &h)
		return h, err
	}
}

func events() []capability.Event {
	all := []capability.Event{{Type: EventRole, Decode: decodeRole, InStory: true, Words: text.Words{Post: rolePost, Sentence: roleSentence}}}
	for _, kind := range append([]incident.EventType{EventOffered}, outcomes...) {
		all = append(all, capability.Event{Type: kind, Decode: decodeHandoff(kind), InStory: true, Words: text.Words{Post: handoffPost, Sentence: handoffSentence}})
	}
	return all
}
