//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// entry is what the tests look at of an entry of a timeline.
type entry struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	HappenedAt int64  `json:"happened_at"`
	AuthorID   string `json:"author_id"`
	AuthorName string `json:"author_name"`
	AddedByID  string `json:"added_by_id"`
	Text       string `json:"text"`
	Starred    bool   `json:"starred"`
	Version    int64  `json:"version"`
	Original   *struct {
		Text string `json:"text"`
	} `json:"original"`
	Source *struct {
		PostID      string `json:"post_id"`
		ChannelName string `json:"channel_name"`
		Gone        bool   `json:"gone"`
	} `json:"source"`
	Files []struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
	} `json:"files"`
	Event *struct {
		Type string `json:"type"`
	} `json:"event"`
	DeletedByID string `json:"deleted_by_id"`
}

// timeline reads the whole timeline of an incident, a few entries at a time.
func (p *person) timeline(t testing.TB, id, query string) (all []entry) {
	t.Helper()
	var page struct {
		Items      []entry `json:"items"`
		HasMore    bool    `json:"has_more"`
		NextCursor string  `json:"next_cursor"`
	}
	for {
		p.call(t, "GET", "/incidents/"+id+"/timeline?per_page=4&cursor="+page.NextCursor+"&"+query, nil).want(t, 200).decode(t, &page)
		all = append(all, page.Items...)
		if !page.HasMore {
			return all
		}
		page.Items = nil
	}
}

func (p *person) addMessage(t testing.TB, id, postID string, status int) (e entry) {
	t.Helper()
	answer := p.call(t, "POST", "/incidents/"+id+"/timeline", body{"post_id": postID}).want(t, status)
	if status < 300 {
		answer.decode(t, &e)
	}
	return e
}

// answer runs a command as an answer in the thread of a post.
func (p *person) answer(t testing.TB, team *model.Team, post *model.Post, command string) {
	t.Helper()
	args, err := json.Marshal(body{"channel_id": post.ChannelId, "team_id": team.Id, "root_id": post.Id, "command": command})
	if err != nil {
		t.Fatal(err)
	}
	response, appErr := p.DoApiPost("/commands/execute", string(args))
	if appErr != nil {
		t.Fatal(appErr)
	}
	_ = response.Body.Close()
}

