package api

import (
	"fmt"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// completion is one suggestion for Mattermost's command autocomplete, which wants capitalised keys.
type completion struct {
	Item     string `json:"Item"`
	Hint     string `json:"Hint"`
	HelpText string `json:"HelpText"`
}

// maxKey is the greatest length of an Idempotency-Key.
const maxKey = 128

func (a *api) filter(r *request) (app.Filter, error) {
	f, err := incidentFilter(r.URL.Query(), a.sorts...)
	if err == nil {
		f.Where, err = a.addedFilters(r.URL.Query())
	}
	if err != nil {
		return f, err
	}
	return f, a.checkTeam(r.userID, f.TeamID)
}

func (a *api) listIncidents(r *request) (reply, error) {
	f, err := a.filter(r)
	if err != nil {
		return reply{}, err
	}
	page, err := a.svc.ListIncidents(r.Context(), r.userID, f)
	if err != nil {
		return reply{}, err
	}
	if page.Items == nil {
		page.Items = []incident.Incident{}
	}
	if page.Rest != nil {
		return reply{page: &page}, nil
	}
	return ok(page), nil
}

func (a *api) listChannels(r *request) (reply, error) {
	f, err := a.filter(r)
	if err != nil {
		return reply{}, err
	}
	ids, err := a.svc.ListChannelIDs(r.Context(), r.userID, f)
	if err != nil {
		return reply{}, err
	}
	if ids == nil {
		ids = []string{}
	}
	return ok(ids), nil
}

func (a *api) listCommanders(r *request) (reply, error) {
	teamID := r.URL.Query().Get("team_id")
	if err := a.checkTeam(r.userID, teamID); err != nil {
		return reply{}, err
	}
	memberID, err := member(r.URL.Query())
	if err != nil {
		return reply{}, err
	}
	commanders, err := a.svc.Commanders(r.Context(), r.userID, teamID, memberID)
	if err != nil {
		return reply{}, err
	}
	if commanders == nil {
		commanders = []app.CommanderInfo{}
	}
	return ok(commanders), nil
}

func (a *api) completeTasks(r *request) (reply, error) {
	channelID := r.URL.Query().Get("channel_id")
	if channelID == "" {
		return reply{}, incident.InvalidField("channel_id", "channel_id is missing: give the id of an incident's channel.")
	}
	if err := checkIDs("channel_id", channelID); err != nil {
		return reply{}, err
	}
	inc, err := a.svc.IncidentForAutocomplete(r.Context(), r.userID, channelID)
	if err != nil {
		return reply{}, err
	}
	items, help := []completion{}, a.language(r).T("Check this task off, or open it again")
	for s, stage := range inc.Checklists {
		for t, task := range stage.Tasks {
			items = append(items, completion{
				Item:     fmt.Sprintf("%d %d", s, t),
				Hint:     `"` + text.Strip(task.Title) + `"`,
				HelpText: help,
			})
		}
	}
	return ok(items), nil
}

func (a *api) incidentByChannel(r *request) (reply, error) {
	inc, err := a.svc.IncidentByChannel(r.Context(), r.userID, r.path("channel_id"))
	return ok(inc), err
}

func (a *api) incident(r *request) (reply, error) {
	inc, err := a.svc.Incident(r.Context(), r.userID, r.path("id"))
	return ok(inc), err
}

func (a *api) metadata(r *request) (reply, error) {
	data, err := a.svc.Metadata(r.Context(), r.userID, r.path("id"))
	return ok(data), err
}

// newIncident has the only fields of an incident that a client may set, and those it must not.
type newIncident struct {
	Name            string `json:"name"`
	Description     string `json:"description"`
	CommanderUserID string `json:"commander_user_id"`
	TeamID          string `json:"team_id"`
	PlaybookID      string `json:"playbook_id"`
	PostID          string `json:"post_id"`
	ActiveStage     int    `json:"active_stage"`

	// ChannelID is the existing channel in which to start; empty for a new one.
	ChannelID string `json:"channel_id"`

	ID       string `json:"id"`
	CreateAt int64  `json:"create_at"`
	EndAt    int64  `json:"end_at"`
}

func (n *newIncident) check() error {
	const given = "%s must not be set: the server chooses it."
	switch {
	case n.ID != "":
		return incident.InvalidField("id", given, "id")
	case n.CreateAt != 0:
		return incident.InvalidField("create_at", given, "create_at")
	case n.EndAt != 0:
		return incident.InvalidField("end_at", given, "end_at")
	case n.TeamID == "":
		return missingTeam()
	case n.CommanderUserID == "":
		return incident.InvalidField("commander_user_id", "commander_user_id is missing: give the id of the user who is to lead the incident.")
	}
	return checkIDs("team_id", n.TeamID, "commander_user_id", n.CommanderUserID, "playbook_id", n.PlaybookID, "post_id", n.PostID, "channel_id", n.ChannelID)
}

func (a *api) startIncident(r *request) (reply, error) {
	key, err := r.idempotencyKey()
	if err != nil {
		return reply{}, err
	}
	var n newIncident
	if err := r.decode(&n); err != nil {
		return reply{}, err
	}
	if err := n.check(); err != nil {
		return reply{}, err
	}
	options, err := r.fields(a.startOptions)
	if err != nil {
		return reply{}, err
	}
	inc, err := a.svc.Start(r.Context(), app.StartRequest{
		RequesterID: r.userID, CommanderID: n.CommanderUserID, TeamID: n.TeamID, Name: n.Name, Description: n.Description,
		PlaybookID: n.PlaybookID, PostID: n.PostID, ChannelID: n.ChannelID, ActiveStage: n.ActiveStage, Key: key, Options: options,
	})
	return reply{status: http.StatusCreated, body: inc, location: incidentLocation(inc)}, err
}

func incidentLocation(inc incident.Incident) string { return basePath + "/incidents/" + inc.ID }

// idempotencyKey reads the header by which a client may repeat a request without repeating its effect.
func (r *request) idempotencyKey() (string, error) {
	values := r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	valid := len(values) == 1 && key != "" && len(key) <= maxKey
	for i := 0; valid && i < len(key); i++ {
		valid = key[i] > ' ' && key[i] < 0x7f
	}
	if !valid {
		return "", incident.InvalidField("Idempotency-Key", "Idempotency-Key must be given once, with 1 to %d visible ASCII characters.", maxKey)
	}
	return key, nil
}

func (a *api) changeIncident(r *request) (reply, error) {
	var change struct {
		ActiveStage *int `json:"active_stage"`
	}
	if err := r.decode(&change); err != nil {
		return reply{}, err
	}
	if change.ActiveStage == nil {
		if err := a.svc.CanEdit(r.Context(), r.userID, r.path("id")); err != nil {
			return reply{}, err
		}
		inc, err := a.svc.Incident(r.Context(), r.userID, r.path("id"))
		return ok(inc), err
	}
	inc, err := a.svc.SetStage(r.Context(), r.userID, r.path("id"), *change.ActiveStage)
	return ok(inc), err
}

func (a *api) end(r *request) (reply, error) {
	options, err := a.chosenForEnd(r)
	if err == nil && len(options) > 0 {
		err = a.svc.EndWith(r.Context(), r.userID, r.path("id"), options)
	} else if err == nil {
		err = a.svc.End(r.Context(), r.userID, r.path("id"))
	}
	if err != nil {
		return reply{}, err
	}
	return done()
}

func (a *api) restart(r *request) (reply, error) {
	if err := a.svc.Restart(r.Context(), r.userID, r.path("id")); err != nil {
		return reply{}, err
	}
	return done()
}

func (a *api) setCommander(r *request) (reply, error) {
	var body struct {
		CommanderID string `json:"commander_id"`
	}
	if err := r.decode(&body); err != nil {
		return reply{}, err
	}
	if err := checkIDs("commander_id", body.CommanderID); err != nil {
		return reply{}, err
	}
	if err := a.svc.SetCommander(r.Context(), r.userID, r.path("id"), body.CommanderID); err != nil {
		return reply{}, err
	}
	return done()
}
