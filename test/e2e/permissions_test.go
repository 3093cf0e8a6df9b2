//go:build e2e

package e2e

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// permissions says which status each role gets on each route. The roles, in
// the order of the columns:
//
//	admin     system administrator, in neither the incidents' channels nor the playbooks
//	chief     commander of the private incident and member of its channel
//	member    member of both incidents' channels
//	guest     guest in both incidents' channels
//	stray     guest of the team in another channel; asks for the public incident
//	open      member of the team, not of the channel; asks for the public incident
//	secret    the same person, asking for the private incident
//	book      member of the playbook, not of the channel; asks for the private incident
//	former    was a member of the private incident's channel
//	quit      is commander of a private incident whose channel they were removed from
//	left      was a member of the team and of the public incident's channel
//	other     member of another team; asks for the public incident
//
// and then what an id that does not exist gives to
//
//	unknown   a member of the team
//	u-admin   the administrator
//
// Users who are logged out or deactivated get 401 on every route, and so do
// other plugins that do not name the user they act for.
const permissions = `
route                                                   admin   chief  member   guest   stray    open  secret    book  former    quit    left   other unknown u-admin
GET    /incidents?team_id={team}                          200     200     200     403     403     200     200     200     200     200     403     403     403     200
GET    /incidents?team_id={team}&member_id={me}          200     200     200     200     200     200     200     200     200     200     403     403     403     200
GET    /incidents/channels?team_id={team}&member_id={me}
                                                          200     200     200     200     200     200     200     200     200     200     403     403     403     200
GET    /incidents/commanders?team_id={team}&member_id={me}
                                                          200     200     200     200     200     200     200     200     200     200     403     403     403     200
GET    /incidents?team_id={team}&member_id={book}         200     200     200     403     403     200     200     200     200     200     403     403     403     200
POST   /incidents                                         201     201     201     403     403     201     201     201     201     201     403     403     403       -
POST   /incidents/dialog                                  200     200     200     200     200     200     200     201     200     200     200     200     200       -
GET    /incidents/commanders?team_id={team}               200     200     200     403     403     200     200     200     200     200     403     403     403     200
GET    /incidents/channels?team_id={team}                 200     200     200     403     403     200     200     200     200     200     403     403     403     200
GET    /incidents/checklist-autocomplete?channel_id={channel}
                                                          200     200     200     200     403     200     403     403     403     403     403     403     403     404
GET    /incidents/severity-autocomplete?channel_id={channel}
                                                          200     200     200     200     403     200     403     403     403     403     403     403     403     404
GET    /incidents/channel/{channel}                       200     200     200     200     404     200     404     404     404     404     404     404     404     404
GET    /incidents/{id}                                    200     200     200     200     403     200     403     403     403     403     403     403     403     404
PATCH  /incidents/{id}                                    200     200     200     200     403     403     403     403     403     403     403     403     404     404
GET    /incidents/roles-autocomplete?channel_id={channel}
                                                          200     200     200     200     403     200     403     403     403     403     403     403     403     404
GET    /incidents/{id}/roles/history                      200     200     200     200     403     200     403     403     403     403     403     403     403     404
PUT    /incidents/{id}/roles/scribe                       200     200     200     200     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/handoff                            201     201     403     403     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/handoff/{handoff}/accept           403     409     409     409     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/handoff/{handoff}/decline          409     409     409     409     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/handoff/{handoff}/withdraw         409     409     409     409     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/metadata                           200     200     200     200     403     200     403     403     403     403     403     403     403     404
GET    /incidents/{id}/export?format=csv                 200     200     200     200     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/export?format=json                200     200     200     200     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/timeline                           200     200     200     200     403     200     403     403     403     403     403     403     403     404
POST   /incidents/{id}/timeline                           201     201     201     201     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/timeline/{event}                   200     200     200     200     403     200     403     403     403     403     403     403     403     404
PATCH  /incidents/{id}/timeline/{event}                   200     200     200     200     403     403     403     403     403     403     403     403     403     404
DELETE /incidents/{id}/timeline/{event}                   409     409     409     409     403     403     403     403     403     403     403     403     403     404
DELETE /incidents/{id}/everything                         409     403     403     403     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/retrospective                      200     200     200     200     403     200     403     403     403     403     403     403     403     404
POST   /incidents/{id}/retrospective/draft                200     200     200     200     403     403     403     403     403     403     403     403     403     404
PATCH  /incidents/{id}/retrospective/sections/summary     200     200     200     200     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/retrospective/publish              200     200     200     200     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/retrospective/reopen               200     200     200     200     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/retrospective/export               200     200     200     200     403     200     403     403     403     403     403     403     403     404
PUT    /incidents/{id}/end                                200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/end                                200     200     200     200     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/restart                            200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/channel/keep                       200     200     200     200     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/severity                           200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/commander                          200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/next-stage-dialog                  200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/update-status-dialog               200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/reminder/button-update             400     400     400     400     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/reminder/button-dismiss            200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/reminder/button-snooze             200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/snooze                             200     200     200     200     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/checklists/0/add                   201     201     201     201     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/checklists/0/reorder               200     200     200     200     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/checklists/0/item/0                200     200     200     200     403     403     403     403     403     403     403     403     404     404
DELETE /incidents/{id}/checklists/1/item/0                204     204     204     204     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/checklists/0/item/0/state          200     200     200     200     403     403     403     403     403     403     403     403     404     404
PUT    /incidents/{id}/checklists/0/item/0/assignee       200     200     200     200     403     403     403     403     403     403     403     403     404     404
POST   /incidents/{id}/checklists/0/item/0/run            403     200     200     200     403     403     403     403     403     403     403     403     404     404
GET    /playbooks?team_id={team}                          200     200     200     403     403     200     200     200     200     200     403     403     403     200
POST   /playbooks                                         201     201     201     403     403     201     201     201     201     201     403     403     403       -
GET    /playbooks/autocomplete?team_id={team}             200     200     200     403     403     200     200     200     200     200     403     403     403     200
GET    /playbooks/{playbook}                              200     403     403     403     403     403     403     200     403     403     403     403     404     404
PUT    /playbooks/{playbook}                              200     403     403     403     403     403     403     200     403     403     403     403     404     404
GET    /playbooks/{playbook}/retrospective                200     403     403     403     403     403     403     200     403     403     403     403     404     404
PUT    /playbooks/{playbook}/retrospective                200     403     403     403     403     403     403     200     403     403     403     403     404     404
DELETE /playbooks/{doomed}                                204     403     403     403     403     403     403     204     403     403     403     403     404     404
POST   /playbooks/{doomed}/leave                          409     403     403     403     403     403     403     204     403     403     403     403     404     404
POST   /eventsubscriptions                                403     403     403     403     403     403     403     201     403     403     403     403     404     404
GET    /eventsubscriptions                                200     200     200     200     200     200     200     200     200     200     200     200     200     200
DELETE /eventsubscriptions/{id}                           404     404     404     404     404     404     404     404     404     404     404     404     404     404
GET    /followups                                         200     200     200     200     200     200     200     200     200     200     200     200     200     200
GET    /followups?incident_id={id}                        200     200     200     200     403     200     403     403     403     403     403     403     403     404
GET    /followups/{followup}                              200     200     200     200     403     200     403     403     403     403     403     403     403     404
PATCH  /followups/{followup}                              200     200     200     200     403     403     403     403     403     403     403     403     403     404
GET    /incidents/{id}/followups                          200     200     200     200     403     200     403     403     403     403     403     403     403     404
POST   /incidents/{id}/followups                          201     201     201     201     403     403     403     403     403     403     403     403     403     404
POST   /incidents/{id}/followups/carry_over               200     200     200     200     403     403     403     403     403     403     403     403     403     404
GET    /metrics                                           200     403     403     403     403     403     403     403     403     403     403     403     403     200
GET    /support                                           200     403     403     403     403     403     403     403     403     403     403     403     403     200
`

