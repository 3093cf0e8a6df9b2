package erase

import (
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (e *erasure) routes() []capability.Route {
	return []capability.Route{{Method: http.MethodDelete, Path: capability.IncidentPath + "/everything", Handle: e.handle}}
}

// handle deletes an incident. Nobody but administrators learns whether it exists.
func (e *erasure) handle(r *capability.Request) (capability.Answer, error) {
	if !e.rules.Admin(r.UserID) {
		return capability.Answer{}, incident.ErrAdminsOnly
	}
	var body struct {
		Name    *string `json:"name"`
		Channel Channel `json:"channel"`
	}
	if err := r.Decode(&body); err != nil {
		return capability.Answer{}, err
	}
	switch {
	case body.Name == nil:
		return capability.Answer{}, incident.InvalidField("name", "name is missing: give the exact name of the incident, so that no other one is deleted by mistake.")
	case body.Channel != Archive && body.Channel != Leave:
		return capability.Answer{}, incident.InvalidField("channel", "%s must be one of: %s.", "channel", "archive, leave")
	}
	record, err := e.erase(r.Context(), r.UserID, r.Var("id"), *body.Name, body.Channel)
	return capability.Answer{Body: record}, err
}
