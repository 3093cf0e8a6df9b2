//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"
)

// levelsBody is what a client sends for three levels of severity.
func levelsBody(standard string) body {
	return body{"default": standard, "levels": []body{
		{"key": "SEV1", "name": "Critical", "description": "Customers cannot work.", "color": "red", "update_seconds": 1800},
		{"key": "SEV2", "name": "High", "color": "orange", "update_seconds": 3600},
		{"key": "SEV3", "name": "Low"},
	}}
}

// withSeverity is an incident, a row of a list or a playbook with its severity.
type withSeverity struct {
	ID               string `json:"id"`
	Title            string `json:"title"`
	ChannelID        string `json:"channel_id"`
	Revision         int64  `json:"revision"`
	PreviousReminder int64  `json:"previous_reminder"`
	Severity         *struct {
		Key, Name, Color string
		Default          string
		Levels           []struct {
			Key, Name, Description, Color string
			UpdateSeconds                 int64 `json:"update_seconds"`
		}
	} `json:"severity"`
}

// An incident gets the levels of its playbook, is raised and lowered, and says so wherever it is told of.
func TestSeverity_FromThePlaybookToTheExports(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		book := c.anna.newPlaybook(t, c.team, body{"severity": levelsBody("sev3")}, c.anna, c.boris)
		plainBook := c.anna.newPlaybook(t, c.team, nil, c.anna)
		start := func(name, playbookID string, more body) (got withSeverity) {
			fields := body{"name": name, "team_id": c.team.Id, "commander_user_id": c.anna.user.Id, "playbook_id": playbookID}
			for field, value := range more {
				fields[field] = value
			}
			c.anna.call(t, "POST", "/incidents", fields).want(t, 201).decode(t, &got)
			return got
		}
		low, plain := start("Low", book, nil), start("Plain", plainBook, nil)
		if low.Severity == nil || low.Severity.Key != "SEV3" || len(low.Severity.Levels) != 3 || low.Severity.Levels[2].Color != "grey" || plain.Severity != nil {
			t.Fatalf("started with %+v and %+v", low.Severity, plain.Severity)
		}
		high := start("High", book, body{"severity": "sev2"})
		if high.Severity.Key != "SEV2" || high.PreviousReminder != 3600e9 {
			t.Errorf("started with %+v", high)
		}
		for _, refused := range []body{
			{"name": "x", "playbook_id": book, "severity": "SEV9"}, {"name": "x", "playbook_id": plainBook, "severity": "SEV1"}, {"name": "x", "severity": "SEV1"},
			{"name": "x", "playbook_id": book, "severity": 1},
		} {
			refused["team_id"], refused["commander_user_id"] = c.team.Id, c.anna.user.Id
			c.anna.call(t, "POST", "/incidents", refused).want(t, 400)
		}

		// A client of version 1.2.0 replaces the playbook and knows nothing of levels.
		c.anna.call(t, "PUT", "/playbooks/"+book, body{"title": "Renamed", "checklists": stagesBody(), "member_ids": []string{c.anna.user.Id}}).want(t, 200)
		var kept withSeverity
		c.anna.call(t, "GET", "/playbooks/"+book, nil).want(t, 200).decode(t, &kept)
		if kept.Title != "Renamed" || kept.Severity == nil || len(kept.Severity.Levels) != 3 || kept.Severity.Default != "SEV3" {
			t.Fatalf("the playbook has %+v", kept)
		}
		bad := levelsBody("")
		bad["levels"].([]body)[1]["key"] = "sev1"
		c.anna.call(t, "PUT", "/playbooks/"+book, body{"title": "Bad", "severity": bad}).want(t, 400)

		events := c.anna.listen(t)
		path := "/incidents/" + low.ID + "/severity"
		var raised withSeverity
		c.anna.call(t, "PUT", path, body{"severity": "SEV1", "reason": "All carts fail, @all"}).want(t, 200).decode(t, &raised)
		if raised.Severity.Key != "SEV1" || raised.Revision != low.Revision+1 || raised.PreviousReminder != 1800e9 {
			t.Errorf("raised to %+v", raised)
		}
		var sent withSeverity
		if events.plugin(t, s, "incident_updated", &sent); sent.Severity == nil || sent.Severity.Key != "SEV1" {
			t.Errorf("the websocket event has %+v", sent)
		}
		var same withSeverity
		if c.anna.call(t, "PUT", path, body{"severity": "sev1"}).want(t, 200).decode(t, &same); same.Revision != raised.Revision {
			t.Errorf("the same level is a change: %+v", same)
		}
		for _, wrong := range []any{body{"severity": "SEV9"}, body{"severity": ""}, body{}, body{"severity": 1}, body{"severity": "SEV2", "reason": strings.Repeat("x", 1025)}} {
			c.anna.call(t, "PUT", path, wrong).want(t, 400)
		}
		c.anna.call(t, "PUT", "/incidents/"+plain.ID+"/severity", body{"severity": "SEV1"}).want(t, 400)
		channel := s.channel(t, low.ChannelID)
		c.anna.command(t, c.team, channel, "/incident severity sev2 only some carts")
		if got := c.read(t, low.ID); got.Revision != raised.Revision+1 {
			t.Errorf("after the command: %+v", got)
		}

		// Lists: the worst first, those without a level last.
		list := func(query string) (names []string) {
			var page struct{ Items []withSeverity }
			c.anna.call(t, "GET", "/incidents?team_id="+c.team.Id+"&view=summary&"+query, nil).want(t, 200).decode(t, &page)
			for _, i := range page.Items {
				key := "-"
				if i.Severity != nil {
					key = i.Severity.Key + " " + i.Severity.Name + " " + i.Severity.Color
				}
				names = append(names, key)
			}
			return names
		}
		c.anna.call(t, "PUT", "/incidents/"+high.ID+"/severity", body{"severity": "SEV1"}).want(t, 200)
		for query, want := range map[string]string{
			"sort=severity": "SEV1 Critical red, SEV2 High orange, -", "sort=severity&direction=desc": "-, SEV2 High orange, SEV1 Critical red",
			"severity=SEV2": "SEV2 High orange", "severity=none": "-", "sort=severity&severity=sev1,none": "SEV1 Critical red, -", "severity=SEV3": "",
		} {
			if got := strings.Join(list(query), ", "); got != want {
				t.Errorf("%s lists %s, want %s", query, got, want)
			}
		}
		c.anna.call(t, "GET", "/incidents?severity=a%20b&team_id="+c.team.Id, nil).want(t, 400)

		// Told in the channel, in announcements, timelines and exports.
		posts := ""
		for _, p := range c.anna.posts(t, low.ChannelID) {
			posts += p.Message + "\n"
		}
		for _, want := range []string{"Severity: **SEV3 · Low**", "raised the severity from **SEV3 · Low** to **SEV1 · Critical**.", "> All carts fail, @\u200ball", "lowered the severity from **SEV1 · Critical** to **SEV2 · High**."} {
			if !strings.Contains(posts, want) {
				t.Errorf("the channel lacks %q:\n%s", want, posts)
			}
		}
		c.anna.command(t, c.team, channel, "/incident announce "+c.square.Name)
		if n := c.anna.said(t, c.square.Id, "Severity: SEV2 · High."); n != 1 {
			t.Errorf("announced %d times", n)
		}
		markdown := string(c.anna.call(t, "GET", "/incidents/"+low.ID+"/export?format=markdown", nil).want(t, 200).Body)
		for _, want := range []string{"- **Severity:** SEV2 · High", "raised the severity from SEV3 · Low to SEV1 · Critical. Reason: All carts fail"} {
			if !strings.Contains(markdown, want) {
				t.Errorf("the export lacks %q:\n%s", want, markdown)
			}
		}
		var exported struct {
			Incident withSeverity
			Events   []struct {
				Type          string
				Before, After struct {
					Severity struct{ Key, Name string }
					Reason   string
				}
			}
		}
		c.anna.call(t, "GET", "/incidents/"+low.ID+"/export?format=json", nil).want(t, 200).decode(t, &exported)
		if last := exported.Events[1]; exported.Incident.Severity.Key != "SEV2" || last.Type != "severity_changed" || last.Before.Severity.Key != "SEV3" ||
			last.After.Severity.Name != "Critical" || last.After.Reason != "All carts fail, @all" {
			t.Errorf("the export has %+v", exported)
		}
		var suggested []struct{ Item, Hint, HelpText string }
		c.anna.call(t, "GET", "/incidents/severity-autocomplete?channel_id="+low.ChannelID, nil).want(t, 200).decode(t, &suggested)
		if len(suggested) != 3 || suggested[0].Item != "SEV1" || suggested[0].HelpText != "Customers cannot work." {
			t.Errorf("suggested %+v", suggested)
		}
		c.anna.call(t, "PUT", "/playbooks/"+book, body{"title": "Without", "severity": nil, "member_ids": []string{c.anna.user.Id}}).want(t, 200)
		if content := string(c.anna.call(t, "GET", "/playbooks/"+book, nil).want(t, 200).Body); strings.Contains(content, "severity") {
			t.Errorf("the playbook still has levels: %s", content)
		}
	})
}

