package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// Attacks with what is done after an incident, and with what an incident has from its playbook.

func (s *site) retrospective() string { return "/incidents/" + s.attacker.incident + "/retrospective" }

func sectionKey(n int) string { return fmt.Sprint("section_", n) }

// send sends a request of the attacker with headers, and reads the answer to its end.
func (s *site) send(ctx context.Context, method, path string, body any, headers map[string]string) error {
	written, isWritten := body.(json.RawMessage)
	text := string(written)
	if !isWritten { // else this program would write 100 long bodies at once, which takes both cores for seconds
		text = plain(mustJSON(body))
	}
	request, err := http.NewRequestWithContext(ctx, method, s.url(path), strings.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.attacker.token)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if _, err = io.Copy(io.Discard, response.Body); err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s answered %s", path, response.Status)
	}
	return err
}

// longRetrospective gives the attacker's incident a retrospective of as many and as long sections as it may have.
func longRetrospective(ctx context.Context, s *site) error {
	err := s.exec(ctx, fmt.Sprintf("DELETE FROM IR_Retrospective WHERE IncidentID = '%s'", s.attacker.incident),
		fmt.Sprintf("INSERT INTO IR_Retrospective (IncidentID, State, Revision) VALUES ('%s', 'draft', 5)", s.attacker.incident))
	if err != nil {
		return err
	}
	text := strings.Repeat("障", 32000)
	err = s.insert(ctx, "IR_RetrospectiveSection", "IncidentID, SectionKey, Position, Heading, QuestionsJSON, Draft, Origin, Content, MadeJSON, Revision, UpdateAt",
		20, 5, func(n int) string {
			return fmt.Sprintf("'%s', '%s', %d, 'Long', '[]', '', 'edited', '%s', '[]', 5, 5", s.attacker.incident, sectionKey(n), n, text)
		})
	if err != nil {
		return err
	}
	return s.parallel(100, func(int) error { return s.read(ctx, s.retrospective()) })
}

// outdatedSaves is answered with the whole retrospective, so that both versions can be compared.
func outdatedSaves(ctx context.Context, s *site) error {
	return s.parallel(100, func(int) error {
		return tolerated(s.send(ctx, "PATCH", s.retrospective()+"/sections/"+sectionKey(1), object{"text": "late"}, map[string]string{"If-Match": `"1"`}))
	})
}

const fullEntries = 10000

// fullTimeline puts as many entries as people may add on the timeline of the attacker's incident, each as long as may be typed.
func fullTimeline(ctx context.Context, s *site) error {
	text, incident := strings.Repeat("障", 4000), s.attacker.incident
	if err := s.exec(ctx, "DELETE FROM IR_TimelineEntry WHERE IncidentID = '"+incident+"'"); err != nil {
		return err
	}
	err := s.insert(ctx, "IR_TimelineEntry", "ID, IncidentID, Kind, HappenedAt, Seq, RecordedAt, AuthorID, AddedByID, Content, FilesJSON, Starred, Version", fullEntries, 100, func(n int) string {
		return fmt.Sprintf("'%s', '%s', 'manual', %d, %d, %d, '%s', '%[6]s', '%s', '', true, 1", padded("full", n), incident, model.GetMillis()+int64(n), n+1, n+1, s.attacker.id, text)
	})
	if err != nil {
		return err
	}
	return s.parallel(20, func(int) error { return s.read(ctx, "/incidents/"+incident+"/timeline?per_page=100") })
}

