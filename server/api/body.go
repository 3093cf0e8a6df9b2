package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

// decode reads the first JSON value of the body into target, a pointer to a struct. Unknown fields and what
// follows are ignored, null is an empty object. Errors are Invalid or TooLarge.
func (r *request) decode(target interface{}) error {
	content, err := r.content()
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if err = decoder.Decode(target); err != nil {
		return jsonError(err)
	}
	// The decoder would put replacement characters in place of broken ones.
	if !utf8.Valid(content[:decoder.InputOffset()]) {
		return incident.NewError(incident.Invalid, "body.not_utf8", "The request's body is not valid UTF-8: correct it and send it again.")
	}
	return nil
}

// content reads the body with the first call.
func (r *request) content() ([]byte, error) {
	if r.body == nil {
		content, err := io.ReadAll(http.MaxBytesReader(r.writer, r.Body, maxBody))
		limit.Charge(r.Context(), len(content))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			err = incident.NewError(incident.TooLarge, "body.too_large", "The request's body is too large: at most %d bytes are allowed.", maxBody)
		case err != nil:
			err = incident.NewError(incident.Invalid, "body.unreadable", "The request's body could not be read: send it again.")
		}
		r.body = &body{content, err}
	}
	return r.body.content, r.body.err
}

// body is what was read of a request's body.
type body struct {
	content []byte
	err     error
}

// jsonError turns an error of decoding into one for the client; nil stays nil.
func jsonError(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		return incident.NewError(incident.Invalid, "body.empty", "The request's body is empty: send a JSON object.")
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		if wrong.Field == "" {
			return incident.NewError(incident.Invalid, "body.not_object", "The request's body must be a JSON object, not %s.", valueName(wrong.Value))
		}
		return incident.InvalidField(wrong.Field, "%s must be %s, not %s.", wrong.Field, typeName(wrong.Type), valueName(wrong.Value)).
			WithDetails(position(wrong.Offset))
	}
	e := incident.NewError(incident.Invalid, "body.not_json", "The request's body is not valid JSON: correct it and send it again.")
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		e = e.WithDetails(position(syntax.Offset))
	case errors.Is(err, io.ErrUnexpectedEOF):
		e = e.WithDetails("The body ends too early.")
	}
	return e
}

// position says where in the body an error was found.
func position(offset int64) string {
	return fmt.Sprintf("The error was found after %d bytes.", offset)
}

// valueName names what a client sent; value is as json.UnmarshalTypeError has it, for example "array" or "number 1.5".
func valueName(value string) string {
	kind, literal, _ := strings.Cut(value, " ")
	switch {
	case literal != "":
		return literal
	case kind == "array":
		return "a list"
	case kind == "bool":
		return "true or false"
	case kind == "object":
		return "an object"
	default:
		return "a " + kind
	}
}

func typeName(t reflect.Type) incident.Text {
	switch t.Kind() {
	case reflect.String:
		return incident.NewText("a string")
	case reflect.Bool:
		return incident.NewText("true or false")
	case reflect.Int, reflect.Int64:
		return incident.NewText("a whole number")
	case reflect.Slice:
		return incident.NewText("a list")
	default:
		return incident.NewText("an object")
	}
}

// refs reads the stage and the task of the path; routes without a task get the zero Ref.
func (r *request) refs() (stage, task incident.Ref, err error) {
	if stage, err = incident.ParseRef("checklist", r.path("checklist")); err != nil {
		return stage, task, err
	}
	if text := r.path("item"); text != "" {
		task, err = incident.ParseRef("item", text)
	}
	return stage, task, err
}
