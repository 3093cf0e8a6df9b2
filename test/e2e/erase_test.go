//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// leftOf lists what the plugin's tables still have of an incident, by table. The record of the deletion is no part of it.
func (s *server) leftOf(t testing.TB, id string) (left []string) {
	t.Helper()
	schema := "DATABASE()"
	if s.database.Driver == testenv.Postgres {
		schema = "current_schema()"
	}
	db := s.open(t)
	rows, err := db.Query("SELECT table_name FROM information_schema.columns WHERE table_schema = " + schema + " AND LOWER(column_name) = 'incidentid'")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "ir_") && lower != "ir_erasure" {
			tables = append(tables, name)
		}
	}
	if err := rows.Close(); err != nil || len(tables) < 8 {
		t.Fatalf("tables with a column IncidentID: %v (%v)", tables, err)
	}
	for _, table := range tables {
		where := " WHERE IncidentID = '" + id + "'"
		if strings.EqualFold(table, "IR_Job") {
			where += " AND State <> 'done'" // of a clean-up: ids only, for a day
		}
		if n := s.number(t, "SELECT COUNT(*) FROM "+table+where); n > 0 {
			left = append(left, fmt.Sprint(table, " ", n))
		}
	}
	for what, query := range map[string]string{
		"the incident":         "SELECT COUNT(*) FROM IR_Incident WHERE ID = '" + id + "'",
		"history":              "SELECT COUNT(*) FROM IR_FollowUpHistory h LEFT JOIN IR_FollowUp f ON f.ID = h.FollowUpID WHERE f.ID IS NULL",
		"versions":             "SELECT COUNT(*) FROM IR_TimelineVersion v LEFT JOIN IR_TimelineEntry e ON e.ID = v.EntryID WHERE e.ID IS NULL",
		"copies":               "SELECT COUNT(*) FROM IR_StatusCopy c LEFT JOIN IR_StatusPosts p ON p.PostID = c.StatusPostID WHERE p.PostID IS NULL",
		"the pending reminder": "SELECT COUNT(*) FROM PluginKeyValueStore WHERE PKey = 'once_" + id + "'",
	} {
		if n := s.number(t, query); n > 0 {
			left = append(left, fmt.Sprint(what, " ", n))
		}
	}
	return left
}

// rich is an incident with something of everything.
func (c *fixture) rich(t *testing.T, name string) (id, channelID string) {
	t.Helper()
	announcements := c.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
	i := c.start(t, map[string]any{"name": name, "playbook_id": c.newPlaybook(t, func(p *playbook.Playbook) { p.BroadcastChannelID = announcements.Id })})
	c.addToChannel(t, c.channelOf(t, i), c.boris)
	post := c.boris.post(t, &model.Post{ChannelId: i.ChannelID, Message: "The disk is full"})
	c.anna.addMessage(t, i.ID, post.Id, 201)
	var made entry
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/timeline", body{"text": "Called the provider", "starred": true}).want(t, 201).decode(t, &made)
	c.anna.call(t, "PATCH", "/incidents/"+i.ID+"/timeline/"+made.ID, body{"text": "Called the provider twice"}).want(t, 200)
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/followups", body{"title": "Watch the disk", "owner_id": c.boris.user.Id, "due_at": time.Now().Add(time.Hour).UnixMilli()}).want(t, 201)
	c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", body{"new_state": "closed"}).want(t, 200)
	c.anna.updateStatus(t, i.ID, "We are on it.", "3600").want(t, 200)
	c.anna.call(t, "POST", "/incidents/"+i.ID+"/handoff", body{"user_id": c.boris.user.Id}).want(t, 201)
	return i.ID, i.ChannelID
}

