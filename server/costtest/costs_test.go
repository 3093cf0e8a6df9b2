//go:build store

package costtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api/apitest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability/all"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/stretchr/testify/require"
)

// line is what one request or command may take.
type line struct {
	// what is a method and path, or a command. Marks stand for ids: see pluginFixture.request.
	what string
	body string
	// postgres and mysql are numbers of SQL statements, BEGIN and COMMIT included.
	postgres, mysql int
	// calls are those of Mattermost's plugin API, in order.
	calls string
}

// The budget of a member of the incident's channel, unless the line says otherwise. A commit that changes a number says in
// the commit why it has to be.
var budget = []line{
	// Lists: the viewer's permissions in the team, and the page; a search counts in a third statement.
	{"GET /incidents?team_id={team}&per_page=1", ``, 2, 2,
		""},
	{"GET /incidents?team_id={team}&per_page=1&status=active&sort=name&commander_user_id={anna}", ``, 2, 2,
		""},
	{"GET /incidents?team_id={team}&per_page=1&member_id={anna}", ``, 2, 2,
		""},
	{"GET /incidents?team_id={team}&per_page=1&search_term=Incident", ``, 3, 3,
		""},
	{"GET /incidents?team_id={team}&per_page=1 (administrator)", ``, 2, 2,
		"HasPermissionTo"},
	{"GET /incidents?team_id={team}&member_id={guest} (guest)", ``, 2, 2,
		"HasPermissionToTeam"},
	{"GET /incidents?team_id={team} (all on one page)", ``, 2, 2,
		""},
	// The viewer's permissions in the team, and the rows.
	{"GET /incidents/channels?team_id={team}", ``, 2, 2,
		""},
	{"GET /incidents/commanders?team_id={team}", ``, 2, 2,
		""},
	// Reading: one statement, and no call where the permission is proven.
	{"GET /incidents/checklist-autocomplete?channel_id={channel}", ``, 1, 1,
		""},
	{"GET /incidents/channel/{channel}", ``, 1, 1,
		""},
	{"GET /incidents/{id}", ``, 1, 1,
		""},
	{"GET /incidents/{id} (public, not a member)", ``, 1, 1,
		""},
	{"GET /incidents/{id} (guest)", ``, 1, 1,
		"HasPermissionToChannel"},
	{"GET /incidents/{id} (administrator)", ``, 1, 1,
		""},
	{"GET /incidents/{id}/metadata", ``, 1, 1,
		""},
	{"GET /incidents/{id}/export?format=json", ``, 9, 9,
		"HasPermissionToChannel GetUser"},
	// Starting. One statement reads whether all members of the channel may read it: the websocket event leaves out the others. For
	// a change the header has it, but for a run.
	{"POST /incidents", `{"name":"Outage {time}","team_id":"{team}","commander_user_id":"{anna}","playbook_id":"{playbook}"}`, 9, 11,
		"GetUser HasPermissionToTeam HasPermissionToTeam CreateChannel AddUserToChannel PublishWebSocketEvent GetUser CreatePost PublishWebSocketEvent"},
	// Nothing is made or joined; one statement looks for an ongoing incident in the channel.
	{"POST /incidents (existing channel)", `{"name":"Here {time}","team_id":"{team}","commander_user_id":"{anna}","playbook_id":"{playbook}","channel_id":"{square id}"}`, 8, 10,
		"GetUser HasPermissionToTeam GetChannel HasPermissionToChannel HasPermissionToTeam HasPermissionToChannel GetUser GetChannelMember PublishWebSocketEvent GetUser CreatePost PublishWebSocketEvent"},
	// The job that adds who is invited is stored with the incident.
	{"POST /incidents (invitations)", `{"name":"Invites {time}","team_id":"{team}","commander_user_id":"{anna}","playbook_id":"{inviting}"}`, 10, 12,
		"GetUser HasPermissionToTeam HasPermissionToTeam CreateChannel AddUserToChannel PublishWebSocketEvent GetUser CreatePost PublishWebSocketEvent"},
	{"POST /incidents/dialog", `{"user_id":"{anna}","team_id":"{team}","channel_id":"{channel}","state":"{\"client_id\":\"c\",\"nonce\":\"{time}\"}","submission":{"playbookID":"{playbook}","incidentName":"Dialog {time}"}}`, 12, 14,
		"GetUser HasPermissionToTeam HasPermissionToTeam CreateChannel AddUserToChannel PublishWebSocketEvent GetUser CreatePost PublishWebSocketEvent GetChannel SendEphemeralPost"},
	// Changes: header, BEGIN, lock, state with event (two on MySQL), COMMIT; with a post, one more to attach it. On MySQL a change
	// that is announced takes one more to store the job of its announcement; a start two, since its post is attached as well.
	{"PATCH /incidents/{id}", `{"active_stage":1}`, 6, 8,
		"PublishWebSocketEvent CreatePost"},
	// On MySQL the job of the reminder takes one statement more: one looks for it when an incident ends, and two look for the
	// former one and store the new one with a status update. PostgreSQL does it in the statement that writes the reminder.
	// The end also stores when the retrospective is due, with its job: two statements, on MySQL four. A restart takes that back.
	{"PUT /incidents/{id}/end", ``, 9, 14,
		"PublishWebSocketEvent CreatePost"},
	{"POST /incidents/{id}/end", `{"user_id":"{anna}"}`, 9, 14,
		"PublishWebSocketEvent CreatePost"},
	// The option reads the incident with the header, so that the members who may see it are read later, and stores one job.
	{"PUT /incidents/{id}/end (archive)", `{"archive_channel":true}`, 11, 17,
		"GetChannel HasPermissionToChannel PublishWebSocketEvent CreatePost"},
	{"POST /incidents/{id}/channel/keep", ``, 4, 4,
		""},
	{"PUT /incidents/{id}/restart", ``, 7, 11,
		"PublishWebSocketEvent CreatePost"},
	{"POST /incidents/{id}/commander", `{"commander_id":"{boris}"}`, 7, 9,
		"GetUser GetChannelMember PublishWebSocketEvent CreatePost"},
	{"POST /incidents/{id}/next-stage-dialog", `{"state":"1"}`, 6, 8,
		"PublishWebSocketEvent CreatePost"},
	// The timeline reads the post of a status update, and keeps its text: two statements, on MySQL three.
	{"POST /incidents/{id}/update-status-dialog", `{"submission":{"message":"Fine","reminder":"900"}}`, 12, 16,
		"CreatePost PublishWebSocketEvent"},
	{"POST /incidents/{id}/reminder/button-update", `{"trigger_id":"trigger"}`, 1, 1,
		"OpenInteractiveDialog"},
	{"POST /incidents/{id}/reminder/button-dismiss", `{}`, 4, 4,
		""},
	// A change that is announced, with one statement for the columns by which lists sort and filter, and one for the next update, which takes
	// three on MySQL.
	{"PUT /incidents/{id}/severity", `{"severity":"SEV1","reason":"Payments fail."}`, 8, 12,
		"PublishWebSocketEvent CreatePost"},
	{"GET /incidents/severity-autocomplete?channel_id={channel}", ``, 1, 1,
		""},
	// To snooze also stores the reminder and its job.
	{"POST /incidents/{id}/snooze", `{"seconds":900}`, 6, 9,
		"PublishWebSocketEvent"},
	{"POST /incidents/{id}/reminder/button-snooze", `{"context":{"seconds":900}}`, 6, 9,
		"PublishWebSocketEvent"},
	// Changes of tasks.
	{"PUT /incidents/{id}/checklists/0/add", `{"title":"Call"}`, 5, 6,
		"PublishWebSocketEvent"},
	{"PUT /incidents/{id}/checklists/0/reorder", `{"item_num":1,"new_location":2}`, 5, 6,
		"PublishWebSocketEvent"},
	{"PUT /incidents/{id}/checklists/0/item/1", `{"title":"Call","command":"/call"}`, 5, 6,
		"PublishWebSocketEvent"},
	{"DELETE /incidents/{id}/checklists/0/item/1", ``, 5, 6,
		"PublishWebSocketEvent"},
	{"PUT /incidents/{id}/checklists/0/item/1/state", `{"new_state":"closed"}`, 6, 8,
		"CreatePost PublishWebSocketEvent"},
	{"PUT /incidents/{id}/checklists/0/item/1/assignee", `{"assignee_id":"{boris}"}`, 6, 8,
		"GetUser GetChannelMember CreatePost PublishWebSocketEvent"},
	{"POST /incidents/{id}/checklists/0/item/1/run", ``, 6, 7,
		"GetChannel GetChannelMember HasPermissionToChannel ExecuteSlashCommand PublishWebSocketEvent"},
	// Roles and handoff.
	{"GET /incidents/roles-autocomplete?channel_id={channel}", ``, 1, 1,
		""},
	{"GET /incidents/{id}/roles/history", ``, 3, 3,
		""},
	{"PUT /incidents/{id}/roles/comms", `{"user_id":"{boris}"}`, 6, 8,
		"GetUser GetChannelMember PublishWebSocketEvent CreatePost"},
	{"POST /incidents/{id}/handoff", `{"user_id":"{boris}"}`, 15, 17,
		"GetUser GetChannelMember PublishWebSocketEvent CreatePost GetDirectChannel GetUser GetChannelMember GetUser GetUser GetUser CreatePost"},
	{"POST /incidents/{id}/handoff/{handoff}/accept (receiver)", `{}`, 10, 12,
		"GetUser GetChannelMember PublishWebSocketEvent GetUser CreatePost GetDirectChannel"},
	{"POST /incidents/{id}/handoff/{handoff}/decline (receiver)", `{}`, 9, 11,
		"PublishWebSocketEvent GetUser CreatePost GetDirectChannel"},
	{"POST /incidents/{id}/handoff/{handoff}/withdraw", `{}`, 9, 11,
		"HasPermissionTo PublishWebSocketEvent GetUser CreatePost GetDirectChannel"},
	// Follow-ups. Lists: what the viewer reaches or the incident's header, and the page with the numbers for tabs, which are two statements on MySQL.
	{"GET /followups?mine=true&state=open", ``, 2, 3,
		""},
	{"GET /followups (guest)", ``, 2, 3,
		"HasPermissionToTeam"},
	{"GET /followups (administrator)", ``, 2, 3,
		"HasPermissionTo"},
	{"GET /incidents/{id}/followups", ``, 2, 3,
		""},
	{"GET /incidents/{id}/followups?similar=true", ``, 4, 5,
		""},
	{"GET /followups/{followup}", ``, 3, 3,
		""},
	// The follow-up, the header, BEGIN, lock, the follow-up with its history (two on MySQL), COMMIT, the follow-up again, and who may
	// see the incident.
	{"PATCH /followups/{followup}", `{"state":"done"}`, 8, 9,
		"PublishWebSocketEvent"},
	// The header, BEGIN, two for the number, the follow-up with its history, jobs with the number (two each on MySQL), COMMIT, the
	// follow-up as it is shown, and who may see the incident. The owner takes one more, and so does the reminder on MySQL.
	{"POST /incidents/{id}/followups", `{"title":"Watch the disk"}`, 9, 11,
		"PublishWebSocketEvent"},
	{"POST /incidents/{id}/followups (with owner)", `{"title":"Watch the disk","owner_id":"{boris}","due_at":4102444800000}`, 10, 13,
		"GetUser GetUser PublishWebSocketEvent"},
	{"POST /incidents/{id}/followups/carry_over", `{}`, 11, 13,
		"PublishWebSocketEvent"},
	// Playbooks.
	{"GET /playbooks?team_id={team}", ``, 1, 1,
		"HasPermissionToTeam HasPermissionTo"},
	{"POST /playbooks", `{"title":"Another","team_id":"{team}","member_ids":["{anna}"]}`, 5, 5,
		"HasPermissionToTeam GetTeamMember"},
	{"POST /playbooks (invitations)", `{"title":"Inviting","team_id":"{team}","member_ids":["{anna}"],"invitations":{"user_ids":["{boris}"]}}`, 6, 6,
		"HasPermissionToTeam GetTeamMember"},
	{"GET /playbooks/autocomplete?team_id={team}", ``, 1, 1,
		"HasPermissionToTeam"},
	{"GET /playbooks/{playbook}", ``, 1, 1,
		""},
	{"PUT /playbooks/{playbook}", `{"title":"Outage","team_id":"{team}","member_ids":["{anna}"],"create_public_incident":true,"checklists":[{"title":"First","items":[{"title":"one"},{"title":"two"},{"title":"three"}]},{"title":"Second"}]}`, 6, 6,
		""},
	{"POST /playbooks/{shared}/leave", ``, 6, 6,
		""},
	{"POST /eventsubscriptions", `{"url":{},"playbook_id":"{playbook}","user_id":"{anna}"}`, 2, 2,
		""},
	{"GET /eventsubscriptions", ``, 1, 1,
		""},
	{"DELETE /eventsubscriptions/{subscription}", ``, 4, 4,
		""},

	// Timeline: the incident's header, and its events and entries together. To add an entry takes BEGIN, the count, a look for the same message
	// or key, entry and version, and COMMIT.
	{"GET /incidents/{id}/timeline", ``, 2, 2,
		""},
	{"GET /incidents/{id}/timeline?direction=desc&per_page=20&kind=message,task&person={anna}", ``, 2, 2,
		""},
	{"GET /incidents/{id}/timeline (public, not a member)", ``, 2, 2,
		""},
	{"POST /incidents/{id}/timeline", `{"text":"It broke."}`, 7, 8,
		"PublishWebSocketEvent"},
	{"POST /incidents/{id}/timeline (message)", `{"post_id":"{message}"}`, 8, 9,
		"GetPost HasPermissionToChannel GetUser PublishWebSocketEvent"},
	{"GET /incidents/{id}/timeline/{entry}", ``, 4, 4,
		""},
	{"PATCH /incidents/{id}/timeline/{entry}", `{"text":"It was broken.","starred":true}`, 6, 7,
		"PublishWebSocketEvent"},
	{"PATCH /incidents/{id}/timeline/{event} (own event)", `{"starred":true}`, 11, 12, // with whether the incident is there
		"PublishWebSocketEvent"},
	{"DELETE /incidents/{id}/timeline/{entry}", ``, 6, 7,
		"PublishWebSocketEvent"},

	// Retrospective. One that is not stored is drafted: from the incident, its events, its timeline (two) and its follow-ups.
	{"GET /incidents/{id}/retrospective", ``, 7, 7,
		"GetUser"},
	{"GET /incidents/{id}/retrospective/export", ``, 8, 8,
		"GetUser"},
	{"POST /incidents/{id}/retrospective/draft", `{}`, 14, 16,
		"GetUser PublishWebSocketEvent PublishWebSocketEvent"},
	{"PATCH /incidents/{id}/retrospective/sections/causes", `{"text":"A full disk."}`, 19, 22,
		"GetUser PublishWebSocketEvent PublishWebSocketEvent PublishWebSocketEvent"},
	{"POST /incidents/{id}/retrospective/publish (draft)", `{}`, 14, 18,
		"PublishWebSocketEvent GetChannel GetChannel GetTeam CreatePost PublishWebSocketEvent"},
	{"POST /incidents/{id}/retrospective/reopen", `{}`, 11, 12,
		"PublishWebSocketEvent PublishWebSocketEvent"},
	{"GET /playbooks/{playbook}/retrospective", ``, 2, 2,
		""},
	{"PUT /playbooks/{playbook}/retrospective", `{"due_working_days":3}`, 6, 6,
		""},

	// Administration. To delete an incident takes BEGIN and COMMIT, the incident with its status posts, the record, what each
	// capability locks and deletes, and a statement for each table of the core; then who may see the websocket event. One looks for other
	// incidents of the channel, which would be archived with it.
	{"DELETE /incidents/{id}/everything (administrator)", `{"name":"{name}","channel":"archive"}`, 32, 34,
		"HasPermissionTo LogInfo PublishWebSocketEvent PublishWebSocketEvent GetChannel DeleteChannel GetServerVersion"},
	{"GET /metrics (administrator)", ``, 0, 0,
		"HasPermissionTo"},
	{"GET /support (administrator)", ``, 9, 8,
		"HasPermissionTo"},

	// Commands. They find the incident of the channel first, and then do as the route does.
	// The second statement finds the ongoing incident of the channel, so that the channel is not offered.
	{"/incident start", ``, 2, 2,
		"HasPermissionToTeam HasPermissionToTeam GetUser OpenInteractiveDialog"},
	{"/incident end", ``, 3, 3,
		"GetChannel HasPermissionToChannel OpenInteractiveDialog"},
	{"/incident update", ``, 2, 2,
		"OpenInteractiveDialog"},
	{"/incident snooze 15m", ``, 7, 10,
		"PublishWebSocketEvent SendEphemeralPost"},
	{"/incident restart", ``, 8, 12,
		"PublishWebSocketEvent CreatePost"},
	{"/incident channel", ``, 1, 1,
		"SendEphemeralPost"},
	{"/incident channel keep", ``, 6, 6,
		"SendEphemeralPost"},
	{"/incident stage next", ``, 2, 2,
		"OpenInteractiveDialog"},
	{"/incident check 0 0", ``, 7, 9,
		"CreatePost PublishWebSocketEvent"},
	{"/incident commander", ``, 1, 1,
		"GetUser SendEphemeralPost"},
	{"/incident commander @{boris name}", ``, 8, 10,
		"GetUserByUsername GetChannelMember PublishWebSocketEvent CreatePost"},
	{"/incident handoff @{boris name}", ``, 16, 18,
		"GetUserByUsername GetChannelMember PublishWebSocketEvent CreatePost GetDirectChannel GetUser GetChannelMember GetUser GetUser GetUser CreatePost"},
	{"/incident role comms @{boris name}", ``, 7, 9,
		"GetUserByUsername GetChannelMember PublishWebSocketEvent CreatePost"},
	{"/incident severity SEV1 Payments fail.", ``, 9, 13,
		"PublishWebSocketEvent CreatePost"},
	{"/incident announce {square}", ``, 1, 1,
		"HasPermissionToChannel GetChannel GetChannelByName HasPermissionToChannel GetUser CreatePost SendEphemeralPost"},
	{"/incident list", ``, 2, 2,
		"GetTeam GetUser GetChannel GetChannel GetChannel GetChannel GetChannel GetChannel GetUser GetChannel GetChannel GetChannel GetChannel SendEphemeralPost"},
	{"/incident info", ``, 1, 1,
		"SendEphemeralPost"},
	{"/incident timeline", ``, 3, 3,
		"GetUser GetUser SendEphemeralPost"},
	{"/incident timeline add It broke. 20m ago", ``, 8, 9,
		"GetUser PublishWebSocketEvent SendEphemeralPost"},
	{"/incident followup add Watch the disk @{boris name} due in 3d", ``, 11, 14,
		"GetUser GetUserByUsername GetUser GetUser PublishWebSocketEvent SendEphemeralPost"},
	{"/incident followup list", ``, 3, 4,
		"SendEphemeralPost"},
	{"/incident followup done {followup}", ``, 8, 9,
		"PublishWebSocketEvent SendEphemeralPost"},
	{"/incident followups", ``, 2, 3,
		"SendEphemeralPost"},
	{"/incident retrospective", ``, 3, 3,
		"GetChannel GetTeam SendEphemeralPost"},
	{"/incident support (administrator)", ``, 9, 8,
		"HasPermissionTo GetUser GetDirectChannel UploadFile CreatePost SendEphemeralPost"},
	{"/incident help", ``, 0, 0,
		"HasPermissionTo SendEphemeralPost"},

	// A subscription to it is left, which is deleted in a transaction of its own.
	{"DELETE /playbooks/{playbook} (last, since the others need it)", ``, 7, 7,
		"HasPermissionToTeam"},
}

