package incident

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of input, in characters (runes) or numbers of things. server/api/api.yaml states them for clients.
const (
	MaxName            = 64   // Mattermost's limit of a channel's display name
	MinChannelName     = 2    // Mattermost's limit of the name in a channel's address, up to version 6
	MaxDescription     = 1024 // Mattermost's limit of a channel's header
	MaxStageTitle      = 1024
	MaxTaskTitle       = 2048
	MaxCommand         = 4096
	MaxTaskDescription = 4096
	MaxStages          = 100
	MaxTasks           = 1000 // over all stages
	// MaxStagesBytes is how long the stages of a playbook or an incident may become, as StagesBytes counts: a database need
	// not accept statements of more than 4 MB.
	MaxStagesBytes = 2 << 20
	MaxMessage     = 16383 // Mattermost's limit of a post
	MaxPerPage     = 1000
	MaxSearchTerm  = 256
	// MaxReminderSeconds is the longest reminder interval: 30 days.
	MaxReminderSeconds = 30 * 24 * 60 * 60
	// MinStageSeconds and MaxStageSeconds are the shortest and the longest time limit of a stage: a minute and 30 days.
	MinStageSeconds = 60
	MaxStageSeconds = 30 * 24 * 60 * 60
)

// CheckText refuses text longer than max characters, or with NUL or broken UTF-8, which databases refuse.
func CheckText(field, text string, max int) error {
	if !utf8.ValidString(text) {
		return InvalidField(field, "%s is not valid UTF-8 text.", field)
	}
	if strings.ContainsRune(text, 0) {
		return InvalidField(field, "%s must not contain NUL characters.", field)
	}
	if n := utf8.RuneCountInString(text); n > max {
		return InvalidField(field, "%s is too long: %d characters, at most %d are allowed.", field, n, max)
	}
	return nil
}

// CheckStages validates stages and tasks that a client sent.
func CheckStages(stages []Stage) error {
	if len(stages) > MaxStages {
		return InvalidField("checklists", "checklists has too many stages: %d, at most %d are allowed.", len(stages), MaxStages)
	}
	tasks := 0
	for _, s := range stages {
		if err := CheckText("checklists.title", s.Title, MaxStageTitle); err != nil {
			return err
		}
		if err := CheckText("checklists.id", s.ID, 26); err != nil {
			return err
		}
		if s.LimitSeconds != 0 && (s.LimitSeconds < MinStageSeconds || s.LimitSeconds > MaxStageSeconds) {
			return InvalidField("checklists.limit_seconds", "checklists.limit_seconds must be 0 for no limit, or between %d and %d.", MinStageSeconds, MaxStageSeconds)
		}
		tasks += len(s.Tasks)
		if tasks > MaxTasks {
			return InvalidField("checklists.items", "checklists.items has too many tasks, at most %d are allowed over all stages.", MaxTasks)
		}
		for _, t := range s.Tasks {
			if err := CheckTask("checklists.items.", t.Title, t.Command, t.Description); err != nil {
				return err
			}
			if err := CheckText("checklists.items.id", t.ID, 26); err != nil {
				return err
			}
			if err := t.Assignment.check(); err != nil {
				return err
			}
		}
	}
	if n := StagesBytes(stages); n > MaxStagesBytes {
		return InvalidField("checklists", "checklists is too long: its stages take %d bytes, at most %d are allowed. Shorten or delete tasks.", n, MaxStagesBytes)
	}
	return nil
}

// CheckTask validates the texts of a task; prefix stands before the field names in messages.
func CheckTask(prefix, title, command, description string) error {
	if err := CheckText(prefix+"title", title, MaxTaskTitle); err != nil {
		return err
	}
	if err := CheckText(prefix+"command", command, MaxCommand); err != nil {
		return err
	}
	return CheckText(prefix+"description", description, MaxTaskDescription)
}

// IsBlank reports whether nothing of a text can be seen: it is empty, or has only white space and invisible characters.
func IsBlank(text string) bool {
	const brailleBlank = '\u2800'
	return strings.IndexFunc(text, func(c rune) bool {
		return unicode.IsGraphic(c) && c != brailleBlank && !unicode.IsSpace(c) && !unicode.Is(unicode.Variation_Selector, c) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, c)
	}) < 0
}

// Truncate returns text with at most max characters. If text is longer, the last of them is an ellipsis.
func Truncate(text string, max int) string {
	if len(text) <= max {
		return text
	}
	runes := []rune(text[:min(len(text), 4*max+4)]) // no character has more than 4 bytes; the rest need not be decoded
	if len(runes) <= max {
		return text
	}
	return string(runes[:max-1]) + "…"
}
