package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// attack is something that a member does.
type attack struct {
	name string
	run  func(ctx context.Context, s *site) error
}

var attacks = []attack{
	{"3,000 long edits, exported as JSON and Markdown", exportLongHistory},
	{"the same by 3 readers who do not read", func(ctx context.Context, s *site) error {
		return s.stalled(ctx, 3, "/incidents/"+s.attacker.incident+"/export?format=json")
	}},
	{"20 exports at once", func(ctx context.Context, s *site) error {
		return s.parallel(20, func(int) error { return s.read(ctx, "/incidents/"+s.attacker.incident+"/export?format=json") })
	}},
	{"200 posts of 55 KB, exported as CSV", exportLongPosts},
	{"150 incidents of 1 MiB, the default list", func(ctx context.Context, s *site) error {
		if err := s.bigIncidents(ctx, 150); err != nil {
			return err
		}
		return s.read(ctx, "/incidents?team_id="+s.team)
	}},
	{"the same, all of them on one page", func(ctx context.Context, s *site) error {
		return s.read(ctx, "/incidents?per_page=1000&team_id="+s.team)
	}},
	{"the same, 20 times at once", func(ctx context.Context, s *site) error {
		return s.parallel(20, func(int) error { return s.read(ctx, "/incidents?team_id="+s.team) })
	}},
	{"the same by 10 readers who do not read", func(ctx context.Context, s *site) error {
		return s.stalled(ctx, 10, "/incidents?per_page=1000&team_id="+s.team)
	}},
	{"50 ten-row pages at once", func(ctx context.Context, s *site) error {
		return s.parallel(50, func(n int) error {
			return s.read(ctx, fmt.Sprintf("/incidents?per_page=10&page=%d&team_id=%s", n%15, s.team))
		})
	}},
	{"one big incident read 100 times at once", func(ctx context.Context, s *site) error {
		return s.parallel(100, func(int) error { return s.read(ctx, "/incidents/"+bigID(0)) })
	}},
	{"8 playbooks of 1 MiB of <, with incidents that change", changeLongIncidents},
	{"one long incident, 100 changes at once", changeLongIncident},
	{"one long incident, 100 commands at once", commandLongIncident},
	{"one long playbook, 100 saves of an old revision", outdatedPlaybooks},
	{"the most levels, roles and assigned tasks, 100 changes at once", manyRoles},
	{"1,005 playbooks", manyPlaybooks}, // after this, the attacker cannot make others
	{"300 messages of 48 KB on a timeline, 20 pages at once", longTimeline},
	{"1,000 versions of an entry of 48 KB, read 20 times at once", manyVersions},
	{"500 follow-ups of 24 KB, listed 20 times at once", longFollowUps},
	{"the longest retrospective, read 100 times at once", longRetrospective},
	{"the longest retrospective, exported 100 times at once", func(ctx context.Context, s *site) error {
		return s.parallel(100, func(int) error { return s.read(ctx, s.retrospective()+"/export") })
	}},
	{"the longest retrospective, 100 saves of an old revision", outdatedSaves},
	{"the longest retrospective, saved 100 times at once", func(ctx context.Context, s *site) error {
		return s.parallel(100, func(n int) error {
			text := fmt.Sprint(n) + strings.Repeat("障", 31000)
			return tolerated(s.send(ctx, "PATCH", s.retrospective()+"/sections/"+sectionKey(0), object{"text": text}, nil))
		})
	}},
	{"10,000 entries of 4,000 letters, 20 pages at once", fullTimeline},
	{"10,000 entries of 4,000 letters, drafted 30 times at once", draftFullTimeline},
	{"10,000 entries of 4,000 letters, 10 handoffs", handOff},
	{"150 numbers of 1,000,000 digits, 200 refused reads", longNumbers},
	{"3,000 reminders due", dueReminders},
	{"20,000 reminders pending", pendingReminders},
}

// read reads a response to its end. A 429 is not a failure of the plugin.
func (s *site) read(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url(path), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.attacker.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err = io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusTooManyRequests {
		return fmt.Errorf("%s answered %s", path, response.Status)
	}
	return nil
}

// stalled asks n times and does not read for a while.
func (s *site) stalled(ctx context.Context, n int, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return s.parallel(n, func(int) error { return s.stall(ctx, s.attacker, path) })
}