// asked are lines that somebody else than anna asks for.
var asked = map[string]func(w *pluginFixture) string{
	"(public, not a member)": func(w *pluginFixture) string { return w.carla },
	"(guest)":                func(w *pluginFixture) string { return w.guest },
	"(administrator)":        func(w *pluginFixture) string { return w.admin },
	"(receiver)":             func(w *pluginFixture) string { return w.boris },
}

var note = regexp.MustCompile(`\s*\([^)]*\)$`)

// run does what a line says and lists what it took.
func (w *pluginFixture) run(l line) (statements, calls []string) {
	user, what := w.anna, l.what
	if suffix := note.FindString(what); suffix != "" {
		what = strings.TrimSuffix(what, suffix)
		if who := asked[strings.TrimSpace(suffix)]; who != nil {
			user = who(w)
		}
	}
	return w.spent(func() {
		if strings.HasPrefix(what, "/") {
			w.command(user, what)
			return
		}
		method, path, _ := strings.Cut(what, " ")
		w.request(user, method, path, l.body)
	})
}

func TestBudget(t *testing.T) {
	for _, driver := range testdb.Drivers {
		t.Run(string(driver), func(t *testing.T) {
			w := newPluginFixture(t, driver)
			// What is only done once, by a process or a connection, is no part of the budget.
			w.request(w.anna, "GET", "/incidents?team_id={team}&per_page=1", "")
			for _, l := range budget {
				if l.what == "" {
					continue
				}
				t.Run(l.what, func(t *testing.T) {
					w.t, w.mattermost.t = t, t
					w.incident = w.start(w.playbook)
					w.prepare(l.what)
					statements, calls := w.run(l)
					want := l.postgres
					if driver == testdb.MySQL {
						want = l.mysql
					}
					if len(statements) != want {
						t.Errorf("%d SQL statements, the budget is %d:\n%s", len(statements), want, strings.Join(statements, "\n"))
					}
					if got := strings.Join(calls, " "); got != l.calls {
						t.Errorf("calls of the plugin API:\n%s\nthe budget is:\n%s", got, l.calls)
					}
				})
			}
		})
	}
}

