package retrospective

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// columns are those of the CSV form; export/api.yaml states them.
var columns = []string{"section", "heading", "origin", "text", "update_at", "updated_by_id"}

// exports are the part of an incident's export.
func (r *retrospectives) exports() []capability.Section {
	return []capability.Section{{Name: "retrospective", Title: i18n.N("Retrospective"), Read: r.export}}
}

// export is the retrospective, if it is stored: nobody has asked for a draft.
func (r *retrospectives) export(ctx context.Context, _ string, inc *incident.Incident) (*capability.Part, error) {
	doc, _, err := r.store.Read(ctx, inc.ID)
	if err != nil {
		return nil, err
	}
	part := &capability.Part{Table: table(doc.Sections)}
	if doc.State == None {
		return part, nil
	}
	part.Value = doc
	for _, s := range doc.Sections {
		part.Chapters = append(part.Chapters, capability.Chapter{Title: s.Heading, Text: s.Text})
	}
	return part, nil
}

func table(sections []Section) *capability.Table {
	return &capability.Table{Columns: columns, Rows: func(context.Context) iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) {
			for _, s := range sections {
				if !yield([]string{s.Key, s.Heading, string(s.Origin), s.Text, time.UnixMilli(s.UpdateAt).UTC().Format(time.RFC3339), s.UpdatedByID}, nil) {
					return
				}
			}
		}
	}}
}

func (r *retrospectives) handleExport(request *capability.Request) (capability.Answer, error) {
	ctx, id := request.Context(), request.Var("id")
	doc, err := r.read(ctx, request.UserID, id)
	if err != nil {
		return capability.Answer{}, err
	}
	inc, err := r.incidents.Get(ctx, id)
	if err != nil {
		return capability.Answer{}, err
	}
	content := r.markdown(&inc, &doc, r.core.Language(request.UserID))
	return capability.Answer{File: &capability.File{Name: "retrospective-" + id + ".md", ContentType: "text/markdown; charset=utf-8", Write: func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(content))
		return err
	}}}, nil
}

// markdown is a retrospective as a document. The texts are the Markdown that people have written, as it is.
func (r *retrospectives) markdown(inc *incident.Incident, doc *Document, l *i18n.Language) []byte {
	var b bytes.Buffer
	name := r.usernames()
	person := func(id string) string {
		if found := name(id); found != "" {
			return "@" + text.Escape(found)
		}
		return l.T("a removed user (%s)", text.Escape(id))
	}
	fmt.Fprintf(&b, "# %s\n\n", l.T("Retrospective of %s", text.Escape(inc.Name)))
	switch doc.State {
	case Published:
		fmt.Fprintf(&b, "%s\n", l.T("Published on %s by %s.", when(doc.PublishedAt), person(doc.PublishedByID)))
	case Drafted:
		fmt.Fprintf(&b, "%s\n", l.T("A draft, last changed on %s by %s.", when(doc.UpdateAt), person(doc.UpdatedByID)))
	default:
		fmt.Fprintf(&b, "%s\n", l.T("A draft on which nobody has worked yet."))
	}
	for n := range doc.Sections {
		s := &doc.Sections[n]
		fmt.Fprintf(&b, "\n## %s\n\n", text.Escape(l.Word(s.Heading)))
		content := strings.TrimSpace(s.Text)
		if content == "" {
			content = l.T("Nothing was written.")
		}
		b.WriteString(content + "\n")
		if fence := openFence(content); fence != "" { // else the rest of the document would be code
			b.WriteString(fence + "\n")
		}
	}
	return b.Bytes()
}

// openFence is the fence of a block of code that a text leaves open, or "".
func openFence(content string) (fence string) {
	for _, line := range strings.Split(content, "\n") {
		fence = text.NextFence(fence, line)
	}
	return fence
}
