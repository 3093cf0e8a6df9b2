package store

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// FuzzStages reads any text as an incident's stored stages. What the strict decoder takes it reads as the tolerant one
// does. What can be read is written in the form of 1.2.0, and read again as the same.
func FuzzStages(f *testing.F) {
	for _, text := range []string{"", "null", "[]", "[null]", "[[]]", `{"a":1}`, `[{"items":null}]`, `[{"id":"","title":"One","items":[{"state":"closed","state_modified":7}]}]`,
		`[{"id":"a","title":"t","items":[{"id":"b","title":"t","state":"","state_modified":0,"state_modified_post_id":"","assignee_id":"","assignee_modified":0,"assignee_modified_post_id":"","command":"","command_last_run":0,"description":""}]}]`,
		`[{"TITLE":"x","items":[null,{"command_last_run":-9223372036854775808}]}]`, `[{"title":"\ud800\u0000 \u2028"}]`, `[] trailing`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stages, err := decodeStages(text)
		var tolerant []incident.Stage
		if plain := json.Unmarshal([]byte(text), &tolerant); (plain == nil) != (err == nil) || err == nil && !reflect.DeepEqual(stages, tolerant) {
			t.Fatalf("%q was read as %+v (%v), and by the tolerant decoder as %+v (%v)", text, stages, err, tolerant, plain)
		}
		if err != nil {
			return
		}
		incident.FillIDs(stages)
		written, err := encodeStages(stages)
		if err != nil || !json.Valid([]byte(written)) {
			t.Fatalf("%q became %q: %v", text, written, err)
		}
		again, err := decodeStages(written)
		if err != nil || len(again) != len(stages) {
			t.Fatalf("%q was written as %q and read as %v: %v", text, written, again, err)
		}
		for n := range stages {
			if stages[n].ID == "" || again[n].ID != stages[n].ID || len(again[n].Tasks) != len(stages[n].Tasks) {
				t.Fatalf("stage %+v was read as %+v", stages[n], again[n])
			}
			for k := range stages[n].Tasks {
				if stages[n].Tasks[k].ID == "" || !reflect.DeepEqual(stages[n].Tasks[k], again[n].Tasks[k]) {
					t.Fatalf("task %+v was read as %+v", stages[n].Tasks[k], again[n].Tasks[k])
				}
			}
		}
	})
}

// FuzzSearch makes a search term harmless: nothing of it is special to LIKE.
func FuzzSearch(f *testing.F) {
	for _, term := range []string{"%", "_", "!", `\`, "!%", "%!_!", "'", "\x00", "a%b"} {
		f.Add(term)
	}
	f.Fuzz(func(t *testing.T, term string) {
		escaped := likeEscape(term)
		var plain strings.Builder
		for n := 0; n < len(escaped); n++ {
			switch escaped[n] {
			case '%', '_':
				t.Fatalf("%q became %q", term, escaped)
			case '!':
				n++
			}
			plain.WriteByte(escaped[n])
		}
		if plain.String() != term {
			t.Fatalf("%q became %q, which finds %q", term, escaped, plain.String())
		}
	})
}
