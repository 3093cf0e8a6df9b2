package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// seen is what was measured in the browser: medians, times in ms.
type seen struct {
	What                               string
	Time, Requests, Bytes, LongestTask float64
}

// buildWeb builds what the browser loads.
func buildWeb(ctx context.Context, root string) error {
	return errors.Join(bundle.BuildWeb(ctx, root, "webapp", "dist/main.js", os.Stderr),
		bundle.BuildWeb(ctx, root, filepath.Join("test", "webhost"), "dist/root.html", os.Stderr))
}

// chromium is the browser, "" if there is none.
func chromium() string {
	path := os.Getenv("MM_CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// browse lets webapp/browser/bench measure in a browser, as somebody who is in two incidents, with 20 and 300 tasks.
func (s *site) browse(ctx context.Context, root, dir string, rounds int) ([]seen, error) {
	admin := s.server.Admin
	user, response := admin.CreateUser(&model.User{Username: "viewer", Email: "viewer@example.com", Password: password})
	if response.Error != nil {
		return nil, response.Error
	}
	if _, response = admin.AddTeamMember(s.team, user.Id); response.Error != nil {
		return nil, response.Error
	}
	viewer := &site{server: s.server, client: s.client, anna: person{model.NewAPIv4Client(s.server.URL), user.Id}}
	if _, response = viewer.anna.Login("viewer", password); response.Error != nil {
		return nil, response.Error
	}
	type prepared struct {
		Tasks   int    `json:"tasks"`
		Channel string `json:"channel"`
		Name    string `json:"name"`
	}
	var incidents []prepared
	for _, count := range []int{20, 300} {
		p := playbook.Playbook{Title: fmt.Sprintf("In the browser: %d tasks", count), TeamID: s.team, MemberIDs: []string{user.Id},
			CreatePublicIncident: true, Checklists: []incident.Stage{{Title: "Only"}}}
		for n := range count {
			p.Checklists[0].Tasks = append(p.Checklists[0].Tasks, incident.Task{Title: fmt.Sprintf("Look at dashboard %d", n), Description: "Write down **what** you see."})
		}
		var made struct{ ID string }
		if err := viewer.call(ctx, "POST", s.api("/playbooks"), p, &made); err != nil {
			return nil, err
		}
		var started incident.Incident
		name := fmt.Sprintf("Browser %d", count)
		if err := viewer.call(ctx, "POST", s.api("/incidents"), map[string]any{"name": name, "team_id": s.team,
			"commander_user_id": user.Id, "playbook_id": made.ID}, &started); err != nil {
			return nil, err
		}
		channel, response := admin.GetChannel(started.ChannelID, "")
		if response.Error != nil {
			return nil, response.Error
		}
		incidents = append(incidents, prepared{count, channel.Name, name})
	}
	output := filepath.Join(dir, "browser.json")
	settings, err := json.Marshal(map[string]any{"username": "viewer", "password": password, "team": "bench",
		"incidents": incidents, "rounds": rounds, "output": output})
	if err != nil {
		return nil, err
	}
	web := filepath.Join(root, "webapp")
	cmd := exec.CommandContext(ctx, "npx", "--no-install", "playwright", "test", "--config", filepath.Join("browser", "bench", "playwright.config.ts"))
	cmd.Dir = web
	cmd.Env = append(os.Environ(), "MM_BENCH="+string(settings), "MM_URL="+s.server.URL, "MM_PLUGIN_ID="+s.pluginID,
		"MM_ADMIN_USERNAME="+testenv.AdminUsername, "MM_ADMIN_PASSWORD="+testenv.AdminPassword)
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("measure in the browser: %w\n%s", err, text)
	}
	content, err := os.ReadFile(output)
	if err != nil {
		return nil, err
	}
	var all []seen
	return all, json.Unmarshal(content, &all)
}

// browserTable is the table of what was measured in the browser.
func (r *report) browserTable(b *strings.Builder) {
	if r.seen == nil {
		b.WriteString("\nThe browser was not measured: there was none, or -browser=false was given.\n")
		return
	}
	fmt.Fprintf(b, "\nIn the browser (Chromium, without a window), with %s incidents behind it. Requests and bytes are those of the plugin:\n"+
		"its bundle, its chunks and its routes.\n\n", thousands(r.sites[len(r.sites)-1].size))
	b.WriteString("| action | ms | requests | KB | longest task ms |\n|---|---:|---:|---:|---:|\n")
	for _, x := range r.seen {
		row(b, x.What, number(x.Time), fmt.Sprint(x.Requests), number(x.Bytes/1024), number(x.LongestTask))
	}
}
