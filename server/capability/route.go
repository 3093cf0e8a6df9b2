package capability

import (
	"io"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// IncidentPath begins the paths of the routes of one incident. Its variable is id.
const IncidentPath = "/incidents/{id:[A-Za-z0-9]+}"

// Use says who may send a request to a route, besides REST clients, the page and other plugins. See
// docs/decisions/0021-who-may-send-what.md.
type Use int

const (
	// ForClients is nobody else: what a button or a dialog sends is refused.
	ForClients Use = iota
	// ForDialogs is the submission of a dialog that this plugin has opened for the user with Service.OpenDialog.
	ForDialogs
	// ForButtons is a press on a button of a post by the bot in the channel of the incident with the path's id.
	ForButtons
	// ForDirectButtons is a press on a button of a post by the bot in its direct channel with the user. The post's app.ButtonsProp is the
	// beginning of the path.
	ForDirectButtons
)

// Route is one method of one path of the REST API. The file api.yaml in the capability's folder describes it.
type Route struct {
	// Path follows /api/v0. Variables have the form {name:pattern}.
	Method, Path string
	// Heavy lets one user have only one such request answered at a time. Others get 429.
	Heavy bool
	For   Use
	// Fields maps names of inputs at fault to the elements of the dialog that calls the route, so that the dialog shows an error
	// beside the element.
	Fields map[string]string
	// Permission, if it is not nil, is asked when Handle has returned an Invalid or TooLarge error: who has no permission gets
	// its error instead, and learns nothing about what was sent.
	Permission func(r *Request) error
	// Handle answers a request of a signed-in user. It checks the permission itself. An *incident.Error has the status of its
	// kind, any other error is logged and gets 500.
	Handle func(r *Request) (Answer, error)
}

// Request is a request of a signed-in user.
type Request struct {
	*http.Request
	UserID string
	// Var returns the value of a variable of the path.
	Var func(name string) string
	// Decode reads the JSON of the body into target, a pointer to a struct. Unknown fields are ignored. Its errors are Invalid
	// and TooLarge. Users who may not do what they ask for must not learn of them: check the permission first.
	Decode func(target interface{}) error
	// Key returns the Idempotency-Key of the request, "" if there is none. It fails with Invalid.
	Key func() (string, error)
	// Expected returns the revision that the client wants to replace, nil for any: from the header If-Match or, if there is none,
	// from the field expected_revision of the body, which may be empty. It fails with Invalid.
	Expected func() (*int64, error)
}

// Submission is what Mattermost sends when a dialog is submitted.
type Submission struct {
	State      string                 `json:"state"`
	UserID     string                 `json:"user_id"`
	ChannelID  string                 `json:"channel_id"`
	TeamID     string                 `json:"team_id"`
	Submission map[string]interface{} `json:"submission"`
	Cancelled  bool                   `json:"cancelled"`
}

// Text is the value of an element of the dialog, which must be there and be a string.
func (s *Submission) Text(element string) (string, error) {
	switch value := s.Submission[element].(type) {
	case string:
		return value, nil
	case nil:
		return "", incident.InvalidField(element, "%s is missing: fill it in.", element)
	default:
		return "", incident.InvalidField(element, "%s must be a string.", element)
	}
}

// Click is what Mattermost sends when a button of a post is pressed. Its user and channel are not trusted: the path names the
// incident, Mattermost the user.
type Click struct {
	PostID    string `json:"post_id"`
	TriggerID string `json:"trigger_id"`
}

// maxID is how many characters an id may have that somebody else has made.
const maxID = 64

// Click reads the body that Mattermost sends when a button is pressed.
func (r *Request) Click() (c Click, err error) {
	if err = r.Decode(&c); err == nil {
		err = c.Check()
	}
	return c, err
}

// Check fails with Invalid if the Click cannot be one of Mattermost's, for routes that read a context as well.
func (c *Click) Check() error { return incident.CheckText("post_id", c.PostID, maxID) }

// Answer is what a route answers.
type Answer struct {
	// Status is 200 if it is 0.
	Status int
	// Body is sent as JSON. nil is an empty body.
	Body interface{}
	// Revision, unless it is 0, is sent as the header ETag.
	Revision int64
	// File replaces Status, Body and Revision.
	File *File
}

// Conflict is the error of a change that is based on an old revision. Clients get what is stored as the field current.
type Conflict struct {
	Cause *incident.Error
	// Current is what is stored now, Revision its revision.
	Current  interface{}
	Revision int64
}

// Unwrap returns the part that is for users.
func (c *Conflict) Unwrap() error { return c.Cause }

// Error implements error.
func (c *Conflict) Error() string { return c.Cause.Error() }

// File is a download that is made while it is sent.
type File struct {
	Name, ContentType string
	// Write writes the content. Its error can only be logged: the status was sent before.
	Write func(w io.Writer) error
}
