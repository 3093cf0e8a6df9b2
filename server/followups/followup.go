package followups

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Limits of follow-ups, in characters or numbers of things; api.yaml states them for clients.
const (
	MaxTitle  = 256
	MaxText   = 8000
	MaxReason = 1024
	MaxLink   = 2048
	// MaxPerIncident counts all follow-ups that an incident has ever had: none is deleted.
	MaxPerIncident = 500
	MaxPerPage     = 200
	// MaxHistory is how many changes of a follow-up are given out, the newest.
	MaxHistory = 100
	// maxBytes is how many bytes the texts of a list, or of a history, have: 1 MiB. A list leaves out the texts behind it.
	maxBytes = 1 << 20
	// MaxDueAt is the last millisecond of the year 9999.
	MaxDueAt = 253402300799999
)

// State of a follow-up.
type State string

// The states.
const (
	Open    State = "open"
	Done    State = "done"
	Dropped State = "dropped"
)

// Source says where a follow-up was made.
type Source string

// The sources.
const (
	FromRetrospective Source = "retrospective"
	FromTask          Source = "task"
	FromMessage       Source = "message"
	FromCommand       Source = "command"
	FromREST          Source = "rest"
)

// States of an owner, as answers mark them.
const (
	OwnerDeactivated = "deactivated"
	OwnerNoAccess    = "no_access"
)

// FollowUp is something to do after an incident. Times are in Unix milliseconds, 0 is never.
type FollowUp struct {
	ID         string `json:"id"`
	IncidentID string `json:"incident_id"`
	// Number counts the follow-ups of an incident from 1.
	Number int64  `json:"number"`
	Title  string `json:"title"`
	// Text is Markdown.
	Text string `json:"text"`
	// OwnerID is who is to do it, "" for nobody yet.
	OwnerID string `json:"owner_id"`
	DueAt   int64  `json:"due_at"`
	State   State  `json:"state"`
	// Reason is why it was dropped, else "".
	Reason string `json:"reason"`
	// Link is a URL of an issue tracker, or "".
	Link   string `json:"link"`
	Source Source `json:"source"`
	// PostID is the message, TaskID the task from which it was made, or "".
	PostID   string `json:"post_id"`
	TaskID   string `json:"task_id"`
	AuthorID string `json:"author_id"`
	CreateAt int64  `json:"create_at"`
	UpdateAt int64  `json:"update_at"`
	// ClosedAt is when it was done or dropped.
	ClosedAt int64 `json:"closed_at"`
	Revision int64 `json:"revision"`

	// RemindAt is when the owner is reminded next.
	RemindAt int64 `json:"-"`
	// formerTaskID is the TaskID under which the same task may have been carried over before, see formerTaskID.
	formerTaskID string
}

// Patch says what to change of a follow-up. nil leaves a field as it is.
type Patch struct {
	Title   *string `json:"title"`
	Text    *string `json:"text"`
	OwnerID *string `json:"owner_id"`
	DueAt   *int64  `json:"due_at"`
	State   *State  `json:"state"`
	Reason  *string `json:"reason"`
	Link    *string `json:"link"`
	// Revision, if it is given, is that on which the change is based.
	Revision *int64 `json:"revision"`
}

// Field is a changed field, before and after.
type Field struct {
	Before interface{} `json:"before"`
	After  interface{} `json:"after"`
}

// Entry is one row of a follow-up's history: the change that made a revision.
type Entry struct {
	Revision int64  `json:"revision"`
	ActorID  string `json:"actor_id"`
	CreateAt int64  `json:"create_at"`
	// Changes are the changed fields by their names.
	Changes json.RawMessage `json:"changes"`
}