// An administrator who names the incident deletes it: nothing but a record is left, and all who look at it are told.
func TestErase_OneIncident(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		const name = "Checkout is down 🔥"
		id, channelID := c.rich(t, name)
		other, _ := c.rich(t, "Another one")
		ears := c.boris.listen(t)
		path := "/incidents/" + id + "/everything"
		c.anna.call(t, "DELETE", path, body{"name": name, "channel": "archive"}).want(t, 403)
		s.admin().call(t, "DELETE", path, body{"name": "Checkout is down", "channel": "archive"}).want(t, 409)
		s.admin().call(t, "DELETE", path, body{"name": name}).want(t, 400)
		c.read(t, id)

		first := s.admin().call(t, "DELETE", path, body{"name": name, "channel": "archive"}).want(t, 200)
		again := s.admin().call(t, "DELETE", path, body{"name": name, "channel": "archive"}).want(t, 200)
		if string(first.Body) != string(again.Body) {
			t.Errorf("the same request answers %s, then %s", first.Body, again.Body)
		}
		var told struct {
			ID        string `json:"id"`
			ChannelID string `json:"channel_id"`
		}
		ears.plugin(t, s, "incident_deleted", &told)
		if told.ID != id || told.ChannelID != channelID {
			t.Errorf("told: %+v", told)
		}
		if left := s.leftOf(t, id); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		if s.channel(t, channelID).DeleteAt == 0 {
			t.Error("the channel is not archived")
		}
		eventually(t, "the direct message about its handoff is deleted, and no other", func() bool {
			return s.number(t, "SELECT COUNT(*) FROM Posts WHERE DeleteAt = 0 AND "+s.propsText()+" LIKE '%incident_handoff%' AND ChannelId IN"+
				" (SELECT ChannelId FROM ChannelMembers WHERE UserId = '"+c.boris.user.Id+"')") == 1
		})
		sum := sha256.Sum256([]byte(name))
		hash := hex.EncodeToString(sum[:])
		if n := s.number(t, "SELECT COUNT(*) FROM IR_Erasure WHERE IncidentID = '"+id+"' AND ActorID = '"+s.admin().user.Id+"' AND NameSHA256 = '"+hash+"'"); n != 1 {
			t.Errorf("%d records", n)
		}
		if !s.logged(t, "An incident was deleted for good", id, s.admin().user.Id, hash) || s.logged(t, "deleted for good", "Checkout") {
			t.Error("the log does not say it in one line, without the name")
		}
		for _, request := range []string{"GET /incidents/{id}", "GET /incidents/{id}/timeline", "GET /incidents/{id}/followups", "GET /incidents/{id}/export?format=json"} {
			method, of, _ := strings.Cut(request, " ")
			s.admin().call(t, method, strings.ReplaceAll(of, "{id}", id), nil).want(t, 404)
		}
		c.anna.call(t, "GET", "/incidents/channel/"+channelID, nil).want(t, 404)
		var page struct {
			TotalCount int `json:"total_count"`
		}
		c.anna.call(t, "GET", "/incidents?per_page=1&team_id="+c.team.Id, nil).want(t, 200).decode(t, &page)
		if page.TotalCount != 1 {
			t.Errorf("the list counts %d incidents", page.TotalCount)
		}

		// Left as it is, the channel can still be used. The other incident was whole.
		if n := len(c.anna.timeline(t, other, "")); n < 5 {
			t.Errorf("the other timeline has %d entries", n)
		}
		otherChannel := c.read(t, other).ChannelID
		s.admin().call(t, "DELETE", "/incidents/"+other+"/everything", body{"name": "Another one", "channel": "leave"}).want(t, 200)
		if s.channel(t, otherChannel).DeleteAt != 0 {
			t.Error("the channel is archived")
		}
		if left := s.leftOf(t, other); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// While an incident is deleted, people go on to change it, write its timeline and add follow-ups. Each request is done, or is told in
// words that there is no such incident; nothing is left by those that were under way.
func TestErase_BesideEverythingElse(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		c := s.newFixture(t)
		id, channelID := c.rich(t, "Busy")
		entries := c.anna.timeline(t, id, "kind=manual")
		var updates, refused atomic.Int64
		stop := make(chan struct{})
		var busy sync.WaitGroup
		for n, send := range []func(k int) *reply{
			func(k int) *reply {
				return c.anna.call(t, "PUT", "/incidents/"+id+"/checklists/0/item/1/state", body{"new_state": []string{"closed", ""}[k%2]})
			},
			func(k int) *reply {
				return c.boris.call(t, "PUT", "/incidents/"+id+"/checklists/1/add", body{"title": fmt.Sprint("task ", k)})
			},
			func(k int) *reply {
				return c.anna.call(t, "POST", "/incidents/"+id+"/timeline", body{"text": fmt.Sprint("entry ", k)})
			},
			func(k int) *reply {
				return c.boris.call(t, "PATCH", "/incidents/"+id+"/timeline/"+entries[0].ID, body{"text": fmt.Sprint("edit ", k)})
			},
			func(k int) *reply {
				return c.boris.call(t, "POST", "/incidents/"+id+"/followups", body{"title": fmt.Sprint("follow-up ", k), "due_at": 5})
			},
			func(k int) *reply {
				answer := c.anna.updateStatus(t, id, "storm", []string{"0", "1"}[k%2])
				if answer.Status == 200 {
					updates.Add(1)
				}
				return answer
			},
		} {
			busy.Go(func() {
				for k := 0; ; k++ {
					answer := send(k)
					// Who may not learn whether an incident exists is told the same of one that they may not see.
					if answer.Status == 404 || answer.Status == 403 {
						refused.Add(1)
						if text := answer.errorText(t); !strings.Contains(text, "does not exist") && !strings.Contains(text, "do not have access") {
							t.Errorf("%d: %s", n, text)
						}
						select {
						case <-stop:
							return
						default:
						}
					} else if answer.Status >= 300 {
						t.Errorf("%d: %s %s answers %d: %s", n, answer.Method, answer.Path, answer.Status, answer.Body)
						return
					}
				}
			})
		}
		time.Sleep(time.Second)
		s.admin().call(t, "DELETE", "/incidents/"+id+"/everything", body{"name": "Busy", "channel": "leave"}).want(t, 200)
		time.Sleep(time.Second)
		close(stop)
		busy.Wait()
		if refused.Load() < 6 {
			t.Errorf("%d requests were refused", refused.Load())
		}
		time.Sleep(3 * time.Second) // reminders and what else is looked for each second
		if left := s.leftOf(t, id); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		// A status update that was refused is no post either.
		if n := s.number(t, "SELECT COUNT(*) FROM Posts WHERE ChannelId = '"+channelID+"' AND Message = 'storm' AND DeleteAt = 0"); int64(n) != updates.Load() {
			t.Errorf("%d posts of %d updates", n, updates.Load())
		}
	})
}

