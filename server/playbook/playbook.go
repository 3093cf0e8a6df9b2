// Package playbook holds the template from which incidents are started, and its rules. It does no I/O.
package playbook

import (
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// MaxPerCreator is how many playbooks that are not deleted one person may have made. Administrators may make more.
const MaxPerCreator = 200

// Limits of a playbook's input, in characters, entries or seconds.
const (
	MaxTitle       = 1024
	MaxShortTitle  = 128 // where there may be a thousand titles at once
	MaxDescription = 4096
	MaxMembers     = 1000
	MaxID          = 26 // an id of Mattermost, and the width of the columns on MySQL
)

// Playbook is a template: stages with tasks, members and defaults. Times are Unix milliseconds.
type Playbook struct {
	ID                   string           `json:"id"`
	Title                string           `json:"title"`
	Description          string           `json:"description"`
	TeamID               string           `json:"team_id"`
	CreatePublicIncident bool             `json:"create_public_incident"`
	CreateAt             int64            `json:"create_at"`
	DeleteAt             int64            `json:"delete_at"`
	NumStages            int64            `json:"num_stages"`
	NumSteps             int64            `json:"num_steps"`
	Checklists           []incident.Stage `json:"checklists"`
	MemberIDs            []string         `json:"member_ids"`
	BroadcastChannelID   string           `json:"broadcast_channel_id"`
	// ReminderMessageTemplate is the default text of the first status update.
	ReminderMessageTemplate string `json:"reminder_message_template"`
	// ReminderTimerDefaultSeconds is the default reminder interval, 0 for none.
	ReminderTimerDefaultSeconds int64 `json:"reminder_timer_default_seconds"`
	// Revision is raised with each change; 0 is a playbook that was not changed since version 1.2.0. Of what clients send it
	// is ignored, because those of 1.2.0 send back all that they got.
	Revision int64 `json:"revision"`
	// CreatorID is who made the playbook, "" if that is unknown.
	CreatorID string `json:"creator_id,omitempty"`
	// Own is what capabilities keep with the playbook. Its registered keys are fields of the JSON form.
	Own incident.Own `json:"-"`
	// Unsaid are the ids of tasks that a client has sent without the field assignment, see KeepAssignments.
	Unsaid map[string]bool `json:"-"`
	// UnsaidLimits are the ids of stages that a client has sent without the field limit_seconds, see KeepLimits.
	UnsaidLimits map[string]bool `json:"-"`
	// Corrupt means that the stored stages cannot be read. Checklists is empty then.
	Corrupt bool `json:"-"`
}

// MarshalJSON writes the form that clients read: no null lists.
func (p Playbook) MarshalJSON() ([]byte, error) {
	type plain Playbook
	out := plain(p)
	out.Checklists = incident.NormalStages(p.Checklists)
	if out.MemberIDs == nil {
		out.MemberIDs = []string{}
	}
	encoded, err := incident.Marshal(out)
	if err != nil || len(p.Own) == 0 {
		return encoded, err
	}
	return incident.AppendOwn(encoded, p.Own), nil
}

// Count sets NumStages and NumSteps from the stages.
func (p *Playbook) Count() {
	p.NumStages, p.NumSteps = int64(len(p.Checklists)), 0
	for _, s := range p.Checklists {
		p.NumSteps += int64(len(s.Tasks))
	}
}

// HasMember reports whether userID is a member of the playbook.
func (p *Playbook) HasMember(userID string) bool {
	for _, id := range p.MemberIDs {
		if id == userID {
			return true
		}
	}
	return false
}

// Clean validates what a client sent and brings it into stored form: members without repetition, tasks
// without state, counts. It fails with an Invalid *incident.Error.
func (p *Playbook) Clean() error {
	if strings.TrimSpace(p.Title) == "" {
		return incident.InvalidField("title", "title must not be empty: give the playbook a name.")
	}
	if err := incident.CheckText("title", p.Title, MaxTitle); err != nil {
		return err
	}
	if err := incident.CheckText("description", p.Description, MaxDescription); err != nil {
		return err
	}
	if err := incident.CheckText("reminder_message_template", p.ReminderMessageTemplate, incident.MaxMessage); err != nil {
		return err
	}
	if err := incident.CheckText("broadcast_channel_id", p.BroadcastChannelID, MaxID); err != nil {
		return err
	}
	if p.ReminderTimerDefaultSeconds < 0 || p.ReminderTimerDefaultSeconds > incident.MaxReminderSeconds {
		return incident.InvalidField("reminder_timer_default_seconds",
			"reminder_timer_default_seconds must be between 0 and %d.", incident.MaxReminderSeconds)
	}
	if err := incident.CheckStages(p.Checklists); err != nil {
		return err
	}
	for s := range p.Checklists {
		for t := range p.Checklists[s].Tasks {
			task := p.Checklists[s].Tasks[t]
			if !task.State.Valid() {
				return incident.InvalidField("checklists.items.state", `checklists.items.state must be "", "in_progress" or "closed".`)
			}
			p.Checklists[s].Tasks[t] = incident.Task{ID: task.ID, Title: task.Title, Command: task.Command, Description: task.Description,
				Assignment: task.Assignment.Clean()}
		}
	}
	if len(p.MemberIDs) > MaxMembers {
		return incident.InvalidField("member_ids", "member_ids has too many entries: %d, at most %d are allowed.", len(p.MemberIDs), MaxMembers)
	}
	for _, id := range p.MemberIDs {
		if err := incident.CheckText("member_ids", id, MaxID); err != nil {
			return err
		}
	}
	p.MemberIDs = unique(p.MemberIDs)
	p.Count()
	return nil
}

// SignCommands notes who wrote each task's command, and when (Unix ms): userID at now, unless the command is in the stored
// playbook already, wherever: then it keeps its writer. stored is nil for a new playbook.
func (p *Playbook) SignCommands(stored *Playbook, userID string, now int64) {
	known := map[string]incident.Task{}
	if stored != nil {
		for _, s := range stored.Checklists {
			for _, t := range s.Tasks {
				// Of several writers of the same command the last one counts.
				if other, found := known[t.Command]; !found || t.CommandEditedAt > other.CommandEditedAt {
					known[t.Command] = t
				}
			}
		}
	}
	for s := range p.Checklists {
		for n := range p.Checklists[s].Tasks {
			t := &p.Checklists[s].Tasks[n]
			if t.Command == "" {
				continue
			}
			t.CommandLastEditorID, t.CommandEditedAt = userID, now
			if same, found := known[t.Command]; found {
				t.CommandLastEditorID, t.CommandEditedAt = same.CommandLastEditorID, same.CommandEditedAt
			}
		}
	}
}

// KeepAssignments gives the tasks in Unsaid the assignments that the tasks with the same ids have in the stored playbook: clients of
// version 1.2.0 do not know the field, and send all else that they got.
func (p *Playbook) KeepAssignments(stored *Playbook) {
	if len(p.Unsaid) == 0 {
		return
	}
	known := map[string]incident.Assignment{}
	for _, s := range stored.Checklists {
		for _, t := range s.Tasks {
			known[t.ID] = t.Assignment
		}
	}
	for s := range p.Checklists {
		for n := range p.Checklists[s].Tasks {
			if t := &p.Checklists[s].Tasks[n]; p.Unsaid[t.ID] {
				t.Assignment = known[t.ID]
			}
		}
	}
	p.Unsaid = nil
}

// KeepLimits gives the stages in UnsaidLimits the time limits that the stages with the same ids have in the stored playbook, as
// KeepAssignments does.
func (p *Playbook) KeepLimits(stored *Playbook) {
	known := map[string]int64{}
	for _, s := range stored.Checklists {
		known[s.ID] = s.LimitSeconds
	}
	for n := range p.Checklists {
		if s := &p.Checklists[n]; p.UnsaidLimits[s.ID] {
			s.LimitSeconds = known[s.ID]
		}
	}
	p.UnsaidLimits = nil
}

func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

// ShortTitle is the title for a list to choose from. Up to a thousand of them are sent at once, with a dialog to each of a user's
// clients.
func (p *Playbook) ShortTitle() string { return incident.Truncate(p.Title, MaxShortTitle) }
