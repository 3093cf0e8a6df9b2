//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// descriptionFiles are those of the core and of all capabilities.
func descriptionFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../server/*/api.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files
}

// limit is one that a schema of api.yaml states for what clients send.
type limit struct {
	operation string   // such as "POST /playbooks"
	where     string   // body, query or header
	path      []string // of the property; "[]" stands for an element of a list
	kind      string   // minLength, maxLength, maxItems, minimum or maximum
	value     int
}

func (l limit) String() string {
	return fmt.Sprintf("%s %s %s %s %d", l.operation, l.where, strings.Join(l.path, "."), l.kind, l.value)
}

func (l limit) field() string { return l.path[len(l.path)-1] }

// statedLimits reads all limits of requests out of api.yaml.
func statedLimits(t *testing.T) []limit {
	t.Helper()
	var all []limit
	var walk func(at limit, schema *openapi3.Schema)
	walk = func(at limit, schema *openapi3.Schema) {
		add := func(kind string, value int) {
			l := at
			l.path, l.kind, l.value = slices.Clone(at.path), kind, value
			all = append(all, l)
		}
		if schema.MinLength > 0 {
			add("minLength", int(schema.MinLength))
		}
		if schema.MaxLength != nil {
			add("maxLength", int(*schema.MaxLength))
		}
		if schema.MaxItems != nil {
			add("maxItems", int(*schema.MaxItems))
		}
		if schema.Min != nil {
			add("minimum", int(*schema.Min))
		}
		if schema.Max != nil {
			add("maximum", int(*schema.Max))
		}
		below := func(name string) limit {
			l := at
			l.path = append(slices.Clone(at.path), name)
			return l
		}
		if schema.Items != nil {
			walk(below("[]"), schema.Items.Value)
		}
		for name, property := range schema.Properties {
			walk(below(name), property.Value)
		}
	}
	for _, file := range descriptionFiles(t) {
		loader := openapi3.NewLoader()
		loader.IsExternalRefsAllowed = true
		doc, err := loader.LoadFromFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				operation := method + " " + path
				for _, p := range op.Parameters {
					walk(limit{operation: operation, where: p.Value.In, path: []string{p.Value.Name}}, p.Value.Schema.Value)
				}
				if op.RequestBody != nil {
					walk(limit{operation: operation, where: "body"}, op.RequestBody.Value.Content.Get("application/json").Schema.Value)
				}
			}
		}
	}
	sort.Slice(all, func(a, b int) bool { return all[a].String() < all[b].String() })
	if len(all) < 60 {
		t.Fatalf("only %d limits were found in api.yaml: %v", len(all), all)
	}
	return all
}

// at puts a value into a document of JSON, which is made as far as it is missing.
func put(document any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if path[0] == "[]" {
		list, _ := document.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		return append([]any{put(list[0], path[1:], value)}, list[1:]...)
	}
	object := map[string]any{}
	old, _ := document.(map[string]any)
	for name, v := range old {
		object[name] = v
	}
	object[path[0]] = put(object[path[0]], path[1:], value)
	return object
}

// sized is a value of the size n for a limit: so many characters, elements, or the number itself.
func (l limit) sized(t *testing.T, n int) any {
	t.Helper()
	switch {
	case l.kind == "minimum" || l.kind == "maximum":
		return n
	case l.kind == "maxItems":
		list := make([]any, n)
		for k := range list {
			list[k] = map[string]any{"title": "x", "heading": "x"}
			switch l.field() {
			case "member_ids":
				list[k] = l.operation[:1] // replaced by the caller with somebody's id
			case "questions":
				list[k] = "x"
			}
		}
		return list
	case l.field() == "name" || l.field() == "incidentName":
		return strings.Repeat("é", max(n-2, 0)) + "ab"[:min(n, 2)]
	case strings.HasSuffix(l.field(), "id") || strings.HasSuffix(l.field(), "ID") || l.field() == "[]" || l.field() == "Idempotency-Key":
		return strings.Repeat("x", n)
	default:
		return strings.Repeat("é", max(n-1, 0)) + "/"[:min(n, 1)]
	}
}

// TestLimits_EachThatIsStated tries every limit that api.yaml states for a request, on the server with its database: what
// is at the limit is taken and kept, what is beyond is refused with a text that names the field and, if it is too large,
// the limit.
func TestLimits_EachThatIsStated(t *testing.T) {
	stated := statedLimits(t)
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		book := c.newPlaybook(t, nil)
		i := c.anna.startIncident(t, c.team, "Limits", c.anna.newPlaybook(t, c.team, body{"severity": levelsBody("")}, c.anna))
		channel := i.ChannelID
		json0 := func(text string) any {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
		// Requests that succeed, apart from what is at the limit. %I, %T, %U, %B and %C are ids.
		bodies := map[string]string{
			"POST /incidents":                                                 `{"name":"Limits","team_id":"%T","commander_user_id":"%U"}`,
			"POST /incidents/dialog":                                          `{"user_id":"%U","team_id":"%T","channel_id":"%C","state":"{}","submission":{"playbookID":"%B","incidentName":"Limits","incidentDescription":""}}`,
			"PATCH /incidents/{id}":                                           `{}`,
			"POST /incidents/{id}/commander":                                  `{"commander_id":"%U"}`,
			"PUT /incidents/{id}/severity":                                    `{"severity":"SEV1"}`,
			"POST /incidents/{id}/next-stage-dialog":                          `{"state":"0"}`,
			"POST /incidents/{id}/update-status-dialog":                       `{"submission":{"message":"m","reminder":"0"}}`,
			"POST /incidents/{id}/reminder/button-update":                     `{"trigger_id":"stale"}`,
			"POST /incidents/{id}/handoff/{handoff}/accept":                   `{}`,
			"POST /incidents/{id}/handoff/{handoff}/decline":                  `{}`,
			"POST /incidents/{id}/handoff/{handoff}/withdraw":                 `{}`,
			"POST /incidents/{id}/reminder/button-dismiss":                    `{}`,
			"POST /incidents/{id}/reminder/button-snooze":                     `{"context":{"seconds":900}}`,
			"POST /incidents/{id}/snooze":                                     `{"seconds":900}`,
			"PUT /incidents/{id}/checklists/{checklist}/add":                  `{"title":"one more"}`,
			"PUT /incidents/{id}/checklists/{checklist}/reorder":              `{}`,
			"PUT /incidents/{id}/checklists/{checklist}/item/{item}":          `{"title":"changed"}`,
			"PUT /incidents/{id}/checklists/{checklist}/item/{item}/assignee": `{}`,
			"POST /playbooks":                                                 `{"title":"Limits","team_id":"%T","member_ids":["%U"]}`,
			"PUT /playbooks/{id}":                                             `{"title":"Limits","member_ids":["%U"]}`,
			"POST /incidents/{id}/followups":                                  `{"title":"Watch the disk"}`,
			"PATCH /followups/{id}":                                           `{"state":"dropped","reason":"Not needed."}`,
			"POST /incidents/{id}/followups/carry_over":                       `{}`,
			"PATCH /incidents/{id}/retrospective/sections/{section}":          `{"text":"x"}`,
			"PUT /playbooks/{id}/retrospective":                               `{"sections":[{"heading":"x"}]}`,
			"POST /incidents/{id}/timeline":                                   `{"text":"It broke."}`,
			"PATCH /incidents/{id}/timeline/{entry}":                          `{"text":"It broke."}`,
			"POST /eventsubscriptions":                                        `{"playbook_id":"%B","user_id":"%U","url":{"Host":"example.com"}}`,
		}
		task := c.read(t, i.ID).Checklists[0].Tasks[0].ID
		var followUp, entry struct{ ID string }
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/followups", body{"title": "Watch the disk"}).want(t, 201).decode(t, &followUp)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/timeline", body{"text": "It broke."}).want(t, 201).decode(t, &entry)
		ids := strings.NewReplacer("%I", i.ID, "%T", c.team.Id, "%U", c.anna.user.Id, "%B", book, "%C", channel)
		for _, l := range stated {
			t.Run(l.String(), func(t *testing.T) {
				method, path, _ := strings.Cut(l.operation, " ")
				path = strings.NewReplacer("{checklist}", "0", "{item}", "0", "{section}", "summary").Replace(path)
				if strings.HasPrefix(path, "/playbooks") {
					path = strings.ReplaceAll(path, "{id}", book)
				}
				if strings.HasPrefix(path, "/followups") {
					path = strings.ReplaceAll(path, "{id}", followUp.ID)
				}
				path = strings.NewReplacer("{id}", i.ID, "{entry}", entry.ID, "{handoff}", i.ID).Replace(path)
				base, known := bodies[l.operation]
				if !known && l.where == "body" {
					t.Fatalf("there is no request to try it with")
				}
				send := func(n int) *reply {
					value := l.sized(t, n)
					if id, named := map[string]string{"member_ids": c.anna.user.Id, "task_ids": task}[l.field()]; named {
						for k := range value.([]any) {
							value.([]any)[k] = id
						}
					}
					if l.field() == "roles" { // each needs a name of its own
						for k := range value.([]any) {
							value.([]any)[k] = map[string]any{"name": fmt.Sprint("Role ", k)}
						}
					}
					if l.field() == "link" {
						const site = "https://example.com/"
						value = site + strings.Repeat("x", n-len(site))
					}
					var headers []string
					var sent any
					if known {
						sent = json0(ids.Replace(base))
					}
					query := url.Values{}
					for _, p := range []string{"team_id", "channel_id"} {
						if method == "GET" {
							query.Set(p, map[string]string{"team_id": c.team.Id, "channel_id": channel}[p])
						}
					}
					switch l.where {
					case "body":
						sent = put(sent, l.path, value)
					case "query":
						if l.field() == "page" {
							query.Set("per_page", "1")
						}
						query.Set(l.field(), fmt.Sprint(value))
					case "header":
						headers = append(headers, l.field()+": "+fmt.Sprint(value))
					}
					if len(query) > 0 {
						return c.anna.call(t, method, path+"?"+query.Encode(), sent, headers...)
					}
					return c.anna.call(t, method, path, sent, headers...)
				}
				if l.operation == "PUT /playbooks/{id}" && l.field() == "team_id" { // a stored playbook keeps its team
					send(l.value+1).want(t, 200)
					return
				}
				beyond := l.value + 1
				if l.kind == "minLength" || l.kind == "minimum" {
					beyond = l.value - 1
				}
				fine := send(l.value)
				if l.isID() { // so long an id names nothing
					if fine.Status >= 500 || strings.Contains(string(fine.Body), "at most") {
						t.Errorf("at the limit: %d %s", fine.Status, fine.Body)
					}
				} else if fine.Status >= 300 || strings.Contains(string(fine.Body), `"error`) {
					t.Errorf("at the limit: %d %s", fine.Status, fine.Body)
				}
				refused := send(beyond)
				field := strings.TrimSuffix(l.field(), "[]")
				if l.field() == "[]" {
					field = l.path[len(l.path)-2]
				}
				text := string(refused.Body)
				switch {
				case l.value == 0 && l.kind != "minimum": // must not be set
				case l.kind == "maxLength" || l.kind == "maxItems" || l.kind == "maximum":
					if !strings.Contains(text, strconv.Itoa(l.value)) {
						t.Errorf("beyond the limit: the answer does not tell the limit: %s", text)
					}
				}
				dialog := l.operation == "POST /incidents/dialog" // errors of the form are shown in the dialog
				if dialog && refused.Status == 200 && strings.Contains(text, `"error`) || refused.Status == 400 || refused.Status == 403 && field == "team_id" {
					if !strings.Contains(text, field) && refused.Status != 403 {
						t.Errorf("beyond the limit: the answer does not name the field: %s", text)
					}
					return
				}
				t.Errorf("beyond the limit: %d %s", refused.Status, text)
			})
		}
		// What was at the limits is kept as it was sent, also by the narrow columns of 1.2.0.
		var stored incident.Incident
		c.anna.call(t, "GET", "/incidents/"+i.ID, nil).want(t, 200).decode(t, &stored)
		longest := map[string]int{}
		for _, stage := range stored.Checklists {
			for _, task := range stage.Tasks {
				longest["title"] = max(longest["title"], len([]rune(task.Title)))
				longest["command"] = max(longest["command"], len([]rune(task.Command)))
				longest["description"] = max(longest["description"], len([]rune(task.Description)))
			}
		}
		if longest["title"] != incident.MaxTaskTitle || longest["command"] != incident.MaxCommand || longest["description"] != incident.MaxTaskDescription {
			t.Errorf("the longest texts that are stored have %v characters", longest)
		}
	})
}

// isID reports whether the value is an id.
func (l limit) isID() bool {
	return strings.HasSuffix(l.field(), "id") || strings.HasSuffix(l.field(), "ID") || l.field() == "[]"
}

var statedInWords = regexp.MustCompile(`(?i)(?:at most|must not exceed) ([0-9]+)`)

// TestLimits_EachThatIsStatedInWords does the same for the limits that no schema can express.
func TestLimits_EachThatIsStatedInWords(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	tasks := func(n int, title string) []body {
		list := make([]body, n)
		for k := range list {
			list[k] = body{"title": title}
		}
		return list
	}
	book := func(stages ...[]body) string {
		lists := []body{}
		for _, items := range stages {
			lists = append(lists, body{"title": "s", "items": items})
		}
		return asJSON(t, body{"title": "Limits", "team_id": c.team.Id, "member_ids": []string{c.anna.user.Id}, "checklists": lists})
	}
	tried := map[string]func(t *testing.T){
		"1048576": func(t *testing.T) { // bytes of a body
			whole := func(size int) string {
				text := `{"title":"Limits","team_id":"` + c.team.Id + `","ignored":"`
				return text + strings.Repeat("x", size-len(text)-2) + `"}`
			}
			c.anna.call(t, "POST", "/playbooks", whole(1<<20)).want(t, 201)
			answer := c.anna.call(t, "POST", "/playbooks", whole(1<<20+1)).want(t, 413)
			if !strings.Contains(answer.errorText(t), "1048576") {
				t.Errorf("%s", answer.Body)
			}
		},
		"1000": func(t *testing.T) { // tasks over all stages; entries of a list, see PerPage
			c.anna.call(t, "POST", "/playbooks", book(tasks(1000, "t"))).want(t, 201)
			var made struct{ ID string }
			c.anna.call(t, "POST", "/playbooks", book(tasks(600, "t"), tasks(400, "t"))).want(t, 201).decode(t, &made)
			if text := c.anna.call(t, "POST", "/playbooks", book(tasks(600, "t"), tasks(401, "t"))).want(t, 400).errorText(t); !strings.Contains(text, "1000") {
				t.Error(text)
			}
			i := c.start(t, map[string]any{"playbook_id": made.ID})
			if text := c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/1/add", body{"title": "1001"}).want(t, 400, 409).errorText(t); !strings.Contains(text, "1,000") {
				t.Error(text)
			}
			c.anna.call(t, "DELETE", "/incidents/"+i.ID+"/checklists/0/item/0", nil).want(t, 204)
			c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/1/add", body{"title": "the 1000th"}).want(t, 201)
		},
		"64": func(t *testing.T) { // characters of what is in the state of the start dialog
			for _, name := range []string{"post_id", "client_id", "nonce"} {
				for n, status := range map[int]int{64: 0, 65: 400} {
					answer := c.anna.call(t, "POST", "/incidents/dialog", body{"user_id": c.anna.user.Id, "team_id": c.team.Id, "channel_id": c.square.Id,
						"state": `{"` + name + `":"` + strings.Repeat("x", n) + `"}`, "submission": body{"playbookID": model.NewId(), "incidentName": "Limits"}})
					if status == 0 && answer.Status != 200 || status == 400 && (answer.Status != 400 || !strings.Contains(answer.errorText(t), "64") || !strings.Contains(answer.errorText(t), name)) {
						t.Errorf("%d characters of %s: %d %s", n, name, answer.Status, answer.Body)
					}
				}
			}
		},
		"2592000": func(t *testing.T) { // seconds of a reminder
			i := c.start(t, nil)
			c.anna.updateStatus(t, i.ID, "m", "2592000").want(t, 200)
			if text := c.anna.updateStatus(t, i.ID, "m", "2592001").want(t, 400).errorText(t); !strings.Contains(text, "2592000") || !strings.Contains(text, "reminder") {
				t.Error(text)
			}
			c.anna.updateStatus(t, i.ID, "m", "-1").want(t, 400)
		},
		"2147483647": func(t *testing.T) { // page × per_page
			for _, list := range []string{"/incidents", "/incidents/channels", "/playbooks"} {
				c.anna.call(t, "GET", list+"?team_id="+c.team.Id+"&page=2147483647&per_page=1", nil).want(t, 200)
				c.anna.call(t, "GET", list+"?team_id="+c.team.Id+"&page=2147483&per_page=1000", nil).want(t, 200)
				if text := c.anna.call(t, "GET", list+"?team_id="+c.team.Id+"&page=2147484&per_page=1000", nil).want(t, 400).errorText(t); !strings.Contains(text, "2147483647") {
					t.Error(text)
				}
			}
		},
		"2097152": func(t *testing.T) { // bytes of the stages of a playbook or an incident
			// A body of 1 MiB is stored with more than that only of what JSON has to escape.
			wide := strings.Repeat("\u2028", 4096)
			var tasks []string
			for range 34 {
				tasks = append(tasks, `{"title":"x`+wide[:3*2047]+`","command":"`+wide+`","description":"`+wide+`"}`)
			}
			whole := func(tasks []string) string {
				return `{"title":"Limits","team_id":"` + c.team.Id + `","member_ids":["` + c.anna.user.Id + `"],"checklists":[{"items":[` + strings.Join(tasks, ",") + `]}]}`
			}
			c.anna.call(t, "POST", "/playbooks", whole(tasks[:33])).want(t, 201)
			for range 100 {
				tasks = append(tasks, "{}")
			}
			if text := c.anna.call(t, "POST", "/playbooks", whole(tasks)).want(t, 400).errorText(t); !strings.Contains(text, "2097152") || !strings.Contains(text, "checklists") {
				t.Error(text)
			}
			i := c.start(t, nil)
			item := "/incidents/" + i.ID + "/checklists/0/item/0"
			long := strings.Repeat("語", 4096) // three bytes each
			fill := body{"title": long[:3*2048], "command": long, "description": long}
			added := 0
			for c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", fill).want(t, 201, 400).Status == 201 {
				added++
			}
			if added != 67 {
				t.Errorf("%d tasks of 31 KB were added", added)
			}
			if text := c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", fill).want(t, 400).errorText(t); !strings.Contains(text, "2097152") {
				t.Error(text)
			}
			c.anna.call(t, "PUT", item+"/state", body{"new_state": "closed"}).want(t, 200)
			c.anna.call(t, "PUT", item, body{"title": "short"}).want(t, 200)
			c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": "one more"}).want(t, 201)
		},
		"10000": nil, // changes in an export: TestExport_Limits
	}
	var content []byte
	for _, file := range descriptionFiles(t) {
		part, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, part...)
	}
	found := map[string]bool{}
	for _, match := range statedInWords.FindAllStringSubmatch(string(content), -1) {
		found[match[1]] = true
		if _, known := tried[match[1]]; !known {
			t.Errorf("api.yaml states a limit that no test tries: %q", match[0])
		}
	}
	for number, try := range tried {
		if !found[number] {
			t.Errorf("api.yaml does not state the limit %s any more", number)
		}
		if try != nil {
			t.Run(number, try)
		}
	}
}

// What is stored of a playbook and of an incident is about as long as the body that it came with, and so is
// what is answered. Of a long incident, events say only that it has changed.
func TestLimits_OfStoredAndAnsweredBytes(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		var tasks []string
		for range 250 {
			tasks = append(tasks, `{"title":"t","description":"`+strings.Repeat("<", 4096)+`"}`)
		}
		body := `{"title":"Long","team_id":"` + c.team.Id + `","member_ids":["` + c.anna.user.Id + `"],"checklists":[{"title":"<&>","items":[` + strings.Join(tasks, ",") + `]}]}`
		var book playbook.Playbook
		c.anna.call(t, "POST", "/playbooks", body).want(t, 201).decode(t, &book)
		events := c.anna.listen(t)
		i := c.start(t, map[string]any{"playbook_id": book.ID})
		most := len(body) + 250*500
		for path, table := range map[string]string{"/playbooks/" + book.ID: "IR_Playbook", "/incidents/" + i.ID: "IR_Incident"} {
			answer := c.anna.call(t, "GET", path, nil).want(t, 200)
			if len(answer.Body) > most || !strings.Contains(string(answer.Body), `"title":"<&>"`) {
				t.Errorf("%s answers %d bytes for a body of %d", path, len(answer.Body), len(body))
			}
			if answer.Header.Get("Content-Type") != "application/json" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s is answered with %v", path, answer.Header)
			}
			parts := strings.Split(path, "/")
			if stored := s.number(t, "SELECT LENGTH(CAST(ChecklistsJSON AS "+map[bool]string{true: "TEXT", false: "CHAR"}[s.database.Driver == testenv.Postgres]+")) FROM "+table+" WHERE ID = '"+parts[2]+"'"); stored > most {
				t.Errorf("%s stores %d bytes for a body of %d", table, stored, len(body))
			}
		}
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/7/state", map[string]any{"new_state": "closed"}).want(t, 200)
		after := c.read(t, i.ID)
		full := "custom_" + s.pluginID + "_incident_updated"
		for {
			event := events.wait(t, full, func(event *model.WebSocketEvent) bool { return event.EventType() == full })
			var changed app.Changed
			text, _ := event.GetData()["changed"].(string)
			if err := json.Unmarshal([]byte(text), &changed); err != nil || event.GetData()["payload"] != "" || len(event.ToJson()) > 1000 {
				t.Fatalf("the event of a long incident is %.300s: %v", event.ToJson(), err)
			}
			if changed.ID != i.ID || changed.TeamID != c.team.Id || changed.ChannelID != i.ChannelID {
				t.Fatalf("the event names %+v", changed)
			}
			if changed.Revision == after.Revision {
				break
			}
		}
		short := c.start(t, nil)
		var seen incident.Incident
		for seen.ID != short.ID {
			events.plugin(t, s, "incident_updated", &seen)
		}
	})
}
