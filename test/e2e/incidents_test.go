//go:build e2e

package e2e

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-server/v5/model"
)

type body = map[string]any

// stagesBody is what a client sends for three stages: Triage with three tasks,
// the first of which has a command, Fix with two and Learn with one.
func stagesBody() []body {
	return []body{
		{"title": "Triage", "items": []body{
			{"title": "Name the impact", "command": "/echo impact"}, {"title": "Open the bridge"}, {"title": "Page *the* 100% team"},
		}},
		{"title": "Fix", "items": []body{{"title": "Roll back"}, {"title": "Confirm"}}},
		{"title": "Learn", "items": []body{{"title": "Write the timeline"}}},
	}
}

// newPlaybook makes a playbook with stagesBody; more overrides fields.
func (p *person) newPlaybook(t testing.TB, team *model.Team, more body, members ...*person) string {
	t.Helper()
	ids := []string{}
	for _, member := range members {
		ids = append(ids, member.user.Id)
	}
	fields := body{"title": "Outage", "team_id": team.Id, "checklists": stagesBody(), "member_ids": ids, "create_public_incident": true}
	for name, value := range more {
		fields[name] = value
	}
	var created struct{ ID string }
	p.call(t, "POST", "/playbooks", fields).want(t, 201).decode(t, &created)
	return created.ID
}

// startIncident starts an incident that the person commands; playbookID may be empty.
func (p *person) startIncident(t testing.TB, team *model.Team, name, playbookID string) incident.Incident {
	t.Helper()
	var started incident.Incident
	p.call(t, "POST", "/incidents", body{
		"name": name, "team_id": team.Id, "commander_user_id": p.user.Id, "playbook_id": playbookID,
	}).want(t, 201).decode(t, &started)
	return started
}

func (p *person) incident(t testing.TB, id string) incident.Incident {
	t.Helper()
	var got incident.Incident
	p.call(t, "GET", "/incidents/"+id, nil).want(t, 200).decode(t, &got)
	return got
}

// channel reads a channel as the administrator.
func (s *server) channel(t testing.TB, id string) *model.Channel {
	t.Helper()
	channel, response := s.Admin.GetChannel(id, "")
	must(t, "read a channel", response)
	return channel
}

// open connects to the server's database.
func (s *server) open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := s.database.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// number runs a query that gives one number. Its arguments are ids and names of the tests' own.
func (s *server) number(t testing.TB, query string) int {
	t.Helper()
	var n int
	if err := s.open(t).QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// storedEvents reads what the database says has happened to an incident, the oldest first.
func (s *server) storedEvents(t testing.TB, id string) []incident.Event {
	t.Helper()
	rows, err := s.open(t).Query("SELECT Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON, PostID FROM IR_Event WHERE IncidentID = '" + id + "' ORDER BY Revision")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var events []incident.Event
	for rows.Next() {
		var e incident.Event
		var kind, before, after string
		if err := rows.Scan(&e.Revision, &kind, &e.ActorID, &e.CreateAt, &before, &after, &e.PostID); err != nil {
			t.Fatal(err)
		}
		e.Payload = incident.DecodePayload(incident.EventType(kind), json.RawMessage(before), json.RawMessage(after))
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return events
}
