package roles

import (
	"context"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// starting gives a new incident the roles of its playbook with their default holders, and its tasks to whom they fall.
func (u *roles) starting(_ context.Context, s *app.Start) error {
	defined, err := definitions(s.Playbook)
	if err != nil {
		u.log.Warn("The roles of a playbook cannot be read, so an incident starts without.", "playbook_id", s.Playbook.ID, "error", err.Error())
		defined = nil
	}
	begin(s.Incident, defined, s.Request.RequesterID)
	state, err := stateOf(s.Incident)
	if err != nil {
		return err
	}
	s.Add(wanted(s.Incident, &state), withhold)
	return nil
}

// begin gives an incident that starts its roles, as if all people could be added to its channel.
func begin(inc *incident.Incident, defined []Definition, starterID string) {
	state := State{}
	for _, d := range defined {
		r := Role{Key: d.Key, Name: d.Name, Description: d.Description}
		switch d.Default.Kind {
		case defaultCommander:
			r.HolderID = inc.CommanderUserID
		case defaultStarter:
			r.HolderID = starterID
		case defaultUser:
			r.HolderID = d.Default.UserID
		}
		if r.HolderID != "" {
			r.Since = inc.CreateAt
		}
		state.Roles = append(state.Roles, r)
	}
	state.store(inc)
	state.follow(inc, inc.CreateAt)
	for n := range inc.Checklists {
		tasks := inc.Checklists[n].Tasks
		for t := range tasks {
			if tasks[t].Assignment.Kind == incident.AssignedToUser {
				tasks[t].Reassign(tasks[t].Assignment.UserID, inc.CreateAt)
			}
		}
	}
}

// wanted are the people who have a role or a task of an incident that starts.
func wanted(inc *incident.Incident, s *State) (userIDs []string) {
	add := func(userID string) {
		if userID != "" && !slices.Contains(userIDs, userID) {
			userIDs = append(userIDs, userID)
		}
	}
	for n := range s.Roles {
		add(s.Roles[n].HolderID)
	}
	for n := range inc.Checklists {
		for t := range inc.Checklists[n].Tasks {
			add(inc.Checklists[n].Tasks[t].AssigneeID)
		}
	}
	return userIDs
}

// withhold takes roles and tasks from people who could not be added to the channel.
func withhold(inc *incident.Incident, userIDs []string) {
	s, err := stateOf(inc)
	if err != nil || len(userIDs) == 0 {
		return
	}
	for n := range s.Roles {
		if r := &s.Roles[n]; slices.Contains(userIDs, r.HolderID) {
			r.MissingID, r.HolderID, r.Since = r.HolderID, "", 0
		}
	}
	s.store(inc)
	for n := range inc.Checklists {
		tasks := inc.Checklists[n].Tasks
		for t := range tasks {
			if slices.Contains(userIDs, tasks[t].AssigneeID) {
				tasks[t].AssigneeID, tasks[t].AssigneeModified = "", 0
			}
		}
	}
}

// missing is a person who could not be added to the channel, and what they are meant for.
type missing struct {
	userID string
	roles  []string
	tasks  int
}

// notAdded lists, in the order of roles and tasks, who could not be added at the start.
func notAdded(inc *incident.Incident, s *State) []*missing {
	var all []*missing
	of := func(userID string) *missing {
		for _, m := range all {
			if m.userID == userID {
				return m
			}
		}
		m := &missing{userID: userID}
		all = append(all, m)
		return m
	}
	for n := range s.Roles {
		if r := &s.Roles[n]; r.MissingID != "" {
			m := of(r.MissingID)
			m.roles = append(m.roles, r.Name)
		}
	}
	for n := range inc.Checklists {
		for t := range inc.Checklists[n].Tasks {
			if task := &inc.Checklists[n].Tasks[t]; task.Assignment.Kind == incident.AssignedToUser && task.AssigneeID == "" {
				of(task.Assignment.UserID).tasks++
			}
		}
	}
	return all
}
