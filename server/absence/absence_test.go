package absence

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// The post has no mention: the commander would be the only one to be notified.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		gone Gone
		says string
	}{{Gone{UserID: "anna"}, "not in the channel any more"}, {Gone{UserID: "anna", Deactivated: true}, "no active account"}} {
		e := &incident.Event{Payload: c.gone}
		for name, want := range map[string]string{"anna.b": "`anna.b`", "": ": this person "} {
			got := post(nil, e, func(string) string { return name })
			if !strings.Contains(got, want) || !strings.Contains(got, c.says) || strings.Contains(got, "@anna") {
				t.Errorf("%+v: %q", c.gone, got)
			}
		}
		if got := sentence(e, "x", text.Voice{Person: func(string) string { return "" }}); !strings.Contains(got, c.says) {
			t.Errorf("%+v: %q", c.gone, got)
		}
		_, after := c.gone.Sides()
		stored, err := json.Marshal(after)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := decode(nil, stored); err != nil || read != incident.Payload(c.gone) {
			t.Errorf("%s is read as %+v, %v", stored, read, err)
		}
	}
	if _, err := decode(nil, json.RawMessage(`{`)); err == nil {
		t.Error("damaged JSON is read")
	}
}
