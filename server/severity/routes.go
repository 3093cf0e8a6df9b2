package severity

import (
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (s *severity) routes() []capability.Route {
	return []capability.Route{
		{Method: http.MethodGet, Path: "/incidents/severity-autocomplete", Handle: s.handleComplete},
		{Method: http.MethodPut, Path: capability.IncidentPath + "/severity", Handle: s.handleSet,
			Permission: func(r *capability.Request) error { return s.core.CanEdit(r.Context(), r.UserID, r.Var("id")) }},
	}
}

func (s *severity) handleSet(r *capability.Request) (capability.Answer, error) {
	var body struct {
		Severity   string `json:"severity"`
		Reason     string `json:"reason"`
		Reschedule bool   `json:"reschedule"`
	}
	if err := r.Decode(&body); err != nil {
		return capability.Answer{}, err
	}
	c, err := s.set(r.Context(), r.UserID, r.Var("id"), body.Severity, body.Reason, body.Reschedule)
	return capability.Answer{Body: c.After}, err
}

// completion is one suggestion for Mattermost's command autocomplete, which wants capitalised keys.
type completion struct {
	Item     string `json:"Item"`
	Hint     string `json:"Hint"`
	HelpText string `json:"HelpText"`
}

// handleComplete suggests the levels of the incident of a channel.
func (s *severity) handleComplete(r *capability.Request) (capability.Answer, error) {
	channelID := r.URL.Query().Get("channel_id")
	if err := incident.CheckText("channel_id", channelID, 64); err != nil {
		return capability.Answer{}, err
	}
	inc, err := s.core.IncidentForAutocomplete(r.Context(), r.UserID, channelID)
	if err != nil {
		return capability.Answer{}, err
	}
	items := []completion{}
	if state := stateOf(&inc); state != nil {
		for _, level := range state.Levels {
			items = append(items, completion{Item: level.Key, Hint: level.Name, HelpText: level.Description})
		}
	}
	return capability.Answer{Body: items}, nil
}
