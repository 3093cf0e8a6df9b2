package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// found is the state after a run, read from the tables.
type found struct {
	incidents map[string]incident.Incident // by id, as clients read them
	own       map[string]ownState          // by incident, what capabilities keep with it
	byName    map[string][]string          // ids
	events    map[string][]incident.Event  // by incident, in the order of revisions
	posts     map[string][]post            // by channel
	reminders map[string]time.Time         // by incident
	channels  []channel                    // of the team, without its own
}

type post struct {
	id, user, kind, message, props string
	createAt, deleteAt             int64
}

type channel struct {
	id, name string
	deleteAt int64
}

// mark is the prop by which the plugin finds a post of its own again, and its value; "" if there is none.
func (p *post) mark() (name, value string) {
	var props map[string]any
	_ = json.Unmarshal([]byte(p.props), &props)
	for name, value := range props {
		if text, is := value.(string); is && strings.HasPrefix(name, "incident_") {
			return name, text
		}
	}
	return "", ""
}

// reminder is the mark of a reminder post, or "".
func (p *post) reminder() string {
	if name, value := p.mark(); name == "incident_reminder" {
		return value
	}
	return ""
}

func (w *cluster) read(ctx context.Context) (*found, error) {
	f := &found{incidents: map[string]incident.Incident{}, own: map[string]ownState{}, byName: map[string][]string{}, events: map[string][]incident.Event{},
		posts: map[string][]post{}, reminders: map[string]time.Time{}}
	var ids []string
	err := w.query(ctx, func(rows *sql.Rows) error {
		var id, name string
		ids = append(ids, "")
		err := rows.Scan(&id, &name)
		ids[len(ids)-1] = id
		f.byName[name] = append(f.byName[name], id)
		return err
	}, "SELECT ID, Name FROM IR_Incident WHERE TeamID = '"+w.team.Id+"'")
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		for attempt := 0; ; attempt++ {
			// Any member of the incident will do; its members are both of ours.
			a := w.call(w.nodes[attempt%len(w.nodes)], w.members[0], "GET", "/incidents/"+id, nil)
			if a.status == http.StatusOK {
				if i, own, err := readIncident(a); err == nil {
					f.incidents[id], f.own[id] = i, own
					break
				}
			}
			if attempt == 5 {
				w.report.find(Crashed, "incident %s cannot be read: %s", id, a)
				break
			}
			time.Sleep(time.Second)
		}
	}
	err = w.query(ctx, func(rows *sql.Rows) error {
		var e incident.Event
		var kind, before, after string
		err := rows.Scan(&e.ID, &e.IncidentID, &e.Revision, &kind, &e.ActorID, &e.CreateAt, &before, &after, &e.PostID)
		e.Payload = incident.DecodePayload(incident.EventType(kind), []byte(before), []byte(after))
		f.events[e.IncidentID] = append(f.events[e.IncidentID], e)
		return err
	}, "SELECT ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON, PostID FROM IR_Event ORDER BY IncidentID, Revision")
	if err != nil {
		return nil, err
	}
	err = w.query(ctx, func(rows *sql.Rows) error {
		var p post
		var at string
		err := rows.Scan(&p.id, &at, &p.user, &p.kind, &p.message, &p.props, &p.createAt, &p.deleteAt)
		f.posts[at] = append(f.posts[at], p)
		return err
	}, "SELECT p.Id, p.ChannelId, p.UserId, p.Type, p.Message, p.Props, p.CreateAt, p.DeleteAt FROM Posts p JOIN Channels c ON c.Id = p.ChannelId"+
		" WHERE c.TeamId = '"+w.team.Id+"' AND p.OriginalId = '' ORDER BY p.CreateAt, p.Id")
	if err != nil {
		return nil, err
	}
	err = w.query(ctx, func(rows *sql.Rows) error {
		var c channel
		err := rows.Scan(&c.id, &c.name, &c.deleteAt)
		f.channels = append(f.channels, c)
		return err
	}, "SELECT Id, DisplayName, DeleteAt FROM Channels WHERE TeamId = '"+w.team.Id+"' AND CreatorId IN (SELECT Id FROM Users WHERE Username = 'incident')")
	if err != nil {
		return nil, err
	}
	f.reminders, err = w.pending(ctx)
	return f, err
}

// pending reads the pending reminders.
func (w *cluster) pending(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	err := w.query(ctx, func(rows *sql.Rows) error {
		var key string
		var content []byte
		if err := rows.Scan(&key, &content); err != nil {
			return err
		}
		var value struct{ RunAt time.Time }
		err := json.Unmarshal(content, &value)
		out[strings.TrimPrefix(key, "once_")] = value.RunAt
		return err
	}, "SELECT PKey, PValue FROM PluginKeyValueStore WHERE PluginId = '"+w.pluginID+"' AND PKey LIKE 'once%'")
	return out, err
}

func (w *cluster) query(ctx context.Context, row func(rows *sql.Rows) error, query string) error {
	rows, err := w.sql.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
