package roles

import (
	"encoding/json"
	"net/http"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	rolePath    = capability.IncidentPath + "/roles/{role:[A-Za-z0-9_-]+}"
	handoffPath = capability.IncidentPath + "/handoff"
	onePath     = handoffPath + "/{handoff:[a-z0-9]{26}}"
)

func (u *roles) routes() []capability.Route {
	answer := func(a Answer) capability.Route {
		return capability.Route{Method: http.MethodPost, Path: onePath + "/" + string(a), For: capability.ForDirectButtons, Permission: u.mayEdit,
			Handle: func(r *capability.Request) (capability.Answer, error) { return u.handleAnswer(r, a) }}
	}
	withdraw := answer(Withdraw)
	withdraw.For = capability.ForClients
	return []capability.Route{
		{Method: http.MethodGet, Path: "/incidents/roles-autocomplete", Handle: u.handleComplete},
		{Method: http.MethodGet, Path: capability.IncidentPath + "/roles/history", Handle: u.handleHistory},
		{Method: http.MethodPut, Path: rolePath, Permission: u.mayEdit, Handle: u.handleRole},
		{Method: http.MethodPost, Path: handoffPath, Permission: u.mayEdit, Handle: u.handleOffer},
		answer(Accept),
		answer(Decline),
		withdraw,
	}
}

// mayEdit fails unless the user may change the incident in the path.
func (u *roles) mayEdit(r *capability.Request) error {
	_, err := u.authorize(r.Context(), r.UserID, r.Var("id"))
	return err
}

// userIn reads the user_id of a body.
func userIn(r *capability.Request) (string, error) {
	var body struct {
		UserID *string `json:"user_id"`
	}
	if err := r.Decode(&body); err != nil {
		return "", err
	}
	if body.UserID == nil {
		return "", incident.InvalidField("user_id", "user_id is missing: give the id of a user.")
	}
	if *body.UserID != "" && !model.IsValidId(*body.UserID) {
		return "", incident.InvalidField("user_id", "user_id must be the id of a user: 26 letters and digits.")
	}
	return *body.UserID, nil
}

func (u *roles) handleRole(r *capability.Request) (capability.Answer, error) {
	userID, err := userIn(r)
	if err != nil {
		return capability.Answer{}, err
	}
	var find func() (*model.User, error)
	if userID != "" {
		find = u.svc.FindByID(userID)
	}
	inc, _, err := u.SetHolder(r.Context(), r.UserID, r.Var("id"), r.Var("role"), find)
	return capability.Answer{Body: inc}, err
}

func (u *roles) handleOffer(r *capability.Request) (capability.Answer, error) {
	userID, err := userIn(r)
	if err == nil && userID == "" {
		err = incident.InvalidField("user_id", "user_id is missing: give the id of a user.")
	}
	if err != nil {
		return capability.Answer{}, err
	}
	inc, err := u.Offer(r.Context(), r.UserID, r.Var("id"), u.svc.FindByID(userID))
	return capability.Answer{Status: http.StatusCreated, Body: inc}, err
}

// nothing is the answer to a button.
var nothing = json.RawMessage("null")

// handleAnswer answers a REST client, whose body may be empty, with the incident.
func (u *roles) handleAnswer(r *capability.Request, answer Answer) (capability.Answer, error) {
	click, err := r.Click()
	if e, ok := incident.AsError(err); err != nil && !(ok && e.Code == "body.empty") {
		return capability.Answer{}, err
	}
	inc, err := u.Answer(r.Context(), r.UserID, r.Var("id"), r.Var("handoff"), answer)
	if click.PostID != "" {
		return capability.Answer{Body: nothing}, err
	}
	return capability.Answer{Body: inc}, err
}

// completion is one suggestion of autocomplete, as Mattermost reads it.
type completion struct {
	Item     string
	Hint     string
	HelpText string
}

// handleComplete suggests the roles of the incident of a channel.
func (u *roles) handleComplete(r *capability.Request) (capability.Answer, error) {
	channelID := r.URL.Query().Get("channel_id")
	if channelID != "" && !model.IsValidId(channelID) {
		return capability.Answer{}, incident.InvalidField("channel_id", "channel_id must be an id of 26 letters and digits.")
	}
	inc, err := u.svc.IncidentForAutocomplete(r.Context(), r.UserID, channelID)
	if err != nil {
		return capability.Answer{}, err
	}
	s, err := stateOf(&inc)
	if err != nil {
		return capability.Answer{}, err
	}
	items := []completion{}
	for n := range s.Roles {
		items = append(items, completion{Item: s.Roles[n].Key, Hint: "[@username|nobody]", HelpText: s.Roles[n].Name})
	}
	return capability.Answer{Body: items}, nil
}

func (u *roles) handleHistory(r *capability.Request) (capability.Answer, error) {
	id := r.Var("id")
	h, err := u.incidents.Header(r.Context(), id, r.UserID)
	if err = u.hidden(r.UserID, id, err); err == nil && !u.rules.ViewIncident(r.UserID, h.ChannelAccess()) {
		err = incident.ErrForbidden
	}
	if err != nil {
		return capability.Answer{}, err
	}
	inc, err := u.incidents.Get(r.Context(), id)
	if err != nil {
		return capability.Answer{}, err
	}
	items, err := u.history(r.Context(), &inc)
	return capability.Answer{Body: struct {
		Items []Term `json:"items"`
	}{items}}, err
}
