package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// decode reads the first JSON value of the body into target, a pointer to a struct. Unknown fields and whatever
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

func (r *request) content() ([]byte, error) {
	content, err := io.ReadAll(http.MaxBytesReader(r.writer, r.Body, maxBody))
	if err == nil {
		return content, nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, incident.NewError(incident.TooLarge, "body.too_large", "The request's body is too large: at most %d bytes are allowed.", maxBody)
	}
	return nil, incident.NewError(incident.Invalid, "body.unreadable", "The request's body could not be read: send it again.").WithDetails(err.Error())
}

// notClicked refuses the click on a button of a post, for routes that need no body. Whoever may post can post a button
// that leads to any path of a plugin, and whoever presses it would act without knowing.
func (r *request) notClicked() error {
	content, err := r.content()
	if err != nil {
		return err
	}
	var c click
	_ = json.NewDecoder(bytes.NewReader(content)).Decode(&c) // what is not JSON is no click
	if c.PostID != "" {
		return incident.NewError(incident.Invalid, "request.clicked", "A button of a post cannot do this.")
	}
	return nil
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
			return incident.NewError(incident.Invalid, "body.not_object", "The request's body must be a JSON object, not %s.", wrong.Value)
		}
		return incident.InvalidField(wrong.Field, "%s must be %s, not %s.", wrong.Field, typeName(wrong.Type), wrong.Value).WithDetails(err.Error())
	}
	return incident.NewError(incident.Invalid, "body.not_json", "The request's body is not valid JSON: correct it and send it again.").WithDetails(err.Error())
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
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
