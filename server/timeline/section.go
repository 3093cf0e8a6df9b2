package timeline

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// columns are those of the CSV form; export/api.yaml states them.
var columns = []string{"happened_at", "recorded_at", "kind", "author_id", "author", "added_by_id", "text", "original_text", "starred", "edited_at", "channel",
	"post_id", "files", "deleted_at", "deleted_by_id"}

func (t *timeline) sections() []capability.Section {
	return []capability.Section{{Name: "timeline", Title: i18n.N("Timeline"), Read: t.section, Records: t.records}}
}

// section is the whole timeline. The JSON form and the moments of the Markdown form leave out own events, which the export has
// anyway; a page of entries is in memory at a time.
func (t *timeline) section(ctx context.Context, userID string, inc *incident.Incident) (*capability.Part, error) {
	if err := t.recordFirst(ctx, inc.ID); err != nil {
		return nil, err
	}
	h := app.Header{ID: inc.ID, ChannelID: inc.ChannelID}
	added := query{limit: MaxPage, kinds: []string{"update", "message", "manual"}}
	first, err := t.page(ctx, h, query{limit: 1, kinds: added.kinds})
	if err != nil {
		return nil, err
	}
	v := t.voice(nil, inc, time.Now().UTC())
	v.Escape, v.Time = func(text string) string { return text }, utc
	v.Person = plainPerson(t, nil)
	table := &capability.Table{Columns: columns, Rows: func(ctx context.Context) iter.Seq2[[]string, error] {
		return mapped(t.all(ctx, h, query{limit: MaxPage}), func(e *Entry) []string { return cells(e, v) })
	}}
	if len(first.Items) == 0 { // nobody uses it: the other forms are as they were
		return &capability.Part{Table: table}, nil
	}
	return &capability.Part{
		Items: func(ctx context.Context) iter.Seq2[interface{}, error] {
			return mapped(t.all(ctx, h, added), func(e *Entry) interface{} { return *e })
		},
		Moments: func(ctx context.Context) iter.Seq2[capability.Moment, error] {
			translated := v // the Markdown form is in the language of its reader, the others are for programs
			translated.Language = i18n.For(t.host.Locale(userID))
			translated.Person = plainPerson(t, translated.Language)
			return moments(t.all(ctx, h, added), translated)
		},
		Table: table,
	}, nil
}

// all reads all entries that a query selects, page by page.
func (t *timeline) all(ctx context.Context, h app.Header, q query) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		for {
			p, err := t.page(ctx, h, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for n := range p.Items {
				if !yield(&p.Items[n], nil) {
					return
				}
			}
			if !p.HasMore {
				return
			}
			last := p.Items[len(p.Items)-1].place()
			q.after = &last
		}
	}
}

func mapped[T any](entries iter.Seq2[*Entry, error], to func(*Entry) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for e, err := range entries {
			var item T
			if err == nil {
				item = to(e)
			}
			if !yield(item, err) {
				return
			}
		}
	}
}

// moments tells entries, but no status update whose post is as it was recorded: the export has its text and its event.
func moments(entries iter.Seq2[*Entry, error], v text.Voice) iter.Seq2[capability.Moment, error] {
	return mapped(func(yield func(*Entry, error) bool) {
		for e, err := range entries {
			if err == nil && e.Kind == Update && e.Original == nil && !e.Starred && !e.Source.Gone {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}, func(e *Entry) capability.Moment { return moment(e, v) })
}

// moment tells an entry, with both versions of one that was edited.
func moment(e *Entry, v text.Voice) capability.Moment {
	m := capability.Moment{At: e.HappenedAt, Starred: e.Starred, Quote: e.Text}
	m.Text = strings.TrimSuffix(sentence(e, v, func(string) string { return "" }), " ")
	if e.Original != nil && e.Original.Text != e.Text {
		m.Text = strings.TrimSuffix(m.Text, ":") + v.Language.T(", edited %s", utc(e.EditedAt)) + ":"
		m.Quote = e.Text + "\n\n" + v.Language.T("Before the edit:") + "\n\n" + e.Original.Text
	}
	for _, f := range e.Files {
		m.Quote += "\n\n" + v.Language.T("File: %s", f.Name)
		if f.SHA256 != "" {
			m.Quote += " (SHA-256 " + f.SHA256 + ")"
		}
	}
	return m
}

// cells are an entry as a row of columns. Own events are sentences.
func cells(e *Entry, v text.Voice) []string {
	content, original, channel, postID, star := e.Text, "", "", "", ""
	if e.eventOf != nil {
		content = text.Sentence(e.event(), v)
	}
	if e.Original != nil {
		original = e.Original.Text
	}
	if e.Source != nil {
		channel, postID = e.Source.ChannelName, e.Source.PostID
	}
	if e.Starred {
		star = "yes"
	}
	name := e.AuthorName
	if name == "" {
		name = v.Person(e.AuthorID)
	}
	var files []string
	for _, f := range e.Files {
		files = append(files, strings.TrimSpace(f.Name+" "+f.SHA256))
	}
	return []string{rfc3339(e.HappenedAt), rfc3339(e.RecordedAt), string(e.Kind), e.AuthorID, name, e.AddedByID, content, original, star, rfc3339(e.EditedAt), channel,
		postID, strings.Join(files, "\n"), rfc3339(e.DeletedAt), e.DeletedByID}
}

// plainPerson names people as they are. Each is looked up once.
func plainPerson(t *timeline, l *i18n.Language) func(id string) string {
	names := map[string]string{"": ""}
	return func(id string) string {
		name, known := names[id]
		if !known {
			if name = t.username(id); name == "" {
				name = l.T("a removed user (%s)", id)
			}
			names[id] = name
		}
		return name
	}
}

// utc is a time for people.
func utc(millis int64) string { return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05 UTC") }

// rfc3339 is a time for programs, "" for never.
func rfc3339(millis int64) string {
	if millis == 0 {
		return ""
	}
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
