package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// document is a report on its way to Markdown.
type document struct {
	*bufio.Writer
	*i18n.Language
	report *Report
	doers  map[string]incidentChange

	// blank says that the last line is empty.
	blank bool
}

// incidentChange is the last change of a task's state: who and when.
type incidentChange struct {
	actorID string
	at      int64
}

// Markdown writes a report for people. User text in it is shown as it was typed: none of it becomes a heading, link,
// mention or HTML. If reading fails on the way, the last line says so, and the error is a *ReadError.
func Markdown(ctx context.Context, w io.Writer, r *Report) error {
	d := &document{Writer: bufio.NewWriter(w), Language: r.Language, report: r}
	var err error
	if d.doers, err = doers(ctx, r); err == nil {
		d.facts()
		d.stages()
		if err = d.updates(ctx); err == nil {
			if err = d.timeline(ctx); err == nil {
				d.sections()
			}
		}
	}
	if err != nil {
		d.line("\n%s", d.T("The rest could not be read. Export the incident again."))
		_ = d.Flush()
		return &ReadError{err}
	}
	return d.Flush()
}

// line writes lines. One that is empty is left out after another one.
func (d *document) line(format string, args ...interface{}) {
	lines := fmt.Sprintf(format+"\n", args...)
	if d.blank {
		lines = strings.TrimPrefix(lines, "\n")
	}
	if lines != "" {
		d.blank = lines == "\n" || strings.HasSuffix(lines, "\n\n")
		_, _ = d.WriteString(lines) // Flush tells the error
	}
}

// item is a bold name with its value; without value nothing.
func (d *document) item(name, value string) {
	if value != "" {
		d.line("- **%s:** %s", name, value)
	}
}

func (d *document) facts() {
	i := &d.report.Incident
	d.line("# %s\n", escape(i.Name))
	state := d.T("Ended")
	if i.IsActive {
		state = d.T("Ongoing")
	}
	d.item(d.T("Status"), state)
	d.item(d.T("Commander"), d.person(i.CommanderUserID))
	d.item(d.T("Started"), when(i.CreateAt))
	end := d.report.ExportedAt
	if !i.IsActive {
		d.item(d.T("Ended"), when(i.EndAt))
		end = i.EndAt
	}
	if i.CreateAt > 0 && end >= i.CreateAt {
		d.item(d.T("Duration"), incident.FormatDuration(end-i.CreateAt))
	}
	for _, fact := range d.report.Facts {
		d.item(escape(fact.Label), escape(fact.Text))
	}
	if stage := i.CurrentStage(); stage != nil && len(i.Checklists) > 1 {
		d.item(d.T("Current stage"), d.T("%s (%d of %d)", escape(stage.Title), i.StageIndex()+1, len(i.Checklists)))
	}
	c := &d.report.Channel
	d.item(d.T("Channel"), escape(c.ChannelDisplayName))
	d.item(d.T("Members involved"), fmt.Sprint(c.NumMembers))
	d.item(d.T("Messages"), fmt.Sprint(c.TotalPosts))
	d.item(d.T("Exported"), when(d.report.ExportedAt))
	if strings.TrimSpace(i.Description) != "" {
		d.line("\n## %s\n\n%s", d.T("Description"), quote(i.Description))
	}
}

func (d *document) stages() {
	for n := range d.report.Incident.Checklists {
		stage := &d.report.Incident.Checklists[n]
		d.line("\n## %s\n", d.T("Stage %d: %s (%d of %d tasks done)", n+1, escape(stage.Title), stage.Done(), len(stage.Tasks)))
		if len(stage.Tasks) == 0 {
			d.line("%s", d.T("No tasks."))
		}
		for t := range stage.Tasks {
			d.task(&stage.Tasks[t])
		}
	}
}

