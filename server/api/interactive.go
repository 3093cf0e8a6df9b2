package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/dialog"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Any user who may post can post a button, and any integration can open a dialog, that leads to any path of a plugin.
// Mattermost then sends a POST in the name of the user who presses it. So requests from buttons and dialogs are accepted
// only by the routes that are made for them, and only from buttons and dialogs of this plugin.
// See docs/decisions/0021-who-may-send-what.md.

// errInteractive is shown to the user who pressed the button.
var errInteractive = incident.NewError(incident.Forbidden, "request.interactive",
	"A button or dialog that Incident Management has not made tried to act in your name. Nothing was done.")

type sourceKey struct{}

// WithSource adds the id of the plugin that makes a request, as Mattermost 5 reports it; "" for none.
func WithSource(ctx context.Context, pluginID string) context.Context {
	return context.WithValue(ctx, sourceKey{}, pluginID)
}

// sourceHeader names the plugin that makes a request. Clients can send it too, where Mattermost does not remove it, but
// not with what a button or dialog sends.
const sourceHeader = "Mattermost-Plugin-ID"

// interactive reports whether Mattermost itself has made the request for a button or a dialog. Addresses that begin with
// /plugins/ are handed over inside of the server: then nothing was requested by HTTP, and there is no request URI. Whole
// addresses are requested by Mattermost's own client, which says so.
func interactive(r *http.Request) bool {
	source, _ := r.Context().Value(sourceKey{}).(string)
	if source != "" || r.Header.Get(sourceHeader) != "" {
		return false
	}
	return r.RequestURI == "" || strings.HasPrefix(strings.ToLower(r.UserAgent()), "mattermost-")
}

// gesture is what the bodies of buttons and dialogs have. It is looked at as well, for a proxy might change the client's name.
type gesture struct {
	Type       string          `json:"type"`
	PostID     string          `json:"post_id"`
	TriggerID  string          `json:"trigger_id"`
	CallbackID string          `json:"callback_id"`
	DataSource *string         `json:"data_source"`
	State      string          `json:"state"`
	Submission json.RawMessage `json:"submission"`
}

// pressed reports whether the body is one of a button.
func (g *gesture) pressed() bool {
	return g.PostID != "" && (g.TriggerID != "" || g.DataSource != nil)
}

// submitted reports whether the body is one of a dialog, submitted or asking for choices.
func (g *gesture) submitted() bool {
	return strings.HasPrefix(g.Type, "dialog_") || g.Type == "refresh" || g.Submission != nil
}

// checkSender refuses what a button or dialog must not send to the route.
func (a *api) checkSender(r *request) error {
	if r.Method != http.MethodPost { // they are always sent by POST
		return nil
	}
	content, err := r.content()
	if err != nil {
		return nil // the route reports it
	}
	var g gesture
	_ = json.NewDecoder(bytes.NewReader(content)).Decode(&g) // what is not JSON is neither
	made := interactive(r.Request)
	switch r.route.use {
	case capability.ForDialogs:
		if g.pressed() {
			return errInteractive
		}
		if made {
			mark, state := g.CallbackID, g.State
			var start dialog.StartState
			if json.Unmarshal([]byte(g.State), &start) == nil && start.Mark != "" {
				mark, state = start.Mark, start.Marked()
			}
			return a.svc.CheckMark(mark, r.userID, r.calledPath(), state)
		}
	case capability.ForButtons:
		if g.submitted() {
			return errInteractive
		}
		if made {
			return a.svc.CheckClick(r.Context(), r.userID, r.path("id"), g.PostID)
		}
	case capability.ForDirectButtons:
		if g.submitted() {
			return errInteractive
		}
		if made {
			return a.svc.CheckDirectClick(r.userID, r.calledPath(), g.PostID)
		}
	default:
		if made || g.pressed() || g.submitted() {
			return errInteractive
		}
	}
	return nil
}

// calledPath is the path behind the version of the API, with the query.
func (r *request) calledPath() string {
	path := strings.TrimPrefix(r.URL.Path, basePath)
	if query := r.URL.Query().Encode(); query != "" {
		path += "?" + query
	}
	return path
}