// An incident of two people: what they add to the timeline stays, also if the messages are edited or deleted.
func TestTimeline_OutlivesTheChat(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, nil)
		channel := c.channelOf(t, i)
		s.addToChannel(t, channel, c.boris)
		revision := c.read(t, i.ID).Revision
		ears := c.boris.listen(t)

		// Anna adds what Boris wrote, with a file. Boris edits his message, then deletes it.
		file, response := c.boris.UploadFile([]byte("disk 100%"), i.ChannelID, "df.txt")
		must(t, "upload", response)
		post := c.boris.post(t, &model.Post{ChannelId: i.ChannelID, Message: "The disk is full", FileIds: model.StringArray{file.FileInfos[0].Id}})
		added := c.anna.addMessage(t, i.ID, post.Id, 201)
		sum := sha256.Sum256([]byte("disk 100%"))
		if added.Text != "The disk is full" || added.AuthorID != c.boris.user.Id || added.AddedByID != c.anna.user.Id || added.HappenedAt != post.CreateAt ||
			len(added.Files) != 1 || added.Files[0].Name != "df.txt" || added.Files[0].SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("added: %+v", added)
		}
		var live entry
		ears.plugin(t, s, "timeline_entry_updated", &live)
		if live.ID != added.ID || live.Text != added.Text {
			t.Errorf("live: %+v", live)
		}
		c.boris.addMessage(t, i.ID, post.Id, 200) // is there already
		edited := "The disk was never full"
		_, response = c.boris.PatchPost(post.Id, &model.PostPatch{Message: &edited})
		must(t, "edit", response)
		ears.wait(t, "the edit", func(e *model.WebSocketEvent) bool {
			return strings.HasSuffix(e.EventType(), "timeline_entry_updated") && strings.Contains(fmt.Sprint(e.GetData()["payload"]), edited)
		})
		_, response = c.boris.DeletePost(post.Id)
		must(t, "delete", response)

		// By hand, with a time in the past; from a phone as an answer to a message; and an update.
		now := time.Now().UnixMilli()
		c.anna.command(t, c.team, channel, "/incident timeline add Called the provider. 20m ago")
		second := c.boris.post(t, &model.Post{ChannelId: i.ChannelID, Message: "They confirm it"})
		c.anna.answer(t, c.team, second, "/incident timeline add")
		c.anna.updateStatus(t, i.ID, "The provider is down.", "0").want(t, 200)
		if got := c.read(t, i.ID).Revision; got != revision+1 { // the update
			t.Errorf("the revision grew from %d to %d", revision, got)
		}
		// What is not in the database any more is still on the timeline.
		s.exec(t, "DELETE FROM Posts WHERE ChannelId = '"+i.ChannelID+"'")
		s.exec(t, "DELETE FROM FileInfo WHERE PostId = '"+post.Id+"'")

		all := c.boris.timeline(t, i.ID, "")
		var story []string
		for _, e := range all {
			if e.Event != nil {
				e.Text = e.Event.Type
			}
			story = append(story, e.Kind+": "+e.Text)
		}
		want := "manual: Called the provider.|event: started|message: The disk was never full|message: They confirm it|update: The provider is down."
		if strings.Join(story, "|") != want {
			t.Fatalf("the story is\n%s\nwant\n%s", strings.Join(story, "|"), want)
		}
		if ago := now - all[0].HappenedAt; ago < 19*60_000 || ago > 21*60_000 {
			t.Errorf("20m ago was %d ms ago", ago)
		}
		if m := all[2]; m.ID != added.ID || m.Original == nil || m.Original.Text != "The disk is full" || !m.Source.Gone || len(m.Files) != 1 || m.AuthorName != c.boris.user.Username {
			t.Errorf("the deleted message: %+v", m)
		}
		if m := all[3]; m.AddedByID != c.anna.user.Id || m.AuthorID != c.boris.user.Id {
			t.Errorf("the answered message: %+v", m)
		}

		// After the end the story is corrected; each correction leaves a trace.
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/end", nil).want(t, 200)
		path := "/incidents/" + i.ID + "/timeline/" + all[0].ID
		c.boris.call(t, "PATCH", path, body{"text": "Called the provider, who did not answer.", "starred": true, "version": 1}).want(t, 200)
		c.anna.call(t, "PATCH", path, body{"text": "Mine", "version": 1}).want(t, 409)
		note := entry{}
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/timeline", body{"text": "Wrong."}, "Idempotency-Key: once").want(t, 201).decode(t, &note)
		c.anna.call(t, "POST", "/incidents/"+i.ID+"/timeline", body{"text": "Wrong."}, "Idempotency-Key: once").want(t, 200)
		c.boris.call(t, "DELETE", "/incidents/"+i.ID+"/timeline/"+note.ID, nil).want(t, 200)
		var detail struct {
			Versions []struct {
				Action, Text string
			} `json:"versions"`
		}
		c.clara.call(t, "GET", path, nil).want(t, 200) // the incident is public
		c.anna.call(t, "GET", path, nil).want(t, 200).decode(t, &detail)
		if len(detail.Versions) != 2 || detail.Versions[0].Text != "Called the provider." || detail.Versions[1].Action != "edited" {
			t.Errorf("versions: %+v", detail)
		}
		if marks := c.anna.timeline(t, i.ID, "kind=manual"); len(marks) != 2 || marks[1].DeletedByID != c.boris.user.Id || marks[1].Text != "" {
			t.Errorf("marks: %+v", marks)
		}

		// All exports tell it to somebody who was not there.
		markdown := string(c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=markdown", nil).want(t, 200).Body)
		for _, text := range []string{"(key moment): " + c.anna.user.Username + " noted, edited ", "> Called the provider, who did not answer\\.", "> Called the provider\\.", "> The disk is full",
			"> The disk was never full", "> The provider is down\\.", "df\\.txt", hex.EncodeToString(sum[:]), "An entry was here\\. " + c.boris.user.Username + " deleted it"} {
			if !strings.Contains(strings.ReplaceAll(markdown, `\.`, "."), strings.ReplaceAll(text, `\.`, ".")) {
				t.Errorf("the Markdown lacks %q:\n%s", text, markdown)
			}
		}
		var report struct {
			Sections struct {
				Timeline []entry `json:"timeline"`
			} `json:"sections"`
		}
		c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=json", nil).want(t, 200).decode(t, &report)
		if got := report.Sections.Timeline; len(got) != 5 || got[1].Text != "The disk was never full" {
			t.Errorf("JSON: %+v", got)
		}
		rows, err := csv.NewReader(bytes.NewReader(c.anna.call(t, "GET", "/incidents/"+i.ID+"/export?format=csv&section=timeline", nil).want(t, 200).Body)).ReadAll()
		if err != nil || len(rows) != 1+7 || rows[1][6] != "Called the provider, who did not answer." || rows[1][7] != "Called the provider." || rows[1][8] != "yes" {
			t.Errorf("CSV: %v %q", err, rows)
		}
	})
}

// A message of another channel is added only by who can read it.
func TestTimeline_MessagesOfOtherChannels(t *testing.T) {
	eachDriver(t, func(t *testing.T, s *server) {
		c := s.newFixture(t)
		i := c.startFromPlaybook(t, nil)
		s.addToChannel(t, c.channelOf(t, i), c.boris)
		secret, post := c.secretPost(t)
		s.addToChannel(t, secret, c.anna)
		who, other := c.anna, c.boris
		other.addMessage(t, i.ID, post.Id, 404)
		other.addMessage(t, i.ID, model.NewId(), 404)
		if e := who.addMessage(t, i.ID, post.Id, 201); e.Source.ChannelName != secret.DisplayName || e.Text != post.Message {
			t.Errorf("added: %+v", e)
		}
		if got := other.timeline(t, i.ID, "kind=message"); len(got) != 1 || got[0].Text != post.Message {
			t.Errorf("the readers see %+v", got)
		}
	})
}