// prepare brings the incident into the state that a line needs.
func (w *pluginFixture) prepare(what string) {
	switch {
	case strings.Contains(what, "{handoff}"):
		w.request(w.anna, "POST", "/incidents/{id}/handoff", `{"user_id":"{boris}"}`)
		inc, err := w.service.Incident(w.t.Context(), w.anna, w.incident.ID)
		require.NoError(w.t, err)
		var state struct{ Handoff struct{ ID string } }
		_, err = inc.Own.Load("roles", &state)
		require.NoError(w.t, err)
		w.newest = map[string]string{"{handoff}": state.Handoff.ID}
	case strings.Contains(what, "invitations"):
		book, err := w.service.CreatePlaybook(w.t.Context(), w.anna, playbook.Playbook{Title: "Inviting", TeamID: w.team, MemberIDs: []string{w.anna}, CreatePublicIncident: true,
			Own: incident.Own{"invitations": json.RawMessage(`{"user_ids":["` + w.boris + `"]}`)}})
		require.NoError(w.t, err)
		w.newest = map[string]string{"{inviting}": book}
	case strings.Contains(what, "severity"):
		book, err := w.service.CreatePlaybook(w.t.Context(), w.anna, playbook.Playbook{Title: "Levels", TeamID: w.team, MemberIDs: []string{w.anna}, CreatePublicIncident: true,
			Own: incident.Own{"severity": json.RawMessage(`{"levels":[{"key":"SEV1","name":"Critical","update_seconds":1800},{"key":"SEV2","name":"Low"}],"default":"SEV2"}`)}})
		require.NoError(w.t, err)
		w.incident = w.start(book)
	case strings.Contains(what, "{followup}"):
		w.addFollowUp()
	case strings.Contains(what, "/restart"), strings.HasSuffix(what, "incident restart"):
		require.NoError(w.t, w.service.End(w.t.Context(), w.anna, w.incident.ID))
	case strings.Contains(what, "/retrospective/publish"), strings.Contains(what, "/retrospective/reopen"):
		require.NoError(w.t, w.service.End(w.t.Context(), w.anna, w.incident.ID))
		w.request(w.anna, "POST", "/incidents/{id}/retrospective/draft", "{}")
		if strings.Contains(what, "/reopen") {
			w.request(w.anna, "POST", "/incidents/{id}/retrospective/publish", "{}")
		}
	case strings.HasPrefix(what, "DELETE /eventsubscriptions"):
		sub, err := w.service.Subscribe(w.t.Context(), w.anna, app.Subscription{PlaybookID: w.playbook, UserID: w.anna})
		require.NoError(w.t, err)
		w.subscription = sub.ID
	case strings.HasPrefix(what, "GET /incidents?"), strings.HasSuffix(what, "/commanders?team_id={team}"), strings.HasSuffix(what, "incident list"):
		// So that a list need not count again because of the incident that was just started.
		w.request(w.anna, "GET", "/incidents?team_id={team}&per_page=1", "")
	case strings.Contains(what, "/timeline"):
		w.request(w.anna, "POST", "/incidents/{id}/timeline", `{"text":"It broke."}`)
		w.newest = map[string]string{"{entry}": w.one("SELECT ID FROM IR_TimelineEntry WHERE IncidentID = ?"), "{event}": w.one("SELECT ID FROM IR_Event WHERE IncidentID = ?"),
			"{message}": w.one("SELECT PostID FROM IR_Event WHERE IncidentID = ?")}
	}
}

