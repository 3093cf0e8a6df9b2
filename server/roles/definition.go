package roles

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Key is the name of the field of playbooks and incidents.
const Key = "roles"

// Limits of the roles of a playbook; texts in characters.
const (
	MaxRoles       = 10
	MaxName        = 64
	MaxDescription = 256
	// MaxPeople is how many people the roles and the tasks of a playbook may name: a start adds each of them to the channel.
	MaxPeople = 100
)

// commanderKey is no role of a playbook: every incident has a commander.
const commanderKey = "commander"

// Kinds of a Default.
const (
	defaultNone      = "none"
	defaultCommander = "commander"
	defaultStarter   = "starter"
	defaultUser      = "user"
)

// Default says to whom a role falls when an incident starts.
type Default struct {
	// Kind is one of none, commander, starter and user.
	Kind string `json:"kind"`
	// UserID is the user of the kind user, else "".
	UserID string `json:"user_id"`
}

// Definition is a role in a playbook.
type Definition struct {
	Key         string  `json:"key"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Default     Default `json:"default"`
}

// cleanPlaybook validates the roles that a client has sent, and returns them as they are stored; nil for none.
func cleanPlaybook(_ context.Context, _, _ string, value json.RawMessage) (json.RawMessage, error) {
	var sent []Definition
	if err := json.Unmarshal(value, &sent); err != nil {
		return nil, incident.InvalidField(Key, "roles must be a list of roles, each with a name, and with a description and a default if you like.").WithDetails(err.Error())
	}
	cleaned, err := clean(sent)
	if err != nil || len(cleaned) == 0 {
		return nil, err
	}
	return incident.Marshal(cleaned)
}

// clean validates roles. Keys that are missing are made of the names.
func clean(sent []Definition) ([]Definition, error) {
	if len(sent) > MaxRoles {
		return nil, incident.InvalidField(Key, "roles has too many roles: %d, at most %d are allowed.", len(sent), MaxRoles)
	}
	out := make([]Definition, 0, len(sent))
	keys, names := map[string]bool{commanderKey: true}, map[string]bool{commanderKey: true}
	for _, d := range sent {
		if err := d.clean(); err != nil {
			return nil, err
		}
		if name := strings.ToLower(d.Name); names[name] {
			return nil, incident.InvalidField("roles.name", "Two roles are named %s, or it is the commander's name. Give each role a name of its own.", d.Name)
		} else {
			names[name] = true
		}
		if d.Key == commanderKey {
			return nil, incident.InvalidField("roles.key", "roles.key must not be commander: each incident has a commander anyway. Choose another key.")
		}
		if d.Key != "" && keys[d.Key] {
			return nil, incident.InvalidField("roles.key", "Two roles have the key %s. Give each role a key of its own.", d.Key)
		}
		if d.Key != "" {
			keys[d.Key] = true
		}
		out = append(out, d)
	}
	for n := range out {
		if out[n].Key == "" {
			out[n].Key = freeKey(out[n].Name, keys)
			keys[out[n].Key] = true
		}
	}
	return out, nil
}

// clean validates one role and brings it into the stored form.
func (d *Definition) clean() error {
	if d.Key != "" && !incident.IsRoleKey(d.Key) {
		return incident.InvalidField("roles.key", "roles.key must be 1 to %d characters a-z, 0-9, _ and -, or be left out.", incident.MaxRoleKey)
	}
	d.Name = strings.TrimSpace(d.Name)
	if incident.IsBlank(d.Name) {
		return incident.InvalidField("roles.name", "roles.name must not be empty: give the role a name.")
	}
	d.Description = strings.TrimSpace(d.Description)
	for _, text := range []struct {
		field, value string
		max          int
	}{{"roles.name", d.Name, MaxName}, {"roles.description", d.Description, MaxDescription}} {
		if err := incident.CheckText(text.field, text.value, text.max); err != nil {
			return err
		}
		if strings.ContainsFunc(text.value, isBreak) {
			return incident.InvalidField(text.field, "%s must be one line, without control characters.", text.field)
		}
	}
	switch d.Default.Kind {
	case "":
		d.Default.Kind = defaultNone
	case defaultNone, defaultCommander, defaultStarter, defaultUser:
	default:
		return incident.InvalidField("roles.default.kind", "roles.default.kind must be one of: none, commander, starter, user.")
	}
	if d.Default.Kind != defaultUser {
		d.Default.UserID = ""
	} else if !model.IsValidId(d.Default.UserID) {
		return incident.InvalidField("roles.default.user_id", "roles.default.user_id must be the id of a user: 26 letters and digits.")
	}
	return nil
}

func isBreak(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

var notInKeys = regexp.MustCompile(`[^a-z0-9]+`)

// freeKey makes a key of a name that is not among the used ones.
func freeKey(name string, used map[string]bool) string {
	base := strings.Trim(notInKeys.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if base == "" {
		base = "role"
	}
	base = strings.TrimRight(base[:min(len(base), incident.MaxRoleKey-3)], "-")
	key := base
	for n := 2; used[key]; n++ {
		key = fmt.Sprint(base, "-", n)
	}
	return key
}

// definitions reads the roles of a playbook.
func definitions(p *playbook.Playbook) ([]Definition, error) {
	var found []Definition
	if p == nil {
		return nil, nil
	}
	_, err := p.Own.Load(Key, &found)
	return found, err
}

// checkPlaybook fails if a task is assigned to a role that the playbook does not have, or if roles and tasks are meant for too many people.
func checkPlaybook(p *playbook.Playbook) error {
	defined, err := definitions(p)
	damaged := err != nil // in the database; who saves the rest of the playbook cannot help it
	known, people := map[string]bool{}, map[string]bool{}
	for _, d := range defined {
		known[d.Key] = true
		people[d.Default.UserID] = true
	}
	for _, stage := range p.Checklists {
		for _, task := range stage.Tasks {
			people[task.Assignment.UserID] = true
			if a := task.Assignment; a.Kind == incident.AssignedToRole && !known[a.Role] && !damaged {
				return incident.InvalidField("checklists.items.assignment.role",
					"The task “%s” is assigned to the role %s, which this playbook does not have. Add the role, or assign the task to somebody else.",
					incident.Truncate(task.Title, 100), a.Role)
			}
		}
	}
	delete(people, "")
	if len(people) > MaxPeople {
		return incident.InvalidField("checklists.items.assignment.user_id",
			"The roles and tasks of this playbook are meant for too many people: %d, at most %d are allowed. Assign tasks to roles instead.", len(people), MaxPeople)
	}
	return nil
}
