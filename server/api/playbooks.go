package api

import (
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

func (a *api) listPlaybooks(r *request) (reply, error) {
	f, err := playbookFilter(r.URL.Query())
	if err != nil {
		return reply{}, err
	}
	page, err := a.svc.ListPlaybooks(r.Context(), r.userID, f)
	if err != nil {
		return reply{}, err
	}
	if page.Items == nil {
		page.Items = []playbook.Playbook{}
	}
	return ok(page), nil
}

func (a *api) completePlaybooks(r *request) (reply, error) {
	teamID := r.URL.Query().Get("team_id")
	if err := checkIDs("team_id", teamID); err != nil {
		return reply{}, err
	}
	playbooks, err := a.svc.MemberPlaybooks(r.Context(), r.userID, teamID)
	if err != nil {
		return reply{}, err
	}
	if len(playbooks) > incident.MaxPerPage {
		playbooks = playbooks[:incident.MaxPerPage]
	}
	items := []completion{}
	for _, p := range playbooks {
		items = append(items, completion{Item: p.ID, HelpText: p.Title})
	}
	return ok(items), nil
}

func (a *api) playbook(r *request) (reply, error) {
	p, err := a.svc.Playbook(r.Context(), r.userID, r.path("id"))
	return ok(p), err
}

func (a *api) createPlaybook(r *request) (reply, error) {
	var p playbook.Playbook
	if err := r.decode(&p); err != nil {
		return reply{}, err
	}
	if p.ID != "" {
		return reply{}, incident.InvalidField("id", "id must not be set: the server chooses it.")
	}
	if err := checkIDs("team_id", p.TeamID); err != nil {
		return reply{}, err
	}
	if err := incident.CheckText("broadcast_channel_id", p.BroadcastChannelID, playbook.MaxID); err != nil {
		return reply{}, err
	}
	id, err := a.svc.CreatePlaybook(r.Context(), r.userID, writable(p))
	return reply{
		status:   http.StatusCreated,
		body:     map[string]string{"id": id},
		location: basePath + "/playbooks/" + id,
	}, err
}

func (a *api) updatePlaybook(r *request) (reply, error) {
	var p playbook.Playbook
	if err := r.decode(&p); err != nil {
		return reply{}, err
	}
	if err := incident.CheckText("broadcast_channel_id", p.BroadcastChannelID, playbook.MaxID); err != nil {
		return reply{}, err
	}
	if err := a.svc.UpdatePlaybook(r.Context(), r.userID, r.path("id"), writable(p)); err != nil {
		return reply{}, err
	}
	return done()
}

// writable drops what only the server may set.
func writable(p playbook.Playbook) playbook.Playbook {
	p.ID, p.CreateAt, p.DeleteAt, p.NumStages, p.NumSteps = "", 0, 0, 0, 0
	return p
}

func (a *api) deletePlaybook(r *request) (reply, error) {
	if err := a.svc.DeletePlaybook(r.Context(), r.userID, r.path("id")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

func (a *api) subscribe(r *request) (reply, error) {
	var s app.Subscription
	if err := r.decode(&s); err != nil {
		return reply{}, err
	}
	if err := checkIDs("playbook_id", s.PlaybookID); err != nil {
		return reply{}, err
	}
	s.ID = ""
	s, err := a.svc.Subscribe(r.Context(), r.userID, s)
	return reply{status: http.StatusCreated, body: s}, err
}