// Where a permitted request would need more than a permission, the table shows
// how far it comes: the button for an update has no dialog to open without a
// click (400), a handoff that nobody has offered is not answered (409), an incident that is not named is not deleted (409), refused start dialogs answer 200 with an error to show, and
// only members of the channel may run commands in it, administrators included.

func TestPermissions_EveryRouteForEveryRole(t *testing.T) {
	eachDriverOr(t, testenv.Postgres, func(t *testing.T, s *server) {
		owner, member, teammate, book := s.newUser(t), s.newUser(t), s.newUser(t), s.newUser(t)
		former, left, other, gone := s.newUser(t), s.newUser(t), s.newUser(t), s.newUser(t)
		chief, quit := s.newUser(t), s.newUser(t)
		team := s.newTeam(t, owner, member, teammate, book, former, left, gone, chief, quit)
		s.newTeam(t, other)
		playbook := func(public bool) string {
			return owner.newPlaybook(t, team, body{"create_public_incident": public, "roles": []body{{"key": "scribe", "name": "Scribe"}}, "severity": levelsBody("SEV3"), "checklists": []body{
				{"title": "Do", "items": []body{{"title": "First", "command": "/echo done"}, {"title": "Second"}}}, {"title": "Then"},
			}}, owner, book)
		}
		public, private := playbook(true), playbook(false)
		open, secret := owner.startIncident(t, team, "Known to all", public), owner.startIncident(t, team, "Known to few", private)
		abandoned := owner.startIncident(t, team, "Left alone", private)
		openChannel, secretChannel, abandonedChannel := s.channel(t, open.ChannelID), s.channel(t, secret.ChannelID), s.channel(t, abandoned.ChannelID)
		s.addToChannel(t, openChannel, member, left)
		s.addToChannel(t, secretChannel, member, former, gone, chief)
		s.addToChannel(t, abandonedChannel, quit)
		owner.call(t, "POST", "/incidents/"+abandoned.ID+"/commander", body{"commander_id": quit.user.Id}).want(t, 200)
		existing := s.newChannel(t, team, model.CHANNEL_PRIVATE, owner, member, former, gone, chief)
		guest := s.newGuest(t, team, openChannel, secretChannel, existing)
		stray := s.newGuest(t, team, s.newChannel(t, team, model.CHANNEL_PRIVATE))
		_, response := s.Admin.RemoveUserFromChannel(secretChannel.Id, former.user.Id)
		must(t, "remove from the channel", response)
		_, response = s.Admin.RemoveUserFromChannel(existing.Id, former.user.Id)
		must(t, "remove from the existing channel", response)
		var here incident.Incident
		owner.call(t, "POST", "/incidents", body{"name": "In a channel that was there", "team_id": team.Id, "commander_user_id": owner.user.Id,
			"playbook_id": public, "channel_id": existing.Id}).want(t, 201).decode(t, &here)
		_, response = s.Admin.RemoveUserFromChannel(abandonedChannel.Id, quit.user.Id)
		must(t, "remove the commander from the channel", response)
		_, response = s.Admin.RemoveTeamMember(team.Id, left.user.Id)
		must(t, "remove from the team", response)
		_, response = s.Admin.UpdateUserActive(gone.user.Id, false)
		must(t, "deactivate", response)

		unknown := incident.Incident{ID: model.NewId(), ChannelID: model.NewId()}
		roles := []struct {
			name    string
			who     *person
			target  incident.Incident
			nothing bool // every id is one that does not exist
		}{
			{"admin", s.admin(), secret, false}, {"chief", chief, secret, false}, {"member", member, secret, false},
			{"guest", guest, secret, false}, {"stray", stray, open, false},
			{"open", teammate, open, false}, {"secret", teammate, secret, false}, {"book", book, secret, false},
			{"former", former, secret, false}, {"quit", quit, abandoned, false}, {"left", left, open, false}, {"other", other, open, false},
			{"unknown", member, unknown, true}, {"u-admin", s.admin(), unknown, true},
			{"logged out", s.anonymous(), open, false}, {"deactivated", gone, open, false}, {"other plugin", s.otherPlugin(t), open, false},
		}

		rows := permissionRows(t, len(roles)-3)
		for _, row := range rows {
			t.Run(row.method+" "+row.path, func(t *testing.T) {
				answers := map[string]*reply{}
				for n, role := range roles {
					want := 401
					if n < len(row.statuses) {
						if want = row.statuses[n]; want == 0 {
							continue
						}
					}
					ids := map[string]string{"team": team.Id, "channel": role.target.ChannelID, "id": role.target.ID, "playbook": private, "doomed": "", "book": book.user.Id, "me": role.who.user.Id, "event": model.NewId(), "handoff": model.NewId()}
					if role.nothing {
						ids["team"], ids["playbook"], ids["doomed"], ids["followup"] = model.NewId(), model.NewId(), model.NewId(), model.NewId()
					} else {
						prepare(t, s, owner, row.method+" "+row.path, role.target.ID)
						if role.who == chief || strings.HasSuffix(row.path, "/handoff") { // who commands an incident offers the command
							owner.call(t, "POST", "/incidents/"+secret.ID+"/commander", body{"commander_id": chief.user.Id}).want(t, 200)
						}
						if strings.Contains(row.path, "{event}") { // own events are starred, but not deleted
							ids["event"] = s.storedEvents(t, role.target.ID)[0].ID
						}
						if strings.Contains(row.path, "{doomed}") {
							ids["doomed"] = playbook(false)
						}
						if strings.Contains(row.path, "{followup}") {
							var made struct{ ID string }
							owner.call(t, "POST", "/incidents/"+role.target.ID+"/followups", body{"title": "Watch"}).want(t, 201).decode(t, &made)
							ids["followup"] = made.ID
						}
					}
					path := row.path
					for name, id := range ids {
						path = strings.ReplaceAll(path, "{"+name+"}", id)
					}
					answer := role.who.call(t, row.method, path, roleBody(row.method+" "+row.path, role.who, owner, ids))
					if answer.Status != want {
						t.Errorf("%s: %d, want %d: %s", role.name, answer.Status, want, answer.Body)
					}
					answers[role.name] = answer
				}
				mustLookAlike(t, answers, "unknown", "secret", "book", "former", "quit", "left", "other")
				mustLookAlike(t, answers, "logged out", "deactivated", "other plugin")
			})
		}
		// An incident in a channel that was there before gives each role what one in a private channel of its own does, whatever its playbook makes.
		for _, row := range rows {
			if !slices.Contains(inExisting, row.method+" "+row.path) {
				continue
			}
			for n, role := range roles[:len(row.statuses)] {
				if role.target.ID != secret.ID || role.nothing || row.statuses[n] == 0 {
					continue
				}
				prepare(t, s, owner, row.method+" "+row.path, here.ID)
				ids := map[string]string{"team": team.Id, "channel": here.ChannelID, "id": here.ID}
				path := strings.NewReplacer("{id}", here.ID, "{channel}", here.ChannelID).Replace(row.path)
				if answer := role.who.call(t, row.method, path, roleBody(row.method+" "+row.path, role.who, owner, ids)); answer.Status != row.statuses[n] {
					t.Errorf("in an existing channel, %s, %s %s: %d, want %d: %s", role.name, row.method, row.path, answer.Status, row.statuses[n], answer.Body)
				}
			}
		}
		// Refused requests have changed nothing.
		for id, allowed := range map[string][]*person{here.ID: {owner, chief, member, guest, s.admin()}, abandoned.ID: {owner}, open.ID: {owner}, secret.ID: {owner, chief, member, guest, s.admin()}} {
			for _, event := range s.storedEvents(t, id) {
				if event.Type() == "commander_gone" || event.ActorID == "" && event.Type() == "handoff_overtaken" { // the plugin's own
					continue
				}
				if !slices.ContainsFunc(allowed, func(p *person) bool { return p.user.Id == event.ActorID }) {
					t.Errorf("%s was refused, but has made the event %s", event.ActorID, event.Type())
				}
			}
		}
	})
}

