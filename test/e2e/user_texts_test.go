//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// botPost waits for a post by the bot with a text in an incident's channel.
func (c *fixture) botPost(t testing.TB, channelID, part string) *model.Post {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		for _, post := range c.anna.posts(t, channelID) {
			if strings.Contains(post.Message, part) {
				return post
			}
		}
	}
	t.Fatalf("the bot has posted nothing with %q", part)
	return nil
}

// mentioned is how often a person was mentioned in a channel since they last read it.
func (c *fixture) mentioned(t testing.TB, p *person, channelID string) int64 {
	t.Helper()
	member, response := c.Admin.GetChannelMember(channelID, p.user.Id, "")
	must(t, "read the member", response)
	return member.MentionCount
}

func TestUserTexts_TheQuoteOfAPost(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	file, response := c.anna.UploadFile([]byte("text"), c.square.Id, "error `log`.txt")
	must(t, "upload", response)
	for name, x := range map[string]struct {
		post  *model.Post
		quote string
	}{
		"commands": {&model.Post{Message: "try `ssh deploy@db1` or\n```\nssh " + "@" + c.boris.user.Username + "\n@all\n```\nssh deploy@db1, see https://x.example/@all/a_b_c"},
			"try `ssh deploy@db1` or\n> ```\n> ssh @" + c.boris.user.Username + "\n> @all\n> ```\n> ssh deploy@db1, see https://x.example/@all/a_b_c"},
		"mentions":    {&model.Post{Message: "ask @" + c.boris.user.Username + " &#64;all"}, "ask @\u200b" + c.boris.user.Username + " &#64;\u200ball"},
		"attachments": {&model.Post{Props: attachments(`[{"pretext":"High load","title":"db-1","text":"95 % @all","fields":[{"title":"Since","value":"10:00"},{"title":"Count","value":3}]}]`)}, "High load\n> \n> db-1\n> \n> 95 % @\u200ball\n> \n> Since: 10:00\n> Count: 3"},
		"a file":      {&model.Post{FileIds: model.StringArray{file.FileInfos[0].Id}}, "Files: `` error `log`.txt ``"},
	} {
		x.post.ChannelId = c.square.Id
		original := c.anna.post(t, x.post)
		i := c.start(t, map[string]any{"post_id": original.Id})
		s.addToChannel(t, c.channelOf(t, i), c.boris)
		got := c.botPost(t, i.ChannelID, "Started from").Message
		if _, quote, _ := strings.Cut(got, ":\n\n> "); quote != x.quote {
			t.Errorf("%s: the quote is\n%q, want\n%q", name, quote, x.quote)
		}
	}
}

// The bot's posts are made when others are members already, so that a mention would count.
func TestUserTexts_TitlesOfTasks(t *testing.T) {
	s := sharedServer(t, testenv.Postgres)
	c := s.newFixture(t)
	i := c.start(t, nil)
	s.addToChannel(t, c.channelOf(t, i), c.boris)
	before := int64(0) // being added to the channel is a mention
	for end := time.Now().Add(10 * time.Second); before == 0 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		before = c.mentioned(t, c.boris, i.ChannelID)
	}
	name := c.boris.user.Username
	for n, x := range []struct{ title, shown string }{
		{"open https://grafana.example.com/d/abc_def_ghi", "open https://grafana.example.com/d/abc_def_ghi"},
		{"run `ssh deploy@db_1`", "run `ssh deploy@db_1`"},
		{"ssh deploy@web_01 & <db>", "ssh deploy@web_01 & <\u200bdb>"},
		{"tell @" + name + " and &commat;all", "tell @\u200b" + name + " and &amp;commat;all"},
		{"`@" + name, "\\`@\u200b" + name},
		{"see [ https://x.example/@" + name, "see \\[ https://x.example/@" + name},
		{"ssh://@" + name, "ssh://%40" + name},
	} {
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/add", body{"title": x.title}).want(t, 200, 201)
		tasks := c.read(t, i.ID).Checklists[0].Tasks
		c.anna.call(t, "PUT", "/incidents/"+i.ID+"/checklists/0/item/"+tasks[len(tasks)-1].ID+"/state", body{"new_state": incident.Closed}).want(t, 200)
		c.botPost(t, i.ChannelID, "checked off task **"+x.shown+"**.")
		if now := c.mentioned(t, c.boris, i.ChannelID); now != before {
			t.Fatalf("%d: the title %q mentions boris", n, x.title)
		}
	}
}

func attachments(list string) model.StringInterface {
	return model.StringInterfaceFromJson(strings.NewReader(`{"attachments":` + list + `}`))
}
