package incident

import (
	"encoding/json"
	"sync"
)

// OwnPayload is the payload of a kind of event that a capability has registered.
type OwnPayload interface {
	Payload
	// Sides returns the values before and after the change. Each is stored as a JSON object; nil is an empty one.
	Sides() (before, after interface{})
}

// Decoder reads a payload from the JSON objects that its Sides have become. It must also read those of earlier versions.
type Decoder func(before, after json.RawMessage) (Payload, error)

var decoders sync.Map

// RegisterEvent adds a kind of event. To register it again replaces the decoder. Kinds of this package cannot be replaced.
func RegisterEvent(kind EventType, decode Decoder) { decoders.Store(kind, decode) }

// ownSides is sides for a registered kind of event.
func ownSides(p OwnPayload) (before, after json.RawMessage) {
	object := func(side interface{}) json.RawMessage {
		if side == nil {
			return values(nil).json()
		}
		return marshal(side)
	}
	b, a := p.Sides()
	return object(b), object(a)
}

// decodeOwn reads a payload of a registered kind, nil if there is none or it cannot be read.
func decodeOwn(kind EventType, before, after json.RawMessage) Payload {
	decode, ok := decoders.Load(kind)
	if !ok || !json.Valid(before) || !json.Valid(after) {
		return nil
	}
	p, err := decode.(Decoder)(before, after)
	if err != nil {
		return nil
	}
	return p
}