// draftFullTimeline lets the draft be made again and again, and prints how long somebody else waits for theirs meanwhile.
func draftFullTimeline(ctx context.Context, s *site) error {
	err := s.exec(ctx, fmt.Sprintf("DELETE FROM IR_RetrospectiveSection WHERE IncidentID = '%s'", s.attacker.incident),
		fmt.Sprintf("DELETE FROM IR_Retrospective WHERE IncidentID = '%s'", s.attacker.incident))
	if err != nil {
		return err
	}
	other := func() (time.Duration, error) {
		begin := time.Now()
		err := s.call(ctx, s.bystander, "GET", "/incidents/"+s.bystander.incident+"/retrospective", nil, nil)
		return time.Since(begin), err
	}
	before, err := other()
	if err != nil {
		return err
	}
	attack := make(chan error, 1)
	go func() {
		attack <- s.parallel(30, func(n int) error {
			if n%2 == 0 {
				return s.read(ctx, s.retrospective())
			}
			return tolerated(s.send(ctx, "POST", s.retrospective()+"/draft", object{}, map[string]string{"If-Match": `"7"`}))
		})
	}()
	time.Sleep(time.Second)
	meanwhile, err := other()
	fmt.Printf("the draft of a bystander took %d ms before, %d ms meanwhile\n", before.Milliseconds(), meanwhile.Milliseconds())
	if failed := <-attack; err == nil {
		err = failed
	}
	return err
}

// handOff offers and withdraws the command. Each offer sends a brief, which has the key moments of the timeline.
func handOff(ctx context.Context, s *site) error {
	if err := s.host(ctx, "/api/v4/channels/"+s.attacker.channel+"/members", object{"user_id": s.bystander.id}); err != nil {
		return err
	}
	path := "/incidents/" + s.attacker.incident + "/handoff"
	for range 10 {
		var i struct {
			Roles struct{ Handoff struct{ ID string } }
		}
		if err := s.call(ctx, s.attacker, "POST", path, object{"user_id": s.bystander.id}, &i); err != nil {
			return err
		}
		if err := s.call(ctx, s.attacker, "POST", path+"/"+i.Roles.Handoff.ID+"/withdraw", object{}, nil); err != nil {
			return err
		}
	}
	return s.until(ctx, "SELECT CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END FROM IR_Job WHERE Kind = 'handoff_offer' AND State = 'waiting'", 1)
}

// manyRoles starts an incident with as much severity, roles and assigned tasks as there may be, and changes all of it.
func manyRoles(ctx context.Context, s *site) error {
	var levels, roles, tasks []object
	for n := range 6 {
		levels = append(levels, object{"key": fmt.Sprint("SEV", n), "name": strings.Repeat("障", 64), "description": strings.Repeat("障", 256), "color": "red", "update_seconds": 600})
	}
	for n := range 10 {
		roles = append(roles, object{"key": fmt.Sprint("role", n), "name": fmt.Sprint(n, strings.Repeat("障", 63)), "description": strings.Repeat("障", 256), "default": object{"kind": "starter"}})
	}
	for n := range 500 {
		tasks = append(tasks, object{"title": "t", "description": strings.Repeat("<", 1500), "assignment": object{"kind": "role", "role": fmt.Sprint("role", n%10)}})
	}
	var book, made struct{ ID string }
	content := plain(mustJSON(object{"title": "Roles", "team_id": s.team, "member_ids": []string{s.attacker.id},
		"checklists": []object{{"title": "s", "items": tasks}}, "severity": object{"levels": levels, "default": "SEV5"}, "roles": roles}))
	if err := s.post(ctx, "/playbooks", content, &book); err != nil {
		return err
	}
	if err := s.call(ctx, s.attacker, "POST", "/incidents", object{"name": "roles", "team_id": s.team, "commander_user_id": s.attacker.id, "playbook_id": book.ID}, &made); err != nil {
		return err
	}
	at := "/incidents/" + made.ID
	return s.parallel(100, func(n int) error {
		if n%2 == 0 {
			return tolerated(s.send(ctx, "PUT", at+"/severity", object{"severity": fmt.Sprint("SEV", n/2%6), "reason": strings.Repeat("障", 1024)}, nil))
		}
		holder := ""
		if n%4 == 1 {
			holder = s.attacker.id
		}
		return tolerated(s.send(ctx, "PUT", fmt.Sprint(at, "/roles/role", n%10), object{"user_id": holder}, nil))
	})
}
