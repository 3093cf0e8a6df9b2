package severity

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Limits of levels, in characters or numbers. api.yaml states them for clients.
const (
	MaxLevels      = 6
	MaxName        = 64
	MaxDescription = 256
	MaxReason      = 1024
	// MinUpdateSeconds is the shortest interval of status updates; the longest is incident.MaxReminderSeconds.
	MinUpdateSeconds = 60
)

// Colors are the names of the colours; clients choose shades that are readable in light and dark.
var Colors = []string{"red", "orange", "yellow", "green", "blue", "purple", "grey"}

// none is the value of the filter for incidents without a level. No level has it as its key.
const none = "none"

// Level is one level of severity.
type Level struct {
	// Key names it in commands and lists, such as SEV1.
	Key  string `json:"key"`
	Name string `json:"name"`
	// Description says in one line when to choose it.
	Description string `json:"description"`
	Color       string `json:"color"`
	// UpdateSeconds is how often status updates are due, 0 for no interval.
	UpdateSeconds int64 `json:"update_seconds"`
}

func (l *Level) ref() Ref { return Ref{Key: l.Key, Name: l.Name} }

// label is a level for people.
func label(key, name string) string {
	if name == "" || strings.EqualFold(key, name) {
		return key
	}
	return key + " · " + name
}

// Template is what a playbook has.
type Template struct {
	// Levels are in order of severity, the worst first.
	Levels []Level `json:"levels"`
	// Default is the key of the level with which incidents start, "" for none.
	Default string `json:"default"`
}

var keyPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,16}$`)

var errNoLevels = incident.InvalidField(key, "This incident has no severity levels: the playbook that it was started from had none.")

func unknownLevel(levels []Level) error {
	keys := make([]string, len(levels))
	for n := range levels {
		keys[n] = levels[n].Key
	}
	return incident.InvalidField(key, "severity must be one of: %s.", strings.Join(keys, ", "))
}

// cleanTemplate validates what a client sent as the levels of a playbook. No levels are none.
func cleanTemplate(_ context.Context, _, _ string, value json.RawMessage) (json.RawMessage, error) {
	var t Template
	if err := json.Unmarshal(value, &t); err != nil {
		return nil, malformed(err)
	}
	if err := t.clean(); err != nil {
		return nil, err
	}
	if len(t.Levels) == 0 {
		return json.RawMessage("null"), nil
	}
	return incident.Marshal(t)
}

// malformed is the error for JSON of another form.
func malformed(err error) error {
	field := key
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		field += "." + wrong.Field
	}
	return incident.InvalidField(field, "%s has a value of the wrong type: severity must be an object with levels, a list of objects, and default, a key.", field)
}

func (t *Template) clean() error {
	if len(t.Levels) > MaxLevels {
		return incident.InvalidField("severity.levels", "severity.levels has too many entries: %d, at most %d are allowed.", len(t.Levels), MaxLevels)
	}
	for n := range t.Levels {
		level := &t.Levels[n]
		if err := level.clean(); err != nil {
			return err
		}
		if find(t.Levels[:n], level.Key) >= 0 {
			return incident.InvalidField("severity.levels.key", "severity.levels.key must be different in each level, also without regard to upper and lower case.")
		}
	}
	if t.Default == "" {
		return nil
	}
	n := find(t.Levels, t.Default)
	if n < 0 {
		return incident.InvalidField("severity.default", "severity.default must be the key of one of the levels, or empty.")
	}
	t.Default = t.Levels[n].Key
	return nil
}

func (l *Level) clean() error {
	if !keyPattern.MatchString(l.Key) || strings.EqualFold(l.Key, none) {
		return incident.InvalidField("severity.levels.key", "severity.levels.key must be 1 to 16 letters, digits, - or _, and not %s.", none)
	}
	l.Name, l.Description = strings.TrimSpace(l.Name), strings.TrimSpace(l.Description)
	if incident.IsBlank(l.Name) {
		return incident.InvalidField("severity.levels.name", "severity.levels.name must not be empty: give each level a name.")
	}
	for _, x := range []struct {
		field, text string
		max         int
	}{{"severity.levels.name", l.Name, MaxName}, {"severity.levels.description", l.Description, MaxDescription}} {
		if err := incident.CheckText(x.field, x.text, x.max); err != nil {
			return err
		}
		if strings.ContainsFunc(x.text, isBreak) {
			return incident.InvalidField(x.field, "%s must be one line, without control characters.", x.field)
		}
	}
	if l.Color == "" {
		l.Color = "grey"
	}
	if !slices.Contains(Colors, l.Color) {
		return incident.InvalidField("severity.levels.color", "severity.levels.color must be one of: %s.", strings.Join(Colors, ", "))
	}
	if l.UpdateSeconds != 0 && (l.UpdateSeconds < MinUpdateSeconds || l.UpdateSeconds > incident.MaxReminderSeconds) {
		return incident.InvalidField("severity.levels.update_seconds", "severity.levels.update_seconds must be 0, or between %d and %d.", MinUpdateSeconds, incident.MaxReminderSeconds)
	}
	return nil
}

func isBreak(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

func checkReason(reason string) error { return incident.CheckText("reason", reason, MaxReason) }

// starting gives an incident the levels of its playbook, and the level that was asked for or is the default.
func (s *severity) starting(_ context.Context, start *app.Start) error {
	wanted, err := option(start.Options[key])
	if err != nil {
		return err
	}
	var t Template
	if start.Playbook != nil {
		if _, err := start.Playbook.Own.Load(key, &t); err != nil {
			s.log.Warn("The severity levels of a playbook cannot be read, so an incident starts without.", "playbook_id", start.Playbook.ID, "error", err.Error())
			t = Template{}
		}
	}
	if len(t.Levels) == 0 {
		if wanted != "" {
			return incident.InvalidField(key, "severity cannot be set: the playbook has no severity levels.")
		}
		return nil
	}
	if wanted == "" {
		wanted = t.Default
	}
	state := State{Levels: t.Levels}
	if wanted != "" {
		n := find(t.Levels, wanted)
		if n < 0 {
			return unknownLevel(t.Levels)
		}
		state.Key = t.Levels[n].Key
		if every := t.Levels[n].UpdateSeconds; every > 0 {
			start.Incident.PreviousReminder = every * 1e9
			if own := start.Playbook.ReminderTimerDefaultSeconds; own > 0 && own < every {
				every = own
			}
			start.PlanUpdate(every)
		}
	}
	start.Incident.Own.Store(key, state)
	return nil
}

// option reads the level that a start asks for; "" is the default.
func option(value json.RawMessage) (string, error) {
	if len(value) == 0 {
		return "", nil
	}
	var wanted *string
	if err := json.Unmarshal(value, &wanted); err != nil {
		return "", incident.InvalidField(key, "severity must be the key of a level, which is a text.")
	}
	if wanted == nil || *wanted == defaultOption {
		return "", nil
	}
	return *wanted, incident.CheckText(key, *wanted, 64)
}
