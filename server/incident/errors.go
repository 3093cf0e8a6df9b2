package incident

import "github.com/pkg/errors"

// Kind classifies an Error. Each way in (REST, commands, dialogs) maps kinds to its own answer once.
type Kind int

// The kinds of Error. Any error that is not an *Error counts as internal: its text is logged, never shown.
const (
	// Invalid: the request is malformed or beyond a limit (400).
	Invalid Kind = iota + 1
	// NotFound: what was named does not exist (404).
	NotFound
	// Forbidden: the caller may not do it (403).
	Forbidden
	// Conflict: the request does not fit the present state (409).
	Conflict
	// TooLarge: the request's body exceeds the limit (413).
	TooLarge
	// Busy: the caller does too much at once (429).
	Busy
	// Unavailable: the plugin is starting or stopping (503).
	Unavailable
)

// Error is an error whose Message may be shown to a user.
type Error struct {
	Kind Kind
	// Code is stable, for clients and translators, for example "incident.already_ended".
	Code string
	// Message says in English what is wrong and what to do, for a user.
	Message string
	// Text is the Message before it was put together, for translations.
	Text Text
	// Details adds facts for developers; may be empty.
	Details string
	// Field names the input at fault, for example "incidentName"; may be empty.
	Field string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Details == "" {
		return e.Message
	}
	return e.Message + " (" + e.Details + ")"
}

// WithField returns a copy of e that names the input at fault.
func (e *Error) WithField(field string) *Error {
	c := *e
	c.Field = Truncate(field, maxErrorField)
	return &c
}

// WithDetails returns a copy of e with facts for developers. They are cut if they are long.
func (e *Error) WithDetails(details string) *Error {
	c := *e
	c.Details = Truncate(details, maxErrorDetails)
	return &c
}

// NewError makes an Error; format and args make the Message, which is cut if it is long: it may repeat what was sent.
func NewError(kind Kind, code, format string, args ...interface{}) *Error {
	text := NewText(format, args...)
	return &Error{Kind: kind, Code: code, Message: Truncate(text.String(), maxErrorText), Text: text}
}

// In is the message in another language, see Text.In.
func (e *Error) In(translate func(format string) string) string {
	if e.Text.Format == "" {
		return e.Message
	}
	return Truncate(e.Text.In(translate), maxErrorText)
}

// How many characters of what makes an Error are kept.
const (
	maxErrorText    = 1000
	maxErrorDetails = 500
	maxErrorField   = 100
)

// InvalidField makes an Invalid error that names field.
func InvalidField(field, format string, args ...interface{}) *Error {
	return NewError(Invalid, "input.invalid", format, args...).WithField(field)
}

// AsError returns the *Error in err's chain.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// IsKind reports whether err carries an *Error of the given kind.
func IsKind(err error, kind Kind) bool {
	e, ok := AsError(err)
	return ok && e.Kind == kind
}

// Errors that several packages raise.
var (
	ErrNotFound      = NewError(NotFound, "incident.not_found", "This incident does not exist. Look for it in the list of incidents.")
	ErrForbidden     = NewError(Forbidden, "incident.forbidden", "You do not have access to this incident. Ask a member of its channel to add you.")
	ErrAlreadyEnded  = NewError(Conflict, "incident.already_ended", "This incident has already ended. To go on with it, restart it.")
	ErrNoUpdate      = NewError(Conflict, "incident.ended", "This incident has ended: restart it before you post a status update.")
	ErrAlreadyActive = NewError(Conflict, "incident.already_active", "This incident is ongoing: there is nothing to restart.")
	ErrAdminsOnly    = NewError(Forbidden, "admin.required", "Only system administrators may do this. Ask one of them.")
	ErrNoChannel     = NewError(NotFound, "incident.not_in_channel", "This channel is not an incident channel. Run the command in the channel of an incident.")
)