func (d *document) task(t *incident.Task) {
	box := " "
	if t.State == incident.Closed {
		box = "x"
	}
	d.line("- [%s] %s", box, escape(t.Title))
	if t.State != incident.Open || t.StateModified > 0 {
		state := map[incident.State]string{incident.Open: d.T("Opened again"), incident.InProgress: d.T("In progress"), incident.Closed: d.T("Done")}[t.State]
		if t.StateModified > 0 {
			state += " " + when(t.StateModified)
		}
		if by := d.doers[t.ID]; by.at == t.StateModified && by.actorID != "" {
			state += d.T(" by %s", d.person(by.actorID))
		}
		d.line("  - %s", state)
	}
	if t.AssigneeID != "" {
		d.line("  - %s", d.T("Assigned to %s", d.person(t.AssigneeID)))
	}
	if t.Command != "" {
		ran := ""
		if t.CommandLastRun > 0 {
			ran = d.T(", last run %s", when(t.CommandLastRun))
		}
		d.line("  - %s%s", d.T("Command: %s", text.Code(t.Command)), ran)
	}
	if strings.TrimSpace(t.Description) != "" {
		d.line("\n%s\n", indent(quote(t.Description)))
	}
}

func (d *document) updates(ctx context.Context) error {
	d.line("\n## %s\n", d.T("Status updates"))
	if n := d.report.StatusUpdatesOmitted; n > 0 {
		d.line("%s\n", d.T("Older updates that are left out: %d.", n))
	}
	told := 0
	for u, err := range d.report.Updates(ctx) {
		if err != nil {
			return err
		}
		if told++; told > 1 {
			d.line("")
		}
		edited := ""
		if u.EditAt > 0 {
			edited = d.T(", edited %s", when(u.EditAt))
		}
		d.line("### %s%s\n\n%s", d.T("%s by %s", when(u.CreateAt), d.person(u.UserID)), edited, quote(u.Message))
	}
	if told == 0 {
		d.line("%s", d.T("None."))
	}
	return nil
}

func (d *document) timeline(ctx context.Context) error {
	d.line("\n## %s\n", d.T("Timeline"))
	if n := d.report.EventsOmitted; n > 0 {
		d.line("%s\n", d.T("Older entries that are left out: %d.", n))
	}
	told := 0
	for m, err := range d.moments(ctx) {
		if err != nil {
			return err
		}
		told++
		star := ""
		if m.Starred {
			star = " (" + d.T("key moment") + ")"
		}
		d.line("- %s%s: %s", when(m.At), star, m.Text)
		if strings.TrimSpace(m.Quote) != "" {
			d.line("\n%s\n", indent(quote(m.Quote)))
		}
	}
	if told == 0 {
		d.line("%s", d.T("Nothing was recorded."))
	}
	return nil
}

// moments tells events and the moments of sections in order of time, those of the same time in the order of their sources.
func (d *document) moments(ctx context.Context) iter.Seq2[capability.Moment, error] {
	sources := []iter.Seq2[capability.Moment, error]{d.events(ctx)}
	for _, s := range d.report.Sections {
		if s.Moments != nil {
			sources = append(sources, func(yield func(capability.Moment, error) bool) {
				for m, err := range s.Moments(ctx) {
					m.Text = escape(m.Text)
					if !yield(m, err) {
						return
					}
				}
			})
		}
	}
	return inOrder(sources, func(m capability.Moment) int64 { return m.At })
}

// events are the sentences of events. Text is Markdown already.
func (d *document) events(ctx context.Context) iter.Seq2[capability.Moment, error] {
	return func(yield func(capability.Moment, error) bool) {
		for e, err := range d.report.Events(ctx) {
			sentence := ""
			if err == nil {
				sentence = d.sentence(&e)
			}
			if (err != nil || sentence != "") && !yield(capability.Moment{At: e.CreateAt, Text: sentence}, err) {
				return
			}
		}
	}
}

// inOrder merges sources that are in order.
func inOrder[T any](sources []iter.Seq2[T, error], at func(T) int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		type head struct {
			item  T
			err   error
			there bool
			next  func() (T, error, bool)
		}
		var heads []*head
		for _, source := range sources {
			next, stop := iter.Pull2(source)
			defer stop()
			h := &head{next: next}
			h.item, h.err, h.there = next()
			heads = append(heads, h)
		}
		for {
			var first *head
			for _, h := range heads {
				if h.there && (first == nil || h.err != nil || at(h.item) < at(first.item)) && (first == nil || first.err == nil) {
					first = h
				}
			}
			if first == nil || !yield(first.item, first.err) || first.err != nil {
				return
			}
			first.item, first.err, first.there = first.next()
		}
	}
}