// mentions lists where the plugin's tables, and its part of the key-value table, have the id of an incident in any text, but for what stays
// on purpose: the record, the id of the last deletion and clean-ups that are done.
func (s *server) mentions(t testing.TB, id string) (found []string) {
	t.Helper()
	schema := "DATABASE()"
	if s.database.Driver == testenv.Postgres {
		schema = "current_schema()"
	}
	rows, err := s.open(t).Query("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = " + schema +
		" AND (LOWER(table_name) LIKE 'ir\\_%' OR LOWER(table_name) = 'pluginkeyvaluestore')")
	if err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	for rows.Next() {
		var table, column, kind string
		if err := rows.Scan(&table, &column, &kind); err != nil {
			t.Fatal(err)
		}
		value := "CAST(" + column + " AS CHAR)"
		if s.database.Driver == testenv.Postgres {
			value = "CAST(" + column + " AS TEXT)"
			if kind == "bytea" {
				value = "ENCODE(" + column + ", 'escape')"
			}
		}
		query := "SELECT COUNT(*) FROM " + table + " WHERE " + value + " LIKE '%" + id + "%'"
		switch strings.ToLower(table) {
		case "ir_erasure":
			continue
		case "ir_system":
			query += " AND SKey <> 'PluginErased'"
		case "ir_job":
			query += " AND State <> 'done'"
		}
		queries[table+"."+column] = query
	}
	if err := rows.Close(); err != nil || len(queries) < 100 {
		t.Fatalf("%d columns (%v)", len(queries), err)
	}
	db := s.open(t)
	for column, query := range queries {
		n := 0
		if err := db.QueryRow(query).Scan(&n); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if n > 0 {
			found = append(found, fmt.Sprint(column, " ", n))
		}
	}
	return found
}