// inExisting are the routes that are also asked about an incident that was started in an existing private channel: one for each rule of
// who may see and who may change.
var inExisting = []string{"GET /incidents/channel/{channel}", "GET /incidents/{id}", "PATCH /incidents/{id}", "GET /incidents/{id}/timeline",
	"POST /incidents/{id}/timeline", "GET /incidents/{id}/export?format=csv", "PUT /incidents/{id}/end", "PUT /incidents/{id}/restart", "PUT /incidents/{id}/severity"}

// mustLookAlike compares the answers of roles that get the same status as the
// first: byte for byte, they do not tell whether what was asked for exists.
func mustLookAlike(t *testing.T, answers map[string]*reply, first string, others ...string) {
	t.Helper()
	for _, name := range others {
		a, b := answers[first], answers[name]
		if a == nil || b == nil || a.Status != b.Status || a.Status < 400 {
			continue
		}
		if string(a.Body) != string(b.Body) || a.Header.Get("Content-Type") != b.Header.Get("Content-Type") {
			t.Errorf("%s and %s are told apart:\n%s\n%s", first, name, a.Body, b.Body)
		}
	}
}

type permissionRow struct {
	method, path string
	statuses     []int // 0 for no request
}

func permissionRows(t *testing.T, columns int) []permissionRow {
	t.Helper()
	var rows []permissionRow
	words := strings.Fields(permissions)[columns+1:]
	for len(words) > 0 {
		row := permissionRow{method: words[0], path: words[1]}
		for _, word := range words[2 : 2+columns] {
			status := 0
			if word != "-" {
				var err error
				if status, err = strconv.Atoi(word); err != nil {
					t.Fatalf("%s %s: %v", row.method, row.path, err)
				}
			}
			row.statuses = append(row.statuses, status)
		}
		rows, words = append(rows, row), words[2+columns:]
	}
	mustCoverEveryRoute(t, rows)
	return rows
}

