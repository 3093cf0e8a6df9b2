package incident

import (
	"encoding/json"
	"maps"
	"sort"
	"sync"
)

// MaxOwnBytes is how long the Own of an incident or a playbook may become as JSON, in bytes.
const MaxOwnBytes = 64 << 10

// Own is what capabilities keep with an incident or a playbook: one JSON value for each capability's key. Clients read the keys
// that are registered as fields of the incident or playbook. Keys that are not, as those of a capability that was removed, are kept.
type Own map[string]json.RawMessage

// Load reads the value of a key into target. It returns false if there is none, and fails if the value does not fit target.
func (o Own) Load(key string, target interface{}) (bool, error) {
	value := o[key]
	if len(value) == 0 || string(value) == "null" {
		return false, nil
	}
	if err := json.Unmarshal(value, target); err != nil {
		return false, err
	}
	return true, nil
}

// Store sets the value of a key; nil deletes it. Copies of o that were made before keep theirs.
func (o *Own) Store(key string, value interface{}) {
	fresh := make(Own, len(*o)+1)
	maps.Copy(fresh, *o)
	delete(fresh, key)
	if value != nil {
		if encoded := marshal(value); string(encoded) != "null" {
			fresh[key] = encoded
		}
	}
	*o = fresh.Clone()
}

// Clone returns a copy, nil for an empty one. Values are never altered, only replaced.
func (o Own) Clone() Own {
	if len(o) == 0 {
		return nil
	}
	return maps.Clone(o)
}

// Encode returns the form in which it is stored: a JSON object with its keys in order, "" if there are none. It is Invalid if that
// is longer than MaxOwnBytes.
func (o Own) Encode() (string, error) {
	if len(o) == 0 {
		return "", nil
	}
	encoded, err := Marshal(map[string]json.RawMessage(o))
	if err != nil {
		return "", err
	}
	if len(encoded) > MaxOwnBytes {
		return "", NewError(Invalid, "own.too_large",
			"The settings of this incident or playbook are too long together: they take %d bytes, at most %d are allowed. Shorten names and descriptions, or remove some of them.", len(encoded), MaxOwnBytes)
	}
	return string(encoded), nil
}

// DecodeOwn reads what Encode has written.
func DecodeOwn(text string) (Own, error) {
	if text == "" {
		return nil, nil
	}
	var o Own
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return nil, err
	}
	return o.Clone(), nil
}

// Row returns o as rows of lists have it.
func (o Own) Row() Own {
	var short Own
	for key, value := range o {
		row, registered := ownFields.Load(key)
		if !registered {
			continue
		}
		if shorten := row.(OwnRow); shorten != nil {
			value = shorten(value)
		}
		if value != nil {
			short.Store(key, value)
		}
	}
	return short
}

// OwnRow makes the short form of a value for rows of lists; nil leaves it out. A nil OwnRow is the whole value.
type OwnRow func(value json.RawMessage) json.RawMessage

// ownFields are the registered keys.
var ownFields sync.Map

// RegisterOwn makes a key of Own a field that clients read. To register it again replaces its row.
func RegisterOwn(key string, row OwnRow) { ownFields.Store(key, row) }

// AppendOwn adds the registered keys of o, in order, to a JSON object that has a field already.
func AppendOwn(object []byte, o Own) []byte {
	var keys []string
	for key := range o {
		if _, registered := ownFields.Load(key); registered {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return object
	}
	sort.Strings(keys)
	object = object[:len(object)-1]
	for _, key := range keys {
		object = append(append(append(append(object, ','), marshal(key)...), ':'), o[key]...)
	}
	return append(object, '}')
}

// ChangeOwn returns the ChangeSet of a change of i.Own, which the caller has made, with the payload of a capability's event.
func (i *Incident) ChangeOwn(p OwnPayload) *ChangeSet { return NewChangeSet(p) }