// sections lists what other capabilities add.
func (d *document) sections() {
	for _, s := range d.report.Sections {
		if s.Moments != nil {
			continue
		}
		d.line("\n## %s\n", escape(d.Word(s.Title)))
		for _, line := range s.Lines {
			d.line("- %s", escape(line))
		}
		for _, c := range s.Chapters {
			d.line("\n### %s\n", escape(d.Word(c.Title)))
			if strings.TrimSpace(c.Text) == "" {
				d.line("%s", d.T("None."))
				continue
			}
			d.line("%s", quote(c.Text))
		}
		if len(s.Lines)+len(s.Chapters) == 0 {
			d.line("%s", d.T("None."))
		}
	}
}

// person is a user's name, or the id of a removed account.
func (d *document) person(id string) string {
	if id == "" {
		return ""
	}
	if name := d.report.Name(id); name != "" {
		return escape(name)
	}
	return d.T("a removed user (%s)", escape(id))
}

// when is a time for people, "" for never.
func when(millis int64) string {
	if millis <= 0 {
		return ""
	}
	return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05 UTC")
}

// marker finds what would begin a list, a heading's underline or a rule at the start of a line.
var marker = regexp.MustCompile(`^(\s*)([-+=]|\d+[.)])`)

// escaper is text.Escape for any program that reads Markdown, where backslashes help before everything.
var escaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `~`, `\~`, `|`, `\|`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `&`, `\&`, `!`, `\!`,
)

var spaces = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ", "\v", " ", "\f", " ", "\u2028", " ", "\u2029", " ", "\x00", "")

// linked are the addresses that become links.
var linked = regexp.MustCompile(`^(?i:https?|ftp|ssh|mailto):`)

// escape makes user text harmless within a line; beyond what posts need, a line must not become a list, and an
// entity or image no character or picture. Code between backticks and addresses are left as they are.
func escape(line string) string {
	line = text.Transform(spaces.Replace(strings.TrimSpace(strings.ToValidUTF8(line, "\uFFFD"))),
		func(between string) string { return escaper.Replace(text.Quiet(between)) },
		func(code string) string { return code },
		func(address string) string {
			if linked.MatchString(address) {
				return "<" + address + ">"
			}
			return escaper.Replace(text.Quiet(address))
		})
	return marker.ReplaceAllStringFunc(line, func(found string) string {
		return found[:len(found)-1] + `\` + found[len(found)-1:]
	})
}

// quote shows a text of several lines as it was typed. Blocks of code between fences stay as they are, and tables stay tables.
func quote(content string) string {
	lines := strings.Split(strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content), "\n "), "\n")
	fence, table := "", 0
	for n, line := range lines {
		if table > 0 {
			table--
			continue
		}
		if rows := tableAt(lines[n:]); fence == "" && len(rows) > 0 {
			table = len(rows) - 1
			copy(lines[n:], rows)
			if n > 0 && lines[n-1] != ">" {
				lines[n] = ">\n" + lines[n]
			}
			if n+len(rows) < len(lines) && strings.TrimSpace(lines[n+len(rows)]) != "" {
				lines[n+len(rows)-1] += "\n>"
			}
			continue
		}
		next := text.NextFence(fence, line)
		if fence != "" || next != "" {
			lines[n], fence = "> "+line, next
			continue
		}
		end := ""
		if n < len(lines)-1 && strings.TrimSpace(line) != "" && strings.TrimSpace(lines[n+1]) != "" && text.NextFence("", lines[n+1]) == "" && tableAt(lines[n+1:]) == nil {
			end = `\` // a line break that Markdown keeps
		}
		lines[n] = strings.TrimRight("> "+escape(line)+end, " ")
	}
	if fence != "" {
		lines = append(lines, "> "+fence)
	}
	return strings.Join(lines, "\n")
}

func indent(content string) string {
	return "  " + strings.ReplaceAll(content, "\n", "\n  ")
}