var positions = regexp.MustCompile(`/(checklists|item)/[0-9]+`)

// mustCoverEveryRoute compares the table's rows with the routes of api.yaml, which are those of package api: a route
// without a row, or a row without a route, fails the test.
func mustCoverEveryRoute(t *testing.T, rows []permissionRow) {
	t.Helper()
	checker, err := description()
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, row := range rows {
		path, _, _ := strings.Cut(row.path, "?")
		path = positions.ReplaceAllStringFunc(path, func(position string) string {
			if strings.HasPrefix(position, "/item/") {
				return "/item/{item}"
			}
			return "/checklists/{checklist}"
		})
		path = strings.NewReplacer("{playbook}", "{id}", "{doomed}", "{id}", "{followup}", "{id}", "{event}", "{entry}", "{channel}", "{channel_id}", "/sections/summary", "/sections/{section}", "/roles/scribe", "/roles/{role}").Replace(path)
		have = append(have, row.method+" "+path)
	}
	slices.Sort(have)
	have = slices.Compact(have) // the formats of an export
	if want := checker.Routes(); !slices.Equal(have, want) {
		t.Fatalf("the table has the routes\n%s\nbut there are\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
}

// prepare brings the incident into a state in which the route can succeed.
func prepare(t *testing.T, s *server, owner *person, route, id string) {
	t.Helper()
	switch route {
	case "PUT /incidents/{id}/restart":
		owner.call(t, "PUT", "/incidents/"+id+"/end", nil).want(t, 200, 409)
	case "POST /incidents/{id}/retrospective/draft", "PATCH /incidents/{id}/retrospective/sections/summary":
		owner.call(t, "POST", "/incidents/"+id+"/retrospective/reopen", body{}).want(t, 200, 409)
	case "POST /incidents/{id}/retrospective/publish":
		owner.call(t, "PUT", "/incidents/"+id+"/end", nil).want(t, 200, 409)
		owner.call(t, "POST", "/incidents/"+id+"/retrospective/reopen", body{}).want(t, 200, 409)
	case "POST /incidents/{id}/retrospective/reopen":
		owner.call(t, "PUT", "/incidents/"+id+"/end", nil).want(t, 200, 409)
		owner.call(t, "POST", "/incidents/"+id+"/retrospective/publish", body{}).want(t, 200, 409)
	case "DELETE /incidents/{id}/checklists/1/item/0":
		owner.call(t, "PUT", "/incidents/"+id+"/checklists/1/add", body{"title": "To be removed"}).want(t, 201)
	case "POST /incidents/{id}/handoff": // the end ends the one before
		owner.call(t, "PUT", "/incidents/"+id+"/end", nil).want(t, 200, 409)
		owner.call(t, "PUT", "/incidents/"+id+"/restart", nil).want(t, 200)
	case "PUT /incidents/{id}/end", "POST /incidents/{id}/end", "POST /incidents/{id}/update-status-dialog", "POST /incidents/{id}/commander",
		"POST /incidents/{id}/snooze", "POST /incidents/{id}/reminder/button-snooze":
		owner.call(t, "PUT", "/incidents/"+id+"/restart", nil).want(t, 200, 409)
	}
}

// roleBody is a body with which the route succeeds.
func roleBody(route string, who, owner *person, ids map[string]string) any {
	switch route {
	case "POST /incidents":
		return body{"name": "Another one", "team_id": ids["team"], "commander_user_id": who.user.Id}
	case "POST /incidents/dialog":
		return body{"user_id": who.user.Id, "team_id": ids["team"], "channel_id": ids["channel"], "state": "{}",
			"submission": body{"playbookID": ids["playbook"], "incidentName": "By dialog", "incidentDescription": ""}}
	case "PATCH /incidents/{id}":
		return body{"active_stage": 0}
	case "POST /incidents/{id}/timeline":
		return body{"text": "By " + who.user.Username}
	case "POST /incidents/{id}/retrospective/draft", "POST /incidents/{id}/retrospective/publish", "POST /incidents/{id}/retrospective/reopen":
		return body{}
	case "PATCH /incidents/{id}/retrospective/sections/summary":
		return body{"text": "By " + who.user.Username}
	case "PUT /playbooks/{playbook}/retrospective":
		return body{"due_working_days": 3}
	case "PATCH /incidents/{id}/timeline/{event}":
		return body{"starred": true}
	case "DELETE /incidents/{id}/everything": // with another name, as the incident is needed
		return body{"name": "Another one", "channel": "leave"}
	case "PUT /incidents/{id}/severity":
		return body{"severity": "SEV1", "reason": "By " + who.user.Username}
	case "POST /incidents/{id}/commander":
		return body{"commander_id": owner.user.Id}
	case "POST /incidents/{id}/next-stage-dialog":
		return body{"user_id": who.user.Id, "state": "0"}
	case "POST /incidents/{id}/update-status-dialog":
		return body{"user_id": who.user.Id, "submission": body{"message": "By " + who.user.Username, "reminder": "0"}}
	case "POST /incidents/{id}/reminder/button-update", "POST /incidents/{id}/reminder/button-dismiss":
		// What the body says about user and channel must not matter.
		return body{"user_id": owner.user.Id, "channel_id": ids["channel"], "trigger_id": "stale"}
	case "POST /incidents/{id}/reminder/button-snooze":
		return body{"user_id": owner.user.Id, "channel_id": ids["channel"], "context": body{"seconds": 900}}
	case "POST /incidents/{id}/snooze":
		return body{"seconds": 900}
	case "PUT /incidents/{id}/checklists/0/add":
		return body{"title": "One more"}
	case "PUT /incidents/{id}/checklists/0/reorder":
		return body{"item_num": 0, "new_location": 0}
	case "PUT /incidents/{id}/checklists/0/item/0":
		return body{"title": "First", "command": "/echo done"}
	case "PUT /incidents/{id}/checklists/0/item/0/state":
		return body{"new_state": "closed"}
	case "PUT /incidents/{id}/checklists/0/item/0/assignee":
		return body{"assignee_id": owner.user.Id}
	case "PUT /incidents/{id}/roles/scribe":
		return body{"user_id": ""}
	case "POST /incidents/{id}/handoff":
		return body{"user_id": owner.user.Id}
	case "POST /incidents/{id}/followups":
		return body{"title": "By " + who.user.Username}
	case "PATCH /followups/{followup}":
		return body{"state": "done"}
	case "POST /incidents/{id}/followups/carry_over":
		return body{}
	case "POST /playbooks":
		return body{"title": "New", "team_id": ids["team"], "member_ids": []string{}}
	case "PUT /playbooks/{playbook}":
		return body{"title": "Changed", "member_ids": []string{owner.user.Id, ids["book"]}, "checklists": stagesBody()}
	case "POST /eventsubscriptions":
		return body{"playbook_id": ids["playbook"], "user_id": who.user.Id, "url": body{"Scheme": "https", "Host": "example.com", "Path": "/"}}
	default:
		return nil
	}
}

func TestPermissions_RequestsWithoutAUserGet401(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	for _, header := range []string{"X-Nothing: x", "Mattermost-User-Id: " + s.admin().user.Id, "Mattermost-Plugin-ID: " + s.pluginID} {
		if answer := s.anonymous().call(t, "GET", "/incidents?team_id=x", nil, header); answer.Status != 401 {
			t.Errorf("with %s: %d", header, answer.Status)
		}
	}
}
