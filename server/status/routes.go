package status

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (u *updates) routes() []capability.Route {
	const one = capability.IncidentPath
	mayEdit := func(r *capability.Request) error { return u.core.CanEdit(r.Context(), r.UserID, r.Var("id")) }
	return append([]capability.Route{
		{Method: http.MethodPost, Path: one + "/update-status-dialog", For: capability.ForDialogs, Permission: u.mayPost, Handle: u.submitted,
			Fields: map[string]string{"message": "message", "reminder": "reminder"}},
		{Method: http.MethodPost, Path: one + "/reminder/button-update", For: capability.ForButtons, Permission: mayEdit, Handle: u.updatePressed},
		{Method: http.MethodPost, Path: one + "/reminder/button-dismiss", For: capability.ForButtons, Permission: mayEdit, Handle: u.dismissPressed},
	}, u.snoozeRoutes(mayEdit)...)
}

// mayPost fails unless the user may post updates of the incident in the path.
func (u *updates) mayPost(r *capability.Request) error {
	return u.CanPostStatus(r.Context(), r.UserID, r.Var("id"))
}

// submitted answers the dialog.
func (u *updates) submitted(r *capability.Request) (answer capability.Answer, err error) {
	var in capability.Submission
	if err = r.Decode(&in); err != nil {
		return answer, err
	}
	if in.Cancelled {
		return answer, u.mayPost(r)
	}
	message, err := in.Text("message")
	if err != nil {
		return answer, err
	}
	text, err := in.Text("reminder")
	if err != nil {
		return answer, err
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > incident.MaxReminderSeconds {
		return answer, incident.InvalidField("reminder", "reminder must be a number of seconds between 0 and %d.", incident.MaxReminderSeconds)
	}
	return answer, u.PostStatus(r.Context(), r.UserID, r.Var("id"), message, seconds)
}

// nothing is the answer to a button.
var nothing = capability.Answer{Body: json.RawMessage("null")}

func (u *updates) updatePressed(r *capability.Request) (capability.Answer, error) {
	click, err := r.Click()
	if err != nil {
		return capability.Answer{}, err
	}
	if click.TriggerID == "" {
		return capability.Answer{}, incident.InvalidField("trigger_id", "trigger_id is missing: press the button again.")
	}
	return nothing, u.openDialog(r.Context(), r.UserID, r.Var("id"), click.TriggerID)
}

func (u *updates) dismissPressed(r *capability.Request) (capability.Answer, error) {
	click, err := r.Click()
	if err != nil {
		return capability.Answer{}, err
	}
	return nothing, u.DismissReminder(r.Context(), r.UserID, r.Var("id"), click.PostID)
}
