//go:build e2e

package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime"
	"slices"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// exportRows downloads the posts of an incident's channel; each row maps columns to values.
func (p *person) exportRows(t testing.TB, id string) []map[string]string {
	t.Helper()
	answer := p.call(t, "GET", "/incidents/"+id+"/export?format=csv", nil).want(t, 200)
	content, marked := bytes.CutPrefix(answer.Body, []byte("\xef\xbb\xbf"))
	if !marked { // Excel would take it for another character set
		t.Errorf("the file begins with %.20q", answer.Body)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		named := map[string]string{}
		for n, value := range row {
			named[rows[0][n]] = value
		}
		out = append(out, named)
	}
	return out
}

func (p *person) post(t testing.TB, post *model.Post) *model.Post {
	t.Helper()
	made, response := p.CreatePost(post)
	must(t, "post", response)
	return made
}

func TestExport_PostsOfTheChannel(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		root := c.anna.post(t, &model.Post{ChannelId: i.ChannelID, Message: "=HYPERLINK(\"https://evil\")\nsecond, \"line\""})
		file, response := c.anna.UploadFile([]byte("text"), i.ChannelID, "Größe; Übersicht.txt")
		must(t, "upload", response)
		answer := c.anna.post(t, &model.Post{ChannelId: i.ChannelID, RootId: root.Id, Message: "answer", FileIds: model.StringArray{file.FileInfos[0].Id}})
		gone := c.anna.post(t, &model.Post{ChannelId: i.ChannelID, Message: "regretted"})
		_, response = c.anna.DeletePost(gone.Id)
		must(t, "delete", response)
		text := "edited text"
		_, response = c.anna.PatchPost(answer.Id, &model.PostPatch{Message: &text})
		must(t, "edit", response)
		c.anna.post(t, &model.Post{ChannelId: c.square.Id, Message: "in another channel"})
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200) // ended incidents are exported as well

		rows := c.anna.exportRows(t, i.ID)
		find := func(column, value string) map[string]string {
			n := slices.IndexFunc(rows, func(row map[string]string) bool { return row[column] == value })
			if n < 0 {
				t.Fatalf("no row has the %s %q: %v", column, value, rows)
			}
			return rows[n]
		}
		first := find("post_id", root.Id)
		if first["message"] != "'=HYPERLINK(\"https://evil\")\nsecond, \"line\"" || first["username"] != c.anna.user.Username || first["user_id"] != c.anna.user.Id {
			t.Errorf("the first post is %v", first)
		}
		second := find("post_id", answer.Id)
		if second["root_id"] != root.Id || second["files"] != "Größe; Übersicht.txt" || second["message"] != text || second["edit_at"] == "" || !strings.HasSuffix(second["create_at"], "Z") {
			t.Errorf("the answer is %v", second)
		}
		find("username", "incident") // the bot
		find("type", model.POST_ADD_TO_CHANNEL)
		for n, row := range rows {
			if row["message"] == "regretted" || row["message"] == "in another channel" || row["message"] == "answer" {
				t.Errorf("row %d does not belong there: %v", n, row)
			}
			if n > 0 && row["create_at"] < rows[n-1]["create_at"] {
				t.Errorf("row %d is out of order", n)
			}
		}
	})
}

func TestExport_LargeChannelIsComplete(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.start(t, nil)
		root := c.anna.post(t, &model.Post{ChannelId: i.ChannelID, Message: "root"})
		const many = 3*app.PartItems + 17
		var values []string
		for n := range many { // a hundred to a millisecond, every other one in the thread
			thread := ""
			if n%2 == 0 {
				thread = root.Id
			}
			at := root.CreateAt + 1 + int64(n/100)
			values = append(values, fmt.Sprintf("('%s', %d, %d, 0, 0, '%s', '%s', '%s', '', 'many %d', '', '{}', '', '', '[]', false)",
				model.NewId(), at, at, c.anna.user.Id, i.ChannelID, thread, n))
		}
		s.exec(t, "INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, UserId, ChannelId, RootId, OriginalId, Message, Type, Props, Hashtags, Filenames, FileIds, HasReactions) VALUES "+strings.Join(values, ","))
		seen, threaded := map[string]bool{}, 0
		for _, row := range c.anna.exportRows(t, i.ID) {
			if !strings.HasPrefix(row["message"], "many ") {
				continue
			}
			if seen[row["message"]] {
				t.Errorf("%s comes twice", row["message"])
			}
			seen[row["message"]] = true
			if row["root_id"] == root.Id {
				threaded++
			}
		}
		if len(seen) != many || threaded != (many+1)/2 {
			t.Errorf("%d of %d posts, %d in the thread", len(seen), many, threaded)
		}
	})
}

