package incident

import (
	"bytes"
	"encoding/json"
)

// Marshal encodes a value as json.Marshal does, but leaves <, > and & as they are. What is stored and sent as JSON is
// encoded with it: escapes for HTML would make such a character six bytes long.
func Marshal(v interface{}) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// StagesBytes is how many bytes stages take where they are stored, in a playbook and in an incident alike: each stage and
// each task counts with an id, and without who wrote and ran its command. That is short, and what fitted into version
// 1.2.0 still fits.
func StagesBytes(stages []Stage) int {
	counted := normalStages(CloneStages(stages))
	for s := range counted {
		counted[s].ID = countedID
		for n := range counted[s].Tasks {
			counted[s].Tasks[n] = unsigned(counted[s].Tasks[n])
		}
	}
	return jsonSize(counted)
}

// countedID is as long as an id.
const countedID = "00000000000000000000000000"

// unsigned is a task as StagesBytes counts it.
func unsigned(t Task) Task {
	t.CommandLastEditorID, t.CommandEditedAt, t.CommandLastRunnerID = "", 0, ""
	t.ID = countedID
	return t
}

// marshal encodes values of our own types, which cannot fail.
func marshal(v interface{}) json.RawMessage {
	b, err := Marshal(v)
	if err != nil {
		return json.RawMessage("{}")
	}
	return b
}

// jsonSize is how many bytes a value takes as JSON.
func jsonSize(v interface{}) int { return len(marshal(v)) }
