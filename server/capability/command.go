package capability

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Audience says who is offered a sub-command by autocomplete and help. Whether a user may run it is for the sub-command to
// check.
type Audience int

const (
	// Everyone is all users.
	Everyone Audience = iota
	// Testers are system administrators of servers on which EnableTesting is set.
	Testers
)

// Command is a sub-command of /incident.
type Command struct {
	// Name follows /incident, in lower case.
	Name     string
	Audience Audience
	// After is the name of the core's sub-command that it follows in help and autocomplete; "" is after all of them.
	After string
	// Suggestion is what autocomplete offers, nil for nothing. It must be a new value each time.
	Suggestion func() *model.AutocompleteData
	// Usage are the command's lines in the help.
	Usage []Usage
	// Run runs the command. An *incident.Error is shown to the user. Any other error is logged, and the user is given its id.
	Run func(ctx context.Context, c *Call) error
}

// Usage is one line of the help.
type Usage struct {
	// Arguments follow the name, with a space in front, or are empty.
	Arguments string
	// Help says in a sentence what it does.
	Help string
}

// Call is one run of a sub-command.
type Call struct {
	*model.CommandArgs
	// Words follow the name of the sub-command.
	Words []string
	// Testing reports whether EnableTesting is set on the server.
	Testing bool
	// Incident is the incident of the channel in which the command was typed. There may be none: incident.ErrNoChannel.
	Incident func(ctx context.Context) (incident.Incident, error)
	// T returns a text in the language of the caller, see i18n.Language.T.
	T func(format string, values ...interface{}) string
	// Language is that of the caller; nil is English.
	Language func() *i18n.Language
	// Say shows a text to the caller only.
	Say func(text string)
	// Help shows the caller the list of commands, after what was wrong, if anything.
	Help func(wrong string)
}

// UsageError makes the error for a command that is used wrongly.
func UsageError(format string, args ...interface{}) error {
	return incident.NewError(incident.Invalid, "command.usage", format, args...)
}
