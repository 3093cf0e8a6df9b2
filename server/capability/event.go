package capability

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Event is a kind of event of a capability. Its payload is an incident.OwnPayload. If the capability is deleted, stored events of
// this kind are read as incident.Unknown.
type Event struct {
	// Type is unique among all kinds, and must stay.
	Type incident.EventType
	// Decode reads a payload from the JSON objects before and after.
	Decode incident.Decoder
	// InStory says that it is part of the story of an incident, which a retrospective tells by the sentences of its Words.
	InStory bool
	// Words are its sentences.
	Words text.Words
}

func (e *Event) register() {
	incident.RegisterEvent(e.Type, e.Decode)
	text.RegisterEvent(e.Type, e.Words)
}