// All jobs of incidents are due when they are deleted, so that some are being attempted. None of them posts anything afterwards, fails, or
// stores something again.
func TestErase_WhileItsJobsAreDue(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		s.unharmed(t)
		c := s.newFixture(t)
		wide := s.newChannel(t, c.team, model.CHANNEL_OPEN, c.anna)
		book := c.anna.newPlaybook(t, c.team, body{"broadcast_channel_id": wide.Id, "channel": body{"archive_after_days": 2}, "severity": levelsBody("SEV3"),
			"roles": []body{{"key": "scribe", "name": "Scribe"}}, "checklists": []body{{"title": "Stage", "limit_seconds": 1800, "items": []body{{"title": "Do"}}}}}, c.anna)
		type target struct {
			incident.Incident
			deleted int64
		}
		var all []*target
		for k := range 10 {
			i := c.anna.startIncident(t, c.team, fmt.Sprint("Due ", model.NewId()), book)
			s.addToChannel(t, c.channelOf(t, i), c.boris)
			at := "/incidents/" + i.ID
			c.anna.updateStatus(t, i.ID, "We are on it: "+i.Name, "3600").want(t, 200)
			c.anna.call(t, "PUT", at+"/severity", body{"severity": "SEV1", "reason": i.Name}).want(t, 200)
			c.anna.call(t, "POST", at+"/followups", body{"title": i.Name, "owner_id": c.boris.user.Id, "due_at": time.Now().Add(time.Hour).UnixMilli()}).want(t, 201)
			if k%2 == 0 {
				c.anna.call(t, "POST", at+"/handoff", body{"user_id": c.boris.user.Id}).want(t, 201)
			} else {
				c.anna.call(t, "PUT", at+"/end", nil).want(t, 200)
				c.anna.call(t, "POST", at+"/followups/carry_over", body{}).want(t, 200)
			}
			all = append(all, &target{Incident: i})
		}
		kinds := map[string]bool{}
		rows, err := s.open(t).Query("SELECT DISTINCT Kind FROM IR_Job WHERE State = 'waiting' AND IncidentID IN ('" + all[0].ID + "', '" + all[1].ID + "')")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var kind string
			if err := rows.Scan(&kind); err != nil {
				t.Fatal(err)
			}
			kinds[kind] = true
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"reminder", "followup_reminder", "handoff_lapse", "stage_limit", "retrospective_due", "channel_archive"} {
			if !kinds[kind] {
				t.Errorf("no job of the kind %s: %v", kind, kinds)
			}
		}
		var deleting sync.WaitGroup
		for k, i := range all {
			s.exec(t, "UPDATE IR_Job SET NextAttemptAt = 0, DueAt = CASE WHEN Kind IN ('handoff_lapse', 'stage_limit') THEN 0 ELSE DueAt END WHERE State = 'waiting' AND IncidentID = '"+i.ID+"'")
			// A post about an event is still to be made.
			event := " WHERE IncidentID = '" + i.ID + "' AND Type = 'severity_changed'"
			s.exec(t, "UPDATE IR_Event SET PostID = ''"+event)
			s.exec(t, "DELETE FROM IR_Job WHERE Kind = 'announcement' AND IncidentID = '"+i.ID+"'") // done, on MySQL
			s.exec(t, "INSERT INTO IR_Job (ID, Kind, JobKey, IncidentID, Payload, Position, State, DueAt, NextAttemptAt, CreateAt) SELECT ID"+
				", 'announcement', ID, IncidentID, '', Revision, 'waiting', 0, 0, 0 FROM IR_Event"+event)
			deleting.Go(func() {
				time.Sleep(time.Duration(k) * 250 * time.Millisecond)
				s.admin().call(t, "DELETE", "/incidents/"+i.ID+"/everything", body{"name": i.Name, "channel": []string{"archive", "leave"}[k/2%2]}).want(t, 200)
				i.deleted = time.Now().UnixMilli()
			})
		}
		deleting.Wait()
		time.Sleep(13 * time.Second) // each kind has looked for its jobs
		for _, i := range all {
			if left := append(s.leftOf(t, i.ID), s.mentions(t, i.ID)...); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
			posts := fmt.Sprintf(" FROM Posts WHERE DeleteAt = 0 AND Type NOT LIKE 'system%%' AND CreateAt > %d AND (ChannelId = '%s' OR Message LIKE '%%%s%%')", i.deleted, i.ChannelID, i.Name)
			if n := s.number(t, "SELECT COUNT(*)"+posts); n != 0 {
				t.Errorf("%d posts about a deleted incident", n)
			}
			if n := s.number(t, "SELECT COUNT(*) FROM Posts WHERE DeleteAt = 0 AND ChannelId = '"+i.ChannelID+"' AND "+s.propsText()+" LIKE '%/reminder/button%'"); n != 0 {
				t.Errorf("%d reminders with buttons of a deleted incident", n)
			}
			for _, line := range strings.Split(s.log(t), "\n") {
				if strings.Contains(line, i.ID) && (strings.Contains(line, `"level":"error"`) || strings.Contains(line, `"level":"warn"`)) {
					t.Errorf("logged: %s", line)
				}
			}
		}
	})
}
