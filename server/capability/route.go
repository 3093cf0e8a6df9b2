package capability

import (
	"io"
	"net/http"
)

// IncidentPath begins the paths of the routes of one incident. Its variable is id.
const IncidentPath = "/incidents/{id:[A-Za-z0-9]+}"

// Route is one method of one path of the REST API. The file api.yaml in the capability's folder describes it.
type Route struct {
	// Path follows /api/v0. Variables have the form {name:pattern}.
	Method, Path string
	// Heavy lets one user have only one such request answered at a time. Others get 429.
	Heavy bool
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
}

// Answer is what a route answers.
type Answer struct {
	// Status is 200 if it is 0.
	Status int
	// Body is sent as JSON. nil is an empty body.
	Body interface{}
	// File replaces Status and Body.
	File *File
}

// File is a download that is made while it is sent.
type File struct {
	Name, ContentType string
	// Write writes the content. Its error can only be logged: the status was sent before.
	Write func(w io.Writer) error
}
