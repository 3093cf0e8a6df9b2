package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// unmarked takes the byte order mark off a CSV file. It must be there once.
func unmarked(t *testing.T, file string) string {
	t.Helper()
	content, marked := strings.CutPrefix(file, "\xef\xbb\xbf")
	if !marked || strings.HasPrefix(content, byteOrderMark) {
		t.Errorf("the file begins with %.20q", file)
	}
	return content
}

// table writes pages as CSV and reads them back.
func table(t *testing.T, pages ...[]ChannelPost) [][]string {
	t.Helper()
	var out bytes.Buffer
	n := 0
	err := CSV(context.Background(), &out, func(context.Context) ([]ChannelPost, error) {
		if n == len(pages) {
			return nil, nil
		}
		n++
		return pages[n-1], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(unmarked(t, out.String()))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(rows[0], " ") != strings.Join(Columns, " ") {
		t.Errorf("the head is %q", rows[0])
	}
	return rows[1:]
}

func TestCSV_OneRowForEachPost(t *testing.T) {
	rows := table(t, []ChannelPost{
		{ID: "p1", UserID: "u1", Username: "anna", Message: "a \"quoted\", text\nin two lines", CreateAt: 1606113731087, EditAt: 1606113732000},
		{ID: "p2", RootID: "p1", Type: "system_join_channel", CreateAt: 1606113733000, Files: []string{"one.png", "two; three.txt"}},
	}, []ChannelPost{{ID: "p3"}})
	want := [][]string{
		{"2020-11-23T06:42:11.087Z", "2020-11-23T06:42:12.000Z", "p1", "", "", "u1", "anna", "", "a \"quoted\", text\nin two lines", ""},
		{"2020-11-23T06:42:13.000Z", "", "p2", "p1", "system_join_channel", "", "", "", "", "one.png\ntwo; three.txt"},
		{"", "", "p3", "", "", "", "", "", "", ""},
	}
	for n := range want {
		if strings.Join(rows[n], "|") != strings.Join(want[n], "|") {
			t.Errorf("row %d is\n%q, want\n%q", n, rows[n], want[n])
		}
	}
}

func TestCSV_TextIsNoFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "=HYPERLINK(\"https://evil\")"} {
		row := table(t, []ChannelPost{{Message: text, Username: text, Files: []string{text}, Props: `{"override_username":` + quoted(text) + `}`}})[0]
		for _, column := range []int{6, 7, 8, 9} {
			if !strings.HasPrefix(row[column], "'") {
				t.Errorf("%q becomes %q in column %s", text, row[column], Columns[column])
			}
		}
	}
	for _, text := range []string{"", "plain", "'=1", "1-1", "a=1; b", "x @y", "a, =b", "ü"} {
		if got := table(t, []ChannelPost{{ID: "p", Message: text}})[0][8]; got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// Spreadsheets of other countries split a row at semicolons or tabs, also inside of quotation marks, and at line breaks.
func TestCSV_NoPartOfACellIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"a;=1+1": "a;'=1+1", "a;  +1": "a;'  +1", ";=1;=2": ";'=1;'=2", "a\t@x": "a\t'@x", "a\n-1\n=2": "a\n'-1\n'=2", "a\r\n=1": "a\r\n'=1",
		" =1": "' =1", "\u00a0\u200b＝1": "'\u00a0\u200b＝1", "a；＠x": "a；'＠x", "a;\"=1\"": "a;'\"=1\"", "\n\n=1": "'\n\n'=1", "\u2028＋1": "\u2028'＋1",
	} {
		row := table(t, []ChannelPost{{Message: text, Username: text, Type: text, Files: []string{text}}})[0]
		for _, column := range []int{4, 6, 8, 9} {
			if got := strings.ReplaceAll(row[column], "\r\n", "\n"); got != strings.ReplaceAll(want, "\r\n", "\n") {
				t.Errorf("%q becomes %q in column %s, want %q", text, row[column], Columns[column], want)
			}
		}
	}
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

func TestCSV_TextOfAttachments(t *testing.T) {
	row := table(t, []ChannelPost{{Message: "Alert", Props: `{"override_username":"Pager","attachments":[
		{"pretext":"High load","title":"db-1","title_link":"https://x","text":"95 %","fields":[{"title":"Since","value":"10:00"},{"title":"n","value":3}]},
		{"fallback":"only this"},null,7]}`}})[0]
	if row[7] != "Pager" || row[8] != "Alert\nHigh load\ndb-1 https://x\n95 %\nSince: 10:00\nn: 3\nonly this" {
		t.Errorf("posted as %q: %q", row[7], row[8])
	}
	for _, props := range []string{"", "null", "[]", "{broken", `{"attachments":"no","override_username":7}`, `{"attachments":[[]]}`} {
		if row := table(t, []ChannelPost{{Message: "kept", Props: props}})[0]; row[8] != "kept" || row[7] != "" {
			t.Errorf("props %s give %q", props, row)
		}
	}
}

func TestCSV_SaysThatItIsIncomplete(t *testing.T) {
	var out bytes.Buffer
	first := true
	err := CSV(context.Background(), &out, func(context.Context) ([]ChannelPost, error) {
		if first {
			first = false
			return []ChannelPost{{ID: "p1"}}, nil
		}
		return nil, errors.New("cause")
	})
	var read *ReadError
	if !errors.As(err, &read) || read.Unwrap().Error() != "cause" {
		t.Errorf("the error is %v", err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 3 || rows[2][4] != "export_incomplete" || strings.Contains(strings.Join(rows[2], ""), "cause") {
		t.Errorf("%q (%v)", rows, err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestCSV_StopsWhenTheReaderIsGone(t *testing.T) {
	pages := 0
	err := CSV(context.Background(), brokenWriter{}, func(context.Context) ([]ChannelPost, error) {
		pages++
		return []ChannelPost{{Message: strings.Repeat("x", 10000)}}, nil
	})
	if err == nil || err.Error() != "gone" || pages > 2 {
		t.Errorf("%v after %d pages", err, pages)
	}
}

// collected is a report whose parts are in memory.
type collected struct {
	Report
	People        map[string]string
	StatusUpdates []ReportUpdate
	Events        []incident.Event
	broken        error
}

func sequence[T any](items []T, broken error) func(context.Context) iter.Seq2[T, error] {
	return func(context.Context) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) {
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if broken != nil {
				var none T
				yield(none, broken)
			}
		}
	}
}

func (c *collected) report() *Report {
	r := c.Report
	r.Name = func(id string) string { return c.People[id] }
	r.Updates, r.Events = sequence(c.StatusUpdates, nil), sequence(c.Events, c.broken)
	return &r
}

func markdown(t *testing.T, c *collected) string {
	t.Helper()
	var out bytes.Buffer
	if err := Markdown(context.Background(), &out, c.report()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestJSON_IsOneObject(t *testing.T) {
	var out bytes.Buffer
	var got struct {
		ExportedAt    int64 `json:"exported_at"`
		Incident      incident.Incident
		Channel       app.Metadata
		People        map[string]string
		StatusUpdates []ReportUpdate `json:"status_updates"`
		Events        []reportEvent
		Omitted       *int `json:"events_omitted"`
	}
	c := report()
	if err := JSON(context.Background(), &out, c.report()); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if got.Incident.Name != "Checkout" || len(got.StatusUpdates) != 1 || len(got.Events) != len(c.Events) || got.Omitted == nil || len(got.People) != 2 || got.Channel.NumMembers != 3 {
		t.Errorf("%+v", got)
	}
	if ended := got.Events[len(got.Events)-1]; string(ended.Before) != `"broken"` || string(ended.After) != `[]` || ended.Type != incident.EventEnded {
		t.Errorf("a damaged event is exported as %+v", ended)
	}
	// Empty lists are lists.
	out.Reset()
	if err := JSON(context.Background(), &out, (&collected{}).report()); err != nil || !strings.Contains(out.String(), `"events": []`) || !json.Valid(out.Bytes()) {
		t.Errorf("%v: %s", err, out.String())
	}
	// A failure on the way leaves an object that is not closed.
	out.Reset()
	c.broken = errors.New("cause")
	var read *ReadError
	if err := JSON(context.Background(), &out, c.report()); !errors.As(err, &read) || json.Valid(out.Bytes()) {
		t.Errorf("%v: %s", err, out.String())
	}
	if err := JSON(context.Background(), brokenWriter{}, c.report()); err == nil || err.Error() != "gone" {
		t.Errorf("%v", err)
	}
}

func TestMarkdown_SaysThatItIsIncomplete(t *testing.T) {
	c := report()
	c.broken = errors.New("cause")
	var out bytes.Buffer
	var read *ReadError
	if err := Markdown(context.Background(), &out, c.report()); !errors.As(err, &read) || !strings.Contains(out.String(), "could not be read") || strings.Contains(out.String(), "cause") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func report() *collected {
	event := func(kind incident.EventType, at int64, actor, before, after string) incident.Event {
		return incident.Event{CreateAt: at, ActorID: actor, Payload: incident.DecodePayload(kind, json.RawMessage(before), json.RawMessage(after))}
	}
	const start = 1606113731000
	return &collected{
		People: map[string]string{"a": "anna", "b": "boris"},
		Report: Report{ExportedAt: start + 7200000, Channel: app.Metadata{ChannelDisplayName: "Checkout", NumMembers: 3, TotalPosts: 12}, Incident: incident.Incident{Name: "Checkout", Description: "All carts fail", IsActive: true, CommanderUserID: "a", CreateAt: start, ActiveStage: 1,
			Checklists: []incident.Stage{
				{Title: "Triage", Tasks: []incident.Task{
					{ID: "t1", Title: "Find the scope", State: incident.Closed, StateModified: start + 60000, AssigneeID: "b", Command: "/echo hi", CommandLastRun: start + 1000, Description: "Ask *all*\nteams"},
					{ID: "t2", Title: "Call", State: incident.InProgress, StateModified: start + 90000},
				}},
				{Title: "Resolve"},
			}}},
		StatusUpdates: []ReportUpdate{{UserID: "b", CreateAt: start + 120000, EditAt: start + 130000, Message: "First line\nsecond line\n\n# not a heading"}},
		Events: []incident.Event{
			event(incident.EventStarted, start, "a", "{}", "{}"),
			event(incident.EventTaskState, start+60000, "b", `{"title":"Find the scope","item_id":"t1"}`, `{"title":"Find the scope","item_id":"t1","state":"closed","state_modified":1606113791000}`),
			event(incident.EventCommander, start+70000, "b", `{"commander_user_id":"gone1"}`, `{"commander_user_id":"a"}`),
			event(incident.EventTaskRemoved, start+80000, "a", `{"item_id":"t9","task":{"title":"Old"}}`, `{"item_id":"t9"}`),
			event(incident.EventTaskMoved, start+81000, "a", `{"item_id":"t2","item":0}`, `{"item_id":"t2","item":1}`),
			event(incident.EventStage, start+82000, "a", `{"active_stage_title":"Triage"}`, `{"active_stage_title":"Resolve"}`),
			event(incident.EventTaskAssignee, start+83000, "a", `{"assignee_id":"b","title":"Call"}`, `{"assignee_id":"","title":"Call"}`),
			event(incident.EventReminderPosted, start+84000, "", "{}", "{}"),
			event(incident.EventReminderCleared, start+85000, "", "{}", "{}"),
			event(incident.EventEnded, start+86000, "", "broken", "[]"),
		},
	}
}

func TestMarkdown_ContainsEverything(t *testing.T) {
	text := markdown(t, report())
	want := `# Checkout

- **Status:** Ongoing
- **Commander:** anna
- **Started:** 2020-11-23 06:42:11 UTC
- **Duration:** 2h
- **Current stage:** Resolve (2 of 2)
- **Channel:** Checkout
- **Members involved:** 3
- **Messages:** 12
- **Exported:** 2020-11-23 08:42:11 UTC

## Description

> All carts fail

## Stage 1: Triage (1 of 2 tasks done)

- [x] Find the scope
  - Done 2020-11-23 06:43:11 UTC by boris
  - Assigned to boris
  - Command: ` + "`/echo hi`" + `, last run 2020-11-23 06:42:12 UTC

  > Ask \*all\*\
  > teams

- [ ] Call
  - In progress 2020-11-23 06:43:41 UTC

## Stage 2: Resolve (0 of 0 tasks done)

No tasks.

## Status updates

### 2020-11-23 06:44:11 UTC by boris, edited 2020-11-23 06:44:21 UTC

> First line\
> second line
>
> \# not a heading

## Timeline

- 2020-11-23 06:42:11 UTC: anna started the incident.
- 2020-11-23 06:43:11 UTC: boris completed the task “Find the scope”.
- 2020-11-23 06:43:21 UTC: boris made anna commander in place of a removed user (gone1).
- 2020-11-23 06:43:31 UTC: anna deleted the task “Old”.
- 2020-11-23 06:43:32 UTC: anna moved the task “Call”.
- 2020-11-23 06:43:33 UTC: anna moved from the stage “Triage” to “Resolve”.
- 2020-11-23 06:43:34 UTC: anna took the task “Call” from boris.
- 2020-11-23 06:43:35 UTC: A reminder of the next status update was posted.
- 2020-11-23 06:43:37 UTC: Incident Management ended the incident.
`
	if text != want {
		t.Errorf("got\n%s", text)
	}
}

// Whatever a report has at the end of one part and at the beginning of the next, one empty line is between them.
func TestMarkdown_HasNoTwoEmptyLines(t *testing.T) {
	c := report()
	c.Report.Incident.Checklists[0].Tasks[1].Description = "Ask twice"
	c.Report.Sections = []Section{
		{Title: "Moments", Part: capability.Part{Moments: func(context.Context) iter.Seq2[capability.Moment, error] {
			return func(yield func(capability.Moment, error) bool) {
				yield(capability.Moment{At: 1706113731000, Text: "said", Quote: "a\n\nb"}, nil)
			}
		}}},
		{Title: "Chapters", Part: capability.Part{Chapters: []capability.Chapter{{Title: "One", Text: "x"}, {Title: "Two"}}}},
		{Title: "Lines", Part: capability.Part{Lines: []string{"y"}, Chapters: []capability.Chapter{{Title: "Three", Text: "z"}}}},
		{Title: "Nothing"},
	}
	text := markdown(t, c)
	if strings.Contains(text, "\n\n\n") {
		t.Errorf("two empty lines:\n%s", text)
	}
	if want := "\n\n## Chapters\n\n### One\n\n> x\n\n### Two\n\nNone.\n\n## Lines\n\n- y\n\n### Three\n\n> z\n\n## Nothing\n\nNone.\n"; !strings.HasSuffix(text, want) {
		t.Errorf("it does not end with\n%s\n%s", want, text)
	}
}

func TestMarkdown_ContainsEveryEvent(t *testing.T) {
	quiet := map[incident.EventType]bool{incident.EventReminderCleared: true, incident.EventReminderDropped: true}
	for _, kind := range []incident.EventType{incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventCommander,
		incident.EventStage, incident.EventTaskState, incident.EventTaskAssignee, incident.EventTaskAdded, incident.EventTaskEdited,
		incident.EventTaskRemoved, incident.EventTaskMoved, incident.EventTaskRun, incident.EventStatusUpdate, incident.EventReminderPosted,
		incident.EventReminderCleared, incident.EventReminderDropped, incident.EventStartTimeChanged} {
		text := markdown(t, &collected{Events: []incident.Event{{ActorID: "a", CreateAt: 1000,
			Payload: incident.DecodePayload(kind, json.RawMessage("{}"), json.RawMessage("{}"))}}})
		if shown := strings.Contains(text, "1970-01-01 00:00:01 UTC: "); shown == quiet[kind] {
			t.Errorf("%s: shown %v:\n%s", kind, shown, text)
		}
	}
}

func TestMarkdown_EndedWithoutAnything(t *testing.T) {
	text := markdown(t, &collected{Report: Report{Incident: incident.Incident{Name: "Old", CreateAt: 1000, EndAt: 61000}, StatusUpdatesOmitted: 3, EventsOmitted: 7}})
	for _, part := range []string{"**Status:** Ended", "**Ended:** 1970-01-01 00:01:01 UTC", "**Duration:** 1m", "Nothing was recorded.", "updates that are left out: 3.", "entries that are left out: 7."} {
		if !strings.Contains(text, part) {
			t.Errorf("lacks %q:\n%s", part, text)
		}
	}
}

// What other capabilities say of the incident is part of its head.
func TestMarkdown_HasTheFacts(t *testing.T) {
	text := markdown(t, &collected{Report: Report{Incident: incident.Incident{Name: "Old", EndAt: 1}, Facts: []capability.Fact{{Label: "Severity", Text: "SEV1 **x**"}}}})
	if !strings.Contains(text, "\n- **Severity:** SEV1 \\*\\*x\\*\\*\n") {
		t.Error(text)
	}
}

func TestMarkdown_UserTextStaysText(t *testing.T) {
	for text, want := range map[string]string{
		"# Heading":                       `\# Heading`,
		"- item":                          `\- item`,
		"+ item":                          `\+ item`,
		"12. item":                        `12\. item`,
		"1) item":                         `1\) item`,
		"===":                             `\===`,
		"[x](javascript:alert())":         `\[x\](javascript:alert())`,
		"![](https://track)":              `\!\[\](<https://track>)`,
		"<script>":                        `\<script\>`,
		"&lt;b&gt;":                       `\&lt;b\&gt;`,
		"@all":                            "@\u200ball",
		"a | b `c *` *d* _e_ ~f~ `":       "a \\| b `c *` \\*d\\* \\_e\\_ \\~f\\~ \\`",
		"ssh deploy@db1, @db1":            "ssh deploy@db1, @\u200bdb1",
		"`@all`":                          "`@all`",
		"see https://x.y/a_b_(c)?d=*&e=1": "see <https://x.y/a_b_(c)?d=*&e=1>",
		"javascript://x_y":                `javascript://x\_y`,
		"one\ntwo\u2028three":             "one two three",
		"    code":                        "code",
		`back\slash`:                      `back\\slash`,
		"2020-11-23":                      "2020-11-23",
	} {
		if got := escape(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if got := quote("x\n" + text); strings.Contains(got, "\n") && !strings.HasPrefix(strings.SplitN(got, "\n", 2)[1], "> ") {
			t.Errorf("%q leaves the quotation: %q", text, got)
		}
	}
	for typed, want := range map[string]string{
		"a\r\n\r\n```\n# b\r":                "> a\n>\n> ```\n> # b\n> ```", // a block that nobody has closed
		"run\n~~~sh\n\tssh @db1\n~~~\n@all_": "> run\n> ~~~sh\n> \tssh @db1\n> ~~~\n> @\u200ball\\_",
		"````\n```\n````\n# x":               "> ````\n> ```\n> ````\n> \\# x",
		"``` a ` b\n# x":                     "> \\`\\`\\` a \\` b\\\n> \\# x",
	} {
		if got := quote(typed); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
}
