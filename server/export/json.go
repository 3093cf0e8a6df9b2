package export

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// jsonWriter writes an object part by part. The first error stays.
type jsonWriter struct {
	io.Writer
	err   error
	begun bool
}

func (w *jsonWriter) text(s string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.Writer, s)
	}
}

// value writes a value that is indented like what is around it.
func (w *jsonWriter) value(v interface{}, indent string) {
	if w.err != nil {
		return
	}
	content, err := incident.Marshal(v)
	if err != nil {
		w.err = err
		return
	}
	var indented bytes.Buffer
	if w.err = json.Indent(&indented, content, indent, "  "); w.err == nil {
		_, w.err = w.Write(indented.Bytes())
	}
}

// name begins the next field of the object.
func (w *jsonWriter) name(field string) {
	if w.begun {
		w.text(",")
	}
	w.begun = true
	w.text("\n  \"" + field + "\": ")
}

func (w *jsonWriter) field(name string, v interface{}) {
	w.name(name)
	w.value(v, "  ")
}

// list writes a field that is a list, one element at a time; seen is told of each.
func list[T any](w *jsonWriter, name string, items iter.Seq2[T, error], seen func(*T)) {
	w.name(name)
	w.text("[")
	end := "]"
	for item, err := range items {
		if err != nil && w.err == nil {
			w.err = &ReadError{err}
		}
		if w.err != nil {
			return
		}
		if end == "]" {
			end = "\n  ]"
		} else {
			w.text(",")
		}
		w.text("\n    ")
		w.value(item, "    ")
		seen(&item)
	}
	w.text(end)
}

// JSON writes a report as one object. If reading fails on the way, the object is not closed, and the error is a *ReadError.
func JSON(ctx context.Context, out io.Writer, r *app.Report) error {
	people := map[string]string{}
	meet := func(ids ...string) {
		for _, id := range ids {
			if name := r.Name(id); id != "" && name != "" {
				people[id] = name
			}
		}
	}
	w := &jsonWriter{Writer: out}
	w.text("{")
	w.field("exported_at", r.ExportedAt)
	w.field("incident", r.Incident)
	meet(r.Incident.CommanderUserID)
	for _, stage := range r.Incident.Checklists {
		for _, task := range stage.Tasks {
			meet(task.AssigneeID, task.CommandLastEditorID, task.CommandLastRunnerID)
		}
	}
	w.field("channel", r.Channel)
	list(w, "status_updates", r.Updates(ctx), func(u *app.ReportUpdate) { meet(u.UserID) })
	w.field("status_updates_omitted", r.StatusUpdatesOmitted)
	list(w, "events", r.Events(ctx), func(e *app.ReportEvent) {
		meet(e.ActorID)
		for _, values := range []json.RawMessage{e.Before, e.After} {
			var named struct {
				Commander string `json:"commander_user_id"`
				Assignee  string `json:"assignee_id"`
			}
			if json.Unmarshal(values, &named) == nil {
				meet(named.Commander, named.Assignee)
			}
		}
	})
	w.field("events_omitted", r.EventsOmitted)
	w.field("people", people)
	w.text("\n}\n")
	return w.err
}