// parallel runs do n times at once and returns one of the errors.
func (s *site) parallel(n int, do func(n int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for k := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			errs[k] = do(k)
		}()
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// exportLongHistory writes what 3,000 edits of a task with the longest texts leave behind into the database, because to
// make them takes long, and exports it.
func exportLongHistory(ctx context.Context, s *site) error {
	values, err := json.Marshal(object{"item_id": model.NewId(), "title": strings.Repeat("<", 2048), "command": strings.Repeat("<", 4096), "description": strings.Repeat("<", 4096)})
	if err != nil {
		return err
	}
	const edits = 3000
	for n := 0; n < edits; n += 100 {
		var rows []string
		for k := range 100 {
			rows = append(rows, fmt.Sprintf("('%s', '%s', %d, 'task_edited', '%s', %d, '%s', '%s', '')", model.NewId(), s.attacker.incident, n+k+2, s.attacker.id, n,
				plain(values), plain(values)))
		}
		if err := s.exec(ctx, "INSERT INTO IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON, PostID) VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, fmt.Sprintf("UPDATE IR_Incident SET Revision = %d WHERE ID = '%s'", edits+1, s.attacker.incident)); err != nil {
		return err
	}
	for _, format := range []string{"json", "markdown"} {
		if err := s.read(ctx, "/incidents/"+s.attacker.incident+"/export?format="+format); err != nil {
			return err
		}
	}
	return nil
}

// plain undoes the escapes of JSON, so that a text is as long as it may be and means the same to both databases.
func plain(text []byte) string { return strings.ReplaceAll(string(text), `\u003c`, "<") }

func exportLongPosts(ctx context.Context, s *site) error {
	for range 200 {
		post := object{"channel_id": s.attacker.channel, "message": strings.Repeat("障", 16000), "props": object{"long": strings.Repeat("y", 7000)}}
		if err := s.host(ctx, "/api/v4/posts", post); err != nil {
			return err
		}
	}
	return s.read(ctx, "/incidents/"+s.attacker.incident+"/export?format=csv")
}

// host sends a request of the attacker to Mattermost.
func (s *site) host(ctx context.Context, path string, body any) error {
	client := model.NewAPIv4Client(s.server.URL)
	client.SetOAuthToken(s.attacker.token)
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	response, appErr := client.DoApiPost(strings.TrimPrefix(path, "/api/v4"), string(content))
	if appErr != nil {
		return appErr
	}
	return response.Body.Close()
}

func bigID(n int) string { return fmt.Sprintf("bigincident%015d", n) }

// bigIncidents puts incidents with a megabyte of tasks, of which the attacker is a member, into the database.
func (s *site) bigIncidents(ctx context.Context, n int) error {
	task := object{"id": model.NewId(), "title": strings.Repeat("t", 2000), "description": strings.Repeat("d", 4000), "command": strings.Repeat("c", 4000)}
	var tasks []object
	for range 100 {
		tasks = append(tasks, task)
	}
	stages, err := json.Marshal([]object{{"id": model.NewId(), "title": "Big", "items": tasks}})
	if err != nil {
		return err
	}
	for k := range n {
		err := s.exec(ctx, fmt.Sprintf(`INSERT INTO IR_Incident (ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, ActiveStage, ChecklistsJSON, ReminderPostID, ReminderMessageTemplate)
			VALUES ('%s', 'Big', '', true, '%s', '%s', '%s', %d, 0, '%s', '', '')`, bigID(k), s.attacker.id, s.team, bigID(k), k+1, stages),
			fmt.Sprintf(`INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, Header, Purpose, LastPostAt, TotalMsgCount, ExtraUpdateAt, CreatorId)
			VALUES ('%[1]s', 1, 1, 0, '%[2]s', 'P', 'Big', '%[1]s', '', '', 0, 0, 0, '')`, bigID(k), s.team),
			fmt.Sprintf(`INSERT INTO ChannelMembers (ChannelId, UserId, Roles, LastViewedAt, MsgCount, MentionCount, NotifyProps, LastUpdateAt, SchemeUser, SchemeAdmin, SchemeGuest)
			VALUES ('%s', '%s', '', 0, 0, 0, '{}', 1, true, false, false)`, bigID(k), s.attacker.id))
		if err != nil {
			return err
		}
	}
	return nil
}

// changeLongIncidents starts incidents from playbooks that are as long as a body may be, and changes all at once.
func changeLongIncidents(ctx context.Context, s *site) error {
	return s.parallel(8, func(n int) error {
		var book struct{ ID string }
		if err := s.post(ctx, "/playbooks", s.longBook(), &book); err != nil {
			return tolerate(err)
		}
		var made struct{ ID string }
		if err := s.call(ctx, s.attacker, "POST", "/incidents", object{"name": fmt.Sprint("long ", n), "team_id": s.team, "commander_user_id": s.attacker.id, "playbook_id": book.ID}, &made); err != nil {
			return tolerate(err)
		}
		for k := range 10 {
			if err := s.call(ctx, s.attacker, "PUT", fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", made.ID, k), object{"new_state": "closed"}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// longBook is a playbook whose body is as long as it may be, written without escapes, which would make it longer than is allowed.
func (s *site) longBook() string {
	var tasks []object
	for range 250 {
		tasks = append(tasks, object{"title": "t", "description": strings.Repeat("<", 4000)})
	}
	return plain(mustJSON(object{"title": "Long", "team_id": s.team, "member_ids": []string{s.attacker.id}, "checklists": []object{{"title": "s", "items": tasks}}}))
}

// startLong starts an incident that is as long as a playbook makes it.
func (s *site) startLong(ctx context.Context) (id, channel string, err error) {
	var book struct{ ID string }
	var made struct {
		ID        string
		ChannelID string `json:"channel_id"`
	}
	if err = s.post(ctx, "/playbooks", s.longBook(), &book); err == nil {
		err = s.call(ctx, s.attacker, "POST", "/incidents", object{"name": "long", "team_id": s.team, "commander_user_id": s.attacker.id, "playbook_id": book.ID}, &made)
	}
	return made.ID, made.ChannelID, err
}

// changeLongIncident makes many changes of one incident at once.
func changeLongIncident(ctx context.Context, s *site) error {
	id, _, err := s.startLong(ctx)
	if err != nil {
		return err
	}
	return s.parallel(100, func(n int) error {
		return tolerated(s.send(ctx, "PUT", fmt.Sprintf("/incidents/%s/checklists/0/item/%d/state", id, n), object{"new_state": "closed"}, nil))
	})
}

// commandLongIncident types many commands at once, which read and change the incident of their channel.
func commandLongIncident(ctx context.Context, s *site) error {
	_, channel, err := s.startLong(ctx)
	if err != nil {
		return err
	}
	return s.parallel(100, func(n int) error {
		typed := []string{"/incident info", fmt.Sprint("/incident check 0 ", n)}[n%2]
		return s.host(ctx, "/api/v4/commands/execute", object{"channel_id": channel, "command": typed})
	})
}

// outdatedPlaybooks is answered with the whole playbook, so that both versions can be compared.
func outdatedPlaybooks(ctx context.Context, s *site) error {
	var book struct{ ID string }
	content := s.longBook()
	if err := s.post(ctx, "/playbooks", content, &book); err != nil {
		return err
	}
	return s.parallel(100, func(int) error {
		return tolerated(s.send(ctx, "PUT", "/playbooks/"+book.ID, json.RawMessage(content), map[string]string{"If-Match": `"0"`}))
	})
}

// post sends a body as it is.
func (s *site) post(ctx context.Context, path, content string, target any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url(path), strings.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.attacker.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s answered %s", path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(target)
}

func mustJSON(v any) []byte {
	content, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return content
}

// tolerated is tolerate for an error that may be nil.
func tolerated(err error) error {
	if err == nil {
		return nil
	}
	return tolerate(err)
}

// tolerate takes a refusal by a limit for what it is.
func tolerate(err error) error {
	if strings.Contains(err.Error(), " answered 4") {
		return nil
	}
	return err
}

// manyPlaybooks makes playbooks until that is refused.
func manyPlaybooks(ctx context.Context, s *site) error {
	for n := range 1005 {
		body := object{"title": fmt.Sprintf("bogus %04d", n), "team_id": s.team, "member_ids": []string{s.attacker.id, s.bystander.id}}
		if err := s.call(ctx, s.attacker, "POST", "/playbooks", body, nil); err != nil {
			fmt.Printf("refused after %d playbooks: %.160s\n", n, err.Error())
			return tolerate(err)
		}
	}
	fmt.Println("1005 playbooks were made")
	return nil
}