// The start dialog offers levels if a playbook has some. One that the chosen playbook lacks is refused beside the element.
func TestSeverity_InTheStartDialog(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		plain := c.anna.newPlaybook(t, c.team, nil, c.anna)
		events := c.anna.listen(t)
		open := func() *model.OpenDialogRequest {
			c.anna.command(t, c.team, c.square, "/incident start")
			return events.dialog(t)
		}
		offered := func(dialog *model.OpenDialogRequest) (levels int) {
			for _, element := range dialog.Dialog.Elements {
				if element.Name == "severity" {
					levels = len(element.Options)
				}
			}
			return levels
		}
		if n := offered(open()); n != 0 {
			t.Errorf("%d options without levels", n)
		}
		book := c.anna.newPlaybook(t, c.team, body{"severity": levelsBody("SEV3")}, c.anna)
		dialog := open()
		if n := offered(dialog); n != 4 {
			t.Fatalf("%d options: %+v", n, dialog.Dialog.Elements)
		}
		answer := c.anna.submit(t, dialog, c.team, c.square, map[string]any{"playbookID": plain, "incidentName": "Wrong", "severity": "SEV1"})
		if answer == nil || !strings.Contains(answer.Errors["severity"], "no severity levels") {
			t.Fatalf("answered %+v", answer)
		}
		accepted(t, c.anna.submit(t, dialog, c.team, c.square, map[string]any{"playbookID": book, "incidentName": "Right one", "severity": "SEV1"}))
		accepted(t, c.anna.submit(t, open(), c.team, c.square, map[string]any{"playbookID": plain, "incidentName": "Plain one", "severity": "."}))
		var page struct{ Items []withSeverity }
		c.anna.call(t, "GET", "/incidents?severity=SEV1&search_term="+url.QueryEscape("Right one")+"&team_id="+c.team.Id, nil).want(t, 200).decode(t, &page)
		if len(page.Items) != 1 || page.Items[0].Severity.Key != "SEV1" {
			t.Errorf("started %+v", page.Items)
		}
	})
}
