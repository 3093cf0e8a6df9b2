package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

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
		items = append(items, completion{Item: p.ID, HelpText: p.ShortTitle()})
	}
	return ok(items), nil
}

func (a *api) playbook(r *request) (reply, error) {
	p, err := a.svc.Playbook(r.Context(), r.userID, r.path("id"))
	answer := ok(p)
	answer.etag = etag(p.Revision)
	return answer, err
}

// etag is a revision as the headers ETag and If-Match have it.
func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

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
	own, err := a.ownFields(r)
	if err != nil {
		return reply{}, err
	}
	p.Own = own
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
	expected, err := r.expectedRevision()
	if err != nil {
		return reply{}, err
	}
	if p.Own, err = a.ownFields(r); err != nil {
		return reply{}, err
	}
	if p.Unsaid, p.UnsaidLimits, err = r.unsaid(); err != nil {
		return reply{}, err
	}
	revision, err := a.svc.SavePlaybook(r.Context(), r.userID, r.path("id"), writable(p), expected)
	var conflict *app.PlaybookConflict
	if errors.As(err, &conflict) {
		return reply{status: statuses[conflict.Cause.Kind], etag: etag(conflict.Current.Revision), body: struct {
			errorBody
			Current playbook.Playbook `json:"current"`
			Sent    playbook.Playbook `json:"sent"`
		}{a.bodyOf(r, conflict.Cause), conflict.Current, conflict.Sent}}, nil
	}
	return reply{status: http.StatusOK, etag: etag(revision)}, err
}

// unsaid reads the ids of the tasks that a playbook in the body has without the field assignment, and of the stages without
// limit_seconds: they keep what is stored. null is a value, and takes the assignment or the limit away.
func (r *request) unsaid() (tasks, stages map[string]bool, err error) {
	var sent struct {
		Checklists []struct {
			ID           string          `json:"id"`
			LimitSeconds json.RawMessage `json:"limit_seconds"`
			Items        []struct {
				ID         string          `json:"id"`
				Assignment json.RawMessage `json:"assignment"`
			} `json:"items"`
		} `json:"checklists"`
	}
	if err := r.decode(&sent); err != nil {
		return nil, nil, err
	}
	tasks, stages = map[string]bool{}, map[string]bool{}
	for _, s := range sent.Checklists {
		if s.ID != "" && s.LimitSeconds == nil {
			stages[s.ID] = true
		}
		for _, t := range s.Items {
			if t.ID != "" && t.Assignment == nil {
				tasks[t.ID] = true
			}
		}
	}
	return tasks, stages, nil
}

// expectedRevision reads the revision that a client wants to replace, nil for any: from the header If-Match or, if there is
// none, from the body.
func (r *request) expectedRevision() (*int64, error) {
	header := strings.TrimSpace(strings.Join(r.Header.Values("If-Match"), ","))
	if header == "*" {
		return nil, nil
	}
	if header == "" {
		var body struct {
			Expected *int64 `json:"expected_revision"`
		}
		content, err := r.content()
		if err == nil && len(bytes.TrimSpace(content)) > 0 {
			err = r.decode(&body)
		}
		return body.Expected, err
	}
	revision, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(header, "W/"), `"`), 10, 64)
	if err != nil || revision < 0 {
		return nil, incident.InvalidField("If-Match", "If-Match must be one revision in quotation marks, as the header ETag has it, or *.")
	}
	return &revision, nil
}

func (a *api) leavePlaybook(r *request) (reply, error) {
	if err := a.svc.LeavePlaybook(r.Context(), r.userID, r.path("id")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

// writable drops what only the server may set.
func writable(p playbook.Playbook) playbook.Playbook {
	p.ID, p.CreateAt, p.DeleteAt, p.NumStages, p.NumSteps, p.Revision, p.CreatorID = "", 0, 0, 0, 0, 0, ""
	return p
}

func (a *api) deletePlaybook(r *request) (reply, error) {
	if err := a.svc.DeletePlaybook(r.Context(), r.userID, r.path("id")); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}