// inEnglish is a host of which only the language of the server is asked.
type inEnglish struct{ app.Host }

func (inEnglish) DefaultLocale() string { return "en" }

// Every route of api.yaml and every sub-command has a line.
func TestBudgetIsComplete(t *testing.T) {
	checker, err := apitest.LoadAll("..")
	require.NoError(t, err)
	for _, route := range checker.Routes() {
		method, path, _ := strings.Cut(route, " ")
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/?]+`) + `([?].*)?$`)
		if !slices.ContainsFunc(budget, func(l line) bool {
			m, p, _ := strings.Cut(note.ReplaceAllString(l.what, ""), " ")
			return m == method && pattern.MatchString(p)
		}) {
			t.Errorf("%s has no budget", route)
		}
	}
	for _, sub := range command.New(nil, nil, inEnglish{}, nil, "", all.Plug(&capability.Core{}).Commands()...).Command(false).AutocompleteData.SubCommands {
		name := "/incident " + sub.Trigger
		if !slices.ContainsFunc(budget, func(l line) bool { return l.what == name || strings.HasPrefix(l.what, name+" ") }) {
			t.Errorf("%s has no budget", name)
		}
	}
}

// TestPrintBudget prints the lines as they would have to be, for a commit that has to change them: run it with -v.
func TestPrintBudget(t *testing.T) {
	if !testing.Verbose() {
		t.Skip("only with -v")
	}
	type cost struct {
		n     map[testdb.Driver]int
		calls string
	}
	costs := map[string]cost{}
	for _, driver := range testdb.Drivers {
		w := newPluginFixture(t, driver)
		for _, l := range budget {
			if l.what == "" {
				continue
			}
			w.incident = w.start(w.playbook)
			w.prepare(l.what)
			statements, calls := w.run(l)
			c := costs[l.what]
			if c.n == nil {
				c.n = map[testdb.Driver]int{}
			}
			c.n[driver], c.calls = len(statements), strings.Join(calls, " ")
			costs[l.what] = c
		}
	}
	for _, l := range budget {
		c := costs[l.what]
		fmt.Printf("\t{%q, `%s`, %d, %d, %q},\n", l.what, l.body, c.n[testdb.Postgres], c.n[testdb.MySQL], c.calls)
	}
}
