package timeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// shownEntries is how many entries /incident timeline shows, shownText how many characters of each.
	shownEntries = 20
	shownText    = 200
	addHint      = "[text] [at 14:05 | 20m ago]"
)

func (t *timeline) commands() []capability.Command {
	return []capability.Command{{Name: "timeline", Suggestion: suggestion, Run: t.run, Usage: []capability.Usage{
		{Help: i18n.N("Show the newest entries of the incident's timeline.")},
		{Arguments: " add [text] [at 14:05|20m ago]", Help: i18n.N("Add an entry to the timeline. As an answer to a message and without text, add that message.")},
	}}}
}

func suggestion() *model.AutocompleteData {
	add := model.NewAutocompleteData("add", addHint, i18n.N("Add what happened, or the message that you answer to"))
	add.AddTextArgument(i18n.N("What happened, and when if it was not just now"), addHint, "")
	data := model.NewAutocompleteData("timeline", "[add]", i18n.N("Show the incident's timeline, or add to it"))
	data.AddCommand(add)
	return data
}

func (t *timeline) run(ctx context.Context, c *capability.Call) error {
	if len(c.Words) > 0 && !strings.EqualFold(c.Words[0], "add") {
		return capability.UsageError("Type `/incident timeline` to see the timeline, or `/incident timeline add %s` to add to it.", addHint)
	}
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	user, err := t.host.User(c.UserId)
	if err != nil {
		return err
	}
	if len(c.Words) == 0 {
		return t.show(ctx, c, &inc, text.Zone(user))
	}
	return t.addTyped(ctx, c, inc.ID, text.Zone(user))
}

// addTyped adds what was typed, or the message that was answered.
func (t *timeline) addTyped(ctx context.Context, c *capability.Call, id string, zone *time.Location) error {
	h, err := t.mayWrite(ctx, c.UserId, id)
	if err != nil {
		return err
	}
	now := t.now().In(zone)
	words, at, found := splitTime(c.Words[1:], now)
	n := newEntry{text: typed(c.Command, len(words))}
	switch {
	case len(words) > 0:
		if found {
			n.happenedAt = at.UnixMilli()
		}
	case c.RootId != "" && !found:
		n = newEntry{postID: c.RootId}
	default:
		return capability.UsageError("Say what happened: `/incident timeline add %s`. To add a message, type `/incident timeline add` as an answer to it.", addHint)
	}
	e, made, err := t.add(ctx, c.UserId, h, n)
	if err != nil {
		return err
	}
	l := c.Language()
	if made {
		c.Say(l.T("Added to the timeline: %s – %s", clock(e.HappenedAt, now), quoted(l, e.Text)))
	} else {
		c.Say(l.T("This is on the timeline already: %s – %s", clock(e.HappenedAt, now), quoted(l, e.Text)))
	}
	return nil
}

// typed returns the given number of words after "/incident timeline add", with the spaces and line breaks between them.
func typed(command string, words int) string {
	rest := command
	next := func() {
		rest = strings.TrimSpace(rest)
		if end := strings.IndexFunc(rest, isSpace); end >= 0 {
			rest = rest[end:]
		} else {
			rest = ""
		}
	}
	for range 3 {
		next()
	}
	text := strings.TrimSpace(rest)
	for range words {
		next()
	}
	return strings.TrimSpace(strings.TrimSuffix(text, rest))
}

func isSpace(r rune) bool { return strings.TrimSpace(string(r)) == "" }

// show shows the caller the newest entries, oldest first.
func (t *timeline) show(ctx context.Context, c *capability.Call, inc *incident.Incident, zone *time.Location) error {
	p, err := t.list(ctx, c.UserId, inc.ID, query{limit: shownEntries, descending: true})
	if err != nil {
		return err
	}
	now, l := t.now().In(zone), c.Language()
	var b strings.Builder
	b.WriteString("###### " + l.T("Timeline of %s", text.Escape(inc.Name)) + "\n" + l.T("Times are in the time zone %s.", zone))
	if p.HasMore {
		b.WriteString(" " + l.T("These are the newest %d entries; the incident's page has all.", len(p.Items)))
	}
	b.WriteString("\n")
	slices.Reverse(p.Items)
	voice := t.voice(l, inc, now)
	quote := func(content string) string { return quoted(l, content) }
	for n := range p.Items {
		e := &p.Items[n]
		star := ""
		if e.Starred {
			star = " ⭐"
		}
		fmt.Fprintf(&b, "* %s%s – %s\n", clock(e.HappenedAt, now), star, sentence(e, voice, quote))
	}
	if len(p.Items) == 0 {
		b.WriteString(l.T("Nothing is recorded yet.") + "\n")
	}
	c.Say(incident.Truncate(b.String(), incident.MaxMessage))
	return nil
}

// voice renders sentences for posts in a language. Each person is looked up once.
func (t *timeline) voice(l *i18n.Language, inc *incident.Incident, now time.Time) text.Voice {
	names := map[string]string{"": ""}
	return text.Voice{
		Language: l,
		Person: func(id string) string {
			name, known := names[id]
			if !known {
				if name = t.username(id); name == "" {
					name = l.T("a removed user")
				}
				names[id] = name
			}
			return text.Escape(name)
		},
		Escape:    text.Escape,
		Time:      func(millis int64) string { return clock(millis, now) },
		TaskTitle: func(id string) string { return taskTitle(inc, id) },
	}
}

// taskTitle is the present title of a task, "" if it is gone.
func taskTitle(inc *incident.Incident, id string) string {
	for _, stage := range inc.Checklists {
		for n := range stage.Tasks {
			if stage.Tasks[n].ID == id {
				return stage.Tasks[n].Title
			}
		}
	}
	return ""
}

// sentence says what an entry says. quote renders the text of a person.
func sentence(e *Entry, v text.Voice, quote func(text string) string) string {
	l, name := v.Language, v.Escape(e.AuthorName)
	if name == "" {
		name = v.Person(e.AuthorID)
	}
	switch {
	case e.DeletedAt > 0:
		return l.T("An entry was here. %s deleted it (%s).", v.Person(e.DeletedByID), v.Time(e.DeletedAt))
	case e.eventOf != nil:
		return text.Sentence(e.event(), v)
	case e.Kind == Update && e.Source != nil && e.Source.Lost:
		return l.T("%s posted a status update. It was deleted before its text was recorded.", name)
	case e.Kind == Update:
		return l.T("%s posted a status update: %s", name, quote(e.Text))
	case e.Kind == Message && e.Source != nil && e.Source.ChannelName != "":
		return l.T("%s wrote in %s: %s", name, v.Escape(l.Word(e.Source.ChannelName)), quote(e.Text))
	case e.Kind == Message:
		return l.T("%s wrote: %s", name, quote(e.Text))
	}
	return l.T("%s noted: %s", name, quote(e.Text))
}

// quoted shows the beginning of a text in one line of a post.
func quoted(l *i18n.Language, content string) string {
	content = text.Escape(incident.Truncate(text.Strip(strings.Join(strings.Fields(content), " ")), shownText))
	if content == "" {
		return l.T("(files)")
	}
	return content
}

// clock shows a time in the time zone of now, with the day if it is another one.
func clock(millis int64, now time.Time) string {
	at := time.UnixMilli(millis).In(now.Location())
	if at.Format("2006-01-02") == now.Format("2006-01-02") {
		return at.Format("15:04")
	}
	return at.Format("2006-01-02 15:04")
}
