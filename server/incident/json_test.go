package incident

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// What is special in HTML is stored and sent as it is, in nested values as well, and is read as the same.
func TestMarshalDoesNotEscapeForHTML(t *testing.T) {
	const text = "<a href='x'>&</a>"
	i := sample()
	i.Name, i.Checklists[0].Tasks[0].Description = text, text
	for name, v := range map[string]interface{}{
		"text": text, "incident": i, "pointer": &i, "nested": map[string]interface{}{"items": []Incident{*i}}, "event": json.RawMessage(marshal(values{"title": text})),
	} {
		got, err := Marshal(v)
		if err != nil || !strings.Contains(string(got), text) || strings.Contains(string(got), `\u003c`) || strings.HasSuffix(string(got), "\n") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	content, err := Marshal(i)
	var read Incident
	if err != nil || json.Unmarshal(content, &read) != nil || !reflect.DeepEqual(read.Checklists, i.Checklists) || read.Name != text {
		t.Errorf("read as %+v, %v", read, err)
	}
	if _, err = Marshal(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}

// Stages are as long as they are stored, in a playbook, which may have no ids, and in the incident that is started from it.
func TestStagesBytes(t *testing.T) {
	template := []Stage{{Title: "<One>", Tasks: []Task{{Title: "&", Command: "/x"}, {Title: "b", Description: "line\nbreak"}}}, {Title: "Two"}}
	started := StagesForStart(template)
	stored, err := Marshal(started)
	if err != nil || StagesBytes(template) != len(stored) || StagesBytes(started) != len(stored) {
		t.Errorf("counted as %d and %d, stored with %d: %v", StagesBytes(template), StagesBytes(started), len(stored), err)
	}
	signed := CloneStages(started)
	signed[0].Tasks[0].CommandLastEditorID, signed[0].Tasks[0].CommandEditedAt, signed[0].Tasks[0].CommandLastRunnerID = "anna", 5, "boris"
	if StagesBytes(signed) != len(stored) {
		t.Error("who wrote and ran a command counts")
	}
}

// A playbook and an incident have the same limit of stages: what a playbook may hold, an incident may.
func TestCheckStagesLimitsBytes(t *testing.T) {
	stages := []Stage{{Title: "s"}}
	for StagesBytes(stages) <= MaxStagesBytes {
		if err := CheckStages(stages); err != nil {
			t.Fatalf("%d bytes: %v", StagesBytes(stages), err)
		}
		stages[0].Tasks = append(stages[0].Tasks, Task{Title: strings.Repeat("<", MaxTaskTitle), Command: strings.Repeat("&", MaxCommand), Description: strings.Repeat("é", MaxTaskDescription)})
	}
	err := CheckStages(stages)
	if e, ok := AsError(err); !ok || e.Kind != Invalid || e.Field != "checklists" {
		t.Errorf("%d bytes: %v", StagesBytes(stages), err)
	}
}