// check refuses a follow-up that must not be stored.
func (f *FollowUp) check() error {
	if incident.IsBlank(f.Title) {
		return incident.InvalidField("title", "title is missing: say in a few words what is to be done.")
	}
	for _, text := range []struct {
		name, value string
		max         int
	}{{"title", f.Title, MaxTitle}, {"text", f.Text, MaxText}, {"reason", f.Reason, MaxReason}, {"link", f.Link, MaxLink}} {
		if err := incident.CheckText(text.name, text.value, text.max); err != nil {
			return err
		}
	}
	if f.DueAt < 0 || f.DueAt > MaxDueAt {
		return incident.InvalidField("due_at", "due_at must be a time in Unix milliseconds between 0, for none, and %d.", int64(MaxDueAt))
	}
	if err := checkLink(f.Link); err != nil {
		return err
	}
	switch f.State {
	case Open, Done:
	case Dropped:
		if incident.IsBlank(f.Reason) {
			return incident.InvalidField("reason", "reason is missing: say why the follow-up is dropped.")
		}
	default:
		return incident.InvalidField("state", "state must be one of: open, done, dropped.")
	}
	return nil
}

// checkLink refuses what is not an absolute URL of http or https, because clients show it as a link. Invisible characters are not allowed in one:
// some make it look like that of another page. A browser takes a backslash for a slash.
func checkLink(link string) error {
	if link == "" {
		return nil
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(link, "<>\"\\") ||
		strings.ContainsFunc(link, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) }) {
		return incident.InvalidField("link", "link must be the whole address of a page, such as https://tracker.example.com/ISSUE-1.")
	}
	return nil
}

// apply returns the follow-up as the patch makes it at now, and what changes. Nothing changes if changed is empty.
func (f FollowUp) apply(p Patch, now int64) (after FollowUp, changed map[string]Field, err error) {
	after = f
	text := func(target *string, value *string) {
		if value != nil {
			*target = *value
		}
	}
	text(&after.Title, p.Title)
	after.Title = strings.TrimSpace(after.Title)
	text(&after.Text, p.Text)
	text(&after.OwnerID, p.OwnerID)
	text(&after.Link, p.Link)
	after.Link = strings.TrimSpace(after.Link)
	if p.DueAt != nil {
		after.DueAt = *p.DueAt
	}
	if p.State != nil {
		after.State = *p.State
	}
	if p.Reason != nil && strings.TrimSpace(*p.Reason) != "" && after.State != Dropped {
		return f, nil, incident.InvalidField("reason", "reason is only for follow-ups that are dropped: send it with the state dropped, or leave it out.")
	}
	text(&after.Reason, p.Reason)
	if after.State != Dropped {
		after.Reason = ""
	}
	after.Reason = strings.TrimSpace(after.Reason)
	if after.State != f.State {
		after.ClosedAt = 0
		if after.State != Open {
			after.ClosedAt = now
		}
	}
	if err = after.check(); err != nil {
		return f, nil, err
	}
	changed = f.changes(&after)
	if len(changed) > 0 {
		after.UpdateAt, after.Revision = now, f.Revision+1
	}
	return after, changed, nil
}

// changes lists the fields that differ.
func (f *FollowUp) changes(after *FollowUp) map[string]Field {
	changed := map[string]Field{}
	note := func(name string, before, after interface{}) {
		if before != after {
			changed[name] = Field{before, after}
		}
	}
	note("title", f.Title, after.Title)
	note("text", f.Text, after.Text)
	note("owner_id", f.OwnerID, after.OwnerID)
	note("due_at", f.DueAt, after.DueAt)
	note("state", f.State, after.State)
	note("reason", f.Reason, after.Reason)
	note("link", f.Link, after.Link)
	return changed
}

// taskText is title and text of the follow-up of a task. A title that is too long is repeated in the text, and untitled is
// that of a task that has none.
func taskText(task *incident.Task, untitled string) (title, text string) {
	full := strings.TrimSpace(task.Title)
	title, text = incident.Truncate(strings.Join(strings.Fields(full), " "), MaxTitle), task.Description
	if incident.IsBlank(title) {
		title = untitled
	}
	if utf8.RuneCountInString(full) > MaxTitle {
		text = strings.TrimSpace(full + "\n\n" + text)
	}
	return title, incident.Truncate(text, MaxText)
}