func TestExport_MarkdownAndJSON(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		name := "Störung `rm` @all <b> 障害 / \"x\""
		i := c.start(t, map[string]any{"name": name, "description": "# Not a heading", "playbook_id": c.newPlaybook(t, func(p *playbook.Playbook) {
			p.Checklists[0].Tasks[0].Title = "**Find** [it](https://evil)"
		})})
		s.addToChannel(t, c.channelOf(t, i), c.boris)
		c.boris.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state", body{"new_state": "closed"}).want(t, 200)
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/1/assignee", body{"assignee_id": c.boris.user.Id}).want(t, 200)
		c.anna.updateStatus(t, i.ID, "We roll back.", "0").want(t, 200)

		markdown := c.boris.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).want(t, 200)
		kind, parameters, err := mime.ParseMediaType(markdown.Header.Get("Content-Disposition"))
		if err != nil || kind != "attachment" || parameters["filename"] != "Störung `rm` @all -b- 障害 - -x-.md" {
			t.Errorf("the file is called %q: %v", parameters["filename"], err)
		}
		text := string(markdown.Body)
		for _, part := range []string{
			"# Störung `rm` @\u200ball \\<b\\> 障害 / \"x\"\n", "- **Status:** Ongoing\n", "- **Commander:** " + c.anna.user.Username + "\n",
			"> \\# Not a heading\n", "- [x] \\*\\*Find\\*\\* \\[it\\](<https://evil>)\n  - Done ", " by " + c.boris.user.Username + "\n",
			"  - Assigned to " + c.boris.user.Username + "\n", "> We roll back.\n", ": " + c.anna.user.Username + " started the incident.\n",
		} {
			if !strings.Contains(text, part) {
				t.Errorf("the report lacks %q:\n%s", part, text)
			}
		}

		var report reportBody
		answer := c.boris.call(t, "GET", "/incidents/"+i.ID+"/export?format=json", nil).want(t, 200)
		answer.decode(t, &report)
		if answer.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment;") {
			t.Errorf("the headers are %v", answer.Header)
		}
		if report.Incident.Name != i.Name || len(report.StatusUpdates) != 1 || report.StatusUpdates[0].Message != "We roll back." ||
			report.People[c.boris.user.Id] != c.boris.user.Username || report.Channel.TeamName != c.team.Name {
			t.Errorf("the report is %s", answer.Body)
		}
		var kinds []string
		for _, e := range report.Events {
			kinds = append(kinds, string(e.Type))
		}
		for _, want := range []incident.EventType{incident.EventStarted, incident.EventTaskState, incident.EventTaskAssignee, incident.EventStatusUpdate} {
			if !slices.Contains(kinds, string(want)) {
				t.Errorf("no event %s among %v", want, kinds)
			}
		}
	})
}

// reportBody is the export of an incident as JSON.
type reportBody struct {
	Incident             incident.Incident
	Channel              app.Metadata
	People               map[string]string
	StatusUpdates        []reportUpdate `json:"status_updates"`
	StatusUpdatesOmitted int            `json:"status_updates_omitted"`
	Events               []reportEvent
	EventsOmitted        int `json:"events_omitted"`
}

// reportUpdate is a status update in an export.
type reportUpdate struct {
	PostID   string `json:"post_id"`
	UserID   string `json:"user_id"`
	CreateAt int64  `json:"create_at"`
	EditAt   int64  `json:"edit_at"`
	Message  string
}

// reportEvent is an event in an export.
type reportEvent struct {
	Revision int64
	Type     incident.EventType
	ActorID  string `json:"actor_id"`
	CreateAt int64  `json:"create_at"`
	Before   json.RawMessage
	After    json.RawMessage
	PostID   string `json:"post_id"`
}

func TestExport_FollowsTheChannel(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		secret := c.startFromPlaybook(t, func(p *playbook.Playbook) { p.CreatePublicIncident = false })
		channel := c.channelOf(t, secret)
		s.addToChannel(t, channel, c.boris)
		guest := s.newGuest(t, c.team, channel)
		for _, format := range []string{"csv", "markdown", "json"} {
			path := "/incidents/" + secret.ID + "/export?format=" + format
			for _, p := range []*person{c.anna, c.boris, guest, s.admin()} {
				p.call(t, "GET", path, nil).want(t, 200)
			}
			unknown := c.clara.call(t, "GET", "/incidents/"+model.NewId()+"/export?format="+format, nil).want(t, 403)
			if refused := c.clara.call(t, "GET", path, nil).want(t, 403); string(refused.Body) != string(unknown.Body) {
				t.Errorf("a secret incident can be told from an unknown one: %s, %s", refused.Body, unknown.Body)
			}
			s.anonymous().call(t, "GET", path, nil).want(t, 401)
		}
		_, response := s.Admin.RemoveUserFromChannel(channel.Id, c.boris.user.Id)
		must(t, "remove", response)
		c.boris.call(t, "GET", "/incidents/"+secret.ID+"/export?format=csv", nil).want(t, 403)
		c.anna.call(t, "GET", "/incidents/"+secret.ID+"/export?format=pdf", nil).want(t, 400)
		c.anna.call(t, "GET", "/incidents/"+secret.ID+"/export", nil).want(t, 400)
	})
}
