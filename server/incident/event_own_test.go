package incident

import (
	"encoding/json"
	"errors"
	"testing"
)

type paged struct {
	User Pair[string]
	Note string
}

func (paged) Type() EventType { return "paged" }

func (p paged) Sides() (before, after interface{}) {
	if p.User.Before != "" {
		before = map[string]string{"user": p.User.Before}
	}
	return before, map[string]string{"user": p.User.After, "note": p.Note}
}

func decodePaged(before, after json.RawMessage) (Payload, error) {
	var b, a struct{ User, Note string }
	if err := errors.Join(json.Unmarshal(before, &b), json.Unmarshal(after, &a)); err != nil {
		return nil, err
	}
	return paged{User: Pair[string]{b.User, a.User}, Note: a.Note}, nil
}

func TestOwnEvents(t *testing.T) {
	p := paged{User: Pair[string]{"", "anna"}, Note: "a <b>"}
	before, after := EncodePayload(p)
	if string(before) != "{}" || string(after) != `{"note":"a <b>","user":"anna"}` {
		t.Errorf("encoded %s %s", before, after)
	}
	// As long as nobody has registered the kind, it is unknown.
	if u, ok := DecodePayload("paged", before, after).(Unknown); !ok || u.Stored != "paged" || u.Readable != nil {
		t.Errorf("decoded %#v", DecodePayload("paged", before, after))
	}
	RegisterEvent("paged", decodePaged)
	defer decoders.Delete(EventType("paged"))
	if got := DecodePayload("paged", before, after); got != p {
		t.Errorf("decoded %#v", got)
	}
	for _, damaged := range []string{"", "{", `{"user":1}`, "[]"} {
		if u, ok := DecodePayload("paged", before, json.RawMessage(damaged)).(Unknown); !ok || string(u.After) != damaged {
			t.Errorf("%q: decoded %#v", damaged, DecodePayload("paged", before, json.RawMessage(damaged)))
		}
	}
	// Kinds of this package cannot be replaced.
	RegisterEvent(EventRestarted, decodePaged)
	defer decoders.Delete(EventRestarted)
	if _, ok := DecodePayload(EventRestarted, json.RawMessage(`{"end_at":3}`), json.RawMessage(`{"end_at":0}`)).(Restarted); !ok {
		t.Error("a kind of the core was replaced")
	}
}
