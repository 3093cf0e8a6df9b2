package export

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// jsonWriter writes an object part by part. The first error stays.
type jsonWriter struct {
	io.Writer
	err   error
	begun bool
	// indent is that of the object.
	indent string
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
	w.text("\n" + w.indent + "  \"" + field + "\": ")
}

func (w *jsonWriter) field(name string, v interface{}) {
	w.name(name)
	w.value(v, w.indent+"  ")
}

// list writes a field that is a list, one element at a time, each in the form that render gives it.
func list[T any](w *jsonWriter, name string, items iter.Seq2[T, error], render func(*T) interface{}) {
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
			end = "\n" + w.indent + "  ]"
		} else {
			w.text(",")
		}
		w.text("\n" + w.indent + "    ")
		w.value(render(&item), w.indent+"    ")
	}
	w.text(end)
}

// sections writes an object that has the sections by their names, in order.
func (w *jsonWriter) sections(ctx context.Context, all []Section) {
	w.name("sections")
	inner := &jsonWriter{Writer: w.Writer, err: w.err, indent: "  "}
	inner.text("{")
	for _, s := range slices.SortedFunc(slices.Values(all), func(a, b Section) int { return strings.Compare(a.Name, b.Name) }) {
		if s.Items != nil {
			list(inner, s.Name, s.Items(ctx), func(item *interface{}) interface{} { return *item })
		} else {
			inner.field(s.Name, s.Value)
		}
	}
	inner.text("\n  }")
	w.err = inner.err
}

// JSON writes a report as one object. If reading fails on the way, the object is not closed, and the error is a *ReadError.
func JSON(ctx context.Context, out io.Writer, r *Report) error {
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
	list(w, "status_updates", r.Updates(ctx), func(u *ReportUpdate) interface{} {
		meet(u.UserID)
		return u
	})
	w.field("status_updates_omitted", r.StatusUpdatesOmitted)
	list(w, "events", r.Events(ctx), func(e *incident.Event) interface{} {
		meet(e.ActorID)
		meet(named(e.Readable())...)
		return exported(e)
	})
	w.field("events_omitted", r.EventsOmitted)
	if len(r.Sections) > 0 {
		w.sections(ctx, r.Sections)
	}
	w.field("people", people)
	w.text("\n}\n")
	return w.err
}

// reportEvent is the form of an event in a report.
type reportEvent struct {
	Revision int64              `json:"revision"`
	Type     incident.EventType `json:"type"`
	// ActorID is empty for the plugin itself.
	ActorID  string          `json:"actor_id"`
	CreateAt int64           `json:"create_at"`
	Before   json.RawMessage `json:"before"`
	After    json.RawMessage `json:"after"`
	PostID   string          `json:"post_id"`
}

func exported(e *incident.Event) reportEvent {
	before, after := incident.EncodePayload(e.Payload)
	return reportEvent{Revision: e.Revision, Type: e.Type(), ActorID: e.ActorID, CreateAt: e.CreateAt, Before: before, After: after, PostID: e.PostID}
}

// named returns the ids of the users whom a payload names.
func named(p incident.Payload) []string {
	switch p := p.(type) {
	case incident.Started:
		return []string{p.CommanderUserID}
	case incident.CommanderChanged:
		return []string{p.CommanderUserID.Before, p.CommanderUserID.After}
	case incident.TaskAssigneeChanged:
		return []string{p.AssigneeID.Before, p.AssigneeID.After}
	}
	return nil
}
