package api

import (
	"encoding/json"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (a *api) addTask(r *request) (reply, error) {
	stage, _, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	var body struct {
		Title       string `json:"title"`
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	if err := r.decode(&body); err != nil {
		return reply{}, err
	}
	task := incident.Task{Title: body.Title, Command: body.Command, Description: body.Description}
	if _, err := a.svc.AddTask(r.Context(), r.userID, r.path("id"), stage, task); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated}, nil
}

func (a *api) moveTask(r *request) (reply, error) {
	stage, _, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	var body struct {
		ItemNum     int    `json:"item_num"`
		ItemID      string `json:"item_id"`
		NewLocation int    `json:"new_location"`
	}
	if err := r.decode(&body); err != nil {
		return reply{}, err
	}
	task := incident.At(body.ItemNum)
	if body.ItemID != "" {
		if !validID(body.ItemID) {
			return reply{}, malformedID("item_id")
		}
		task = incident.ByID(body.ItemID)
	}
	if err := a.svc.MoveTask(r.Context(), r.userID, r.path("id"), stage, task, body.NewLocation); err != nil {
		return reply{}, err
	}
	return done()
}

func (a *api) editTask(r *request) (reply, error) {
	stage, task, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	var body struct {
		Title       string  `json:"title"`
		Command     string  `json:"command"`
		Description *string `json:"description"`
	}
	if err := r.decode(&body); err != nil {
		return reply{}, err
	}
	if err := a.svc.EditTask(r.Context(), r.userID, r.path("id"), stage, task, body.Title, body.Command, body.Description); err != nil {
		return reply{}, err
	}
	return done()
}

func (a *api) removeTask(r *request) (reply, error) {
	stage, task, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	if err := a.svc.RemoveTask(r.Context(), r.userID, r.path("id"), stage, task); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (a *api) setTaskState(r *request) (reply, error) {
	stage, task, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	var body struct {
		NewState incident.State `json:"new_state"`
	}
	if err := r.decode(&body); err != nil {
		return reply{}, err
	}
	if !body.NewState.Valid() {
		return reply{}, incident.InvalidField("new_state", `new_state must be "", "in_progress" or "closed".`)
	}
	if err := a.svc.SetTaskState(r.Context(), r.userID, r.path("id"), stage, task, body.NewState); err != nil {
		return reply{}, err
	}
	return ok(struct{}{}), nil
}

func (a *api) assignTask(r *request) (reply, error) {
	stage, task, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	var body struct {
		AssigneeID string `json:"assignee_id"`
	}
	if err := r.decode(&body); err != nil {
		return reply{}, err
	}
	if err := checkIDs("assignee_id", body.AssigneeID); err != nil {
		return reply{}, err
	}
	if err := a.svc.Assign(r.Context(), r.userID, r.path("id"), stage, task, body.AssigneeID); err != nil {
		return reply{}, err
	}
	return ok(struct{}{}), nil
}

func (a *api) runTask(r *request) (reply, error) {
	stage, task, err := r.refs()
	if err != nil {
		return reply{}, err
	}
	content, err := r.content()
	if err != nil {
		return reply{}, err
	}
	var body struct {
		Command *string `json:"command"`
	}
	_ = json.Unmarshal(content, &body) // 1.2.0 took any body
	triggerID, err := a.svc.RunTask(r.Context(), r.userID, r.path("id"), stage, task, body.Command)
	return ok(struct {
		TriggerID string `json:"trigger_id"`
	}{triggerID}), err
}
