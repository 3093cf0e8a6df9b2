package export

import (
	"context"
	"encoding/csv"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Columns of the CSV form, one post a row.
var Columns = []string{"create_at", "edit_at", "post_id", "root_id", "type", "user_id", "username", "posted_as", "message", "files"}

// byteOrderMark begins a CSV file. Without it Excel takes UTF-8 for the character set of the system.
const byteOrderMark = "\ufeff"

// newCSV begins a CSV file with the names of its columns.
func newCSV(w io.Writer, columns []string) (*csv.Writer, error) {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return nil, err
	}
	out := csv.NewWriter(w)
	return out, out.Write(columns)
}

// incomplete stands in the column type of the last row if reading failed on the way: the status was sent long before.
const incomplete = "export_incomplete"

// ReadError means that the posts could not be read to the end; the CSV says so in its last row.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return "read posts for an export: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// CSV writes the posts that next gives, until it gives none, with a head row, in UTF-8 with a byte order mark. A failure of w is returned as
// it is, one of next as a *ReadError.
func CSV(ctx context.Context, w io.Writer, next func(context.Context) ([]ChannelPost, error)) error {
	out, err := newCSV(w, Columns)
	if err != nil {
		return err
	}
	for {
		page, err := next(ctx)
		if err != nil {
			_ = out.Write([]string{utc(0), "", "", "", incomplete, "", "", "",
				"The posts after this row could not be read. Export the channel again.", ""})
			out.Flush()
			return &ReadError{err}
		}
		for i := range page {
			if err := out.Write(row(&page[i])); err != nil {
				return err
			}
		}
		if len(page) == 0 {
			break
		}
		page = nil
	}
	out.Flush()
	return out.Error()
}

// writeTable writes the rows of a section with a head row, in UTF-8 with a byte order mark. A failure of w is returned as it is, one of reading as a *ReadError.
func writeTable(ctx context.Context, w io.Writer, t *capability.Table) error {
	out, err := newCSV(w, t.Columns)
	if err != nil {
		return err
	}
	for row, err := range t.Rows(ctx) {
		if err != nil {
			_ = out.Write([]string{incomplete, "The rows after this one could not be read. Export the incident again."})
			out.Flush()
			return &ReadError{err}
		}
		for n := range row {
			row[n] = harmless(row[n])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func row(p *ChannelPost) []string {
	message, postedAs := text.Post(p.Message, p.Props)
	return []string{utc(p.CreateAt), utc(p.EditAt), p.ID, p.RootID, harmless(p.Type), p.UserID, harmless(p.Username), harmless(postedAs),
		harmless(message), harmless(strings.Join(p.Files, "\n"))}
}

// formula finds what a spreadsheet may take for a formula: = + - @, also in full width, at the start of a cell or, since some
// spreadsheets split cells there, behind a semicolon, tab or line break. Spaces, signs that cannot be seen and quotation marks may
// stand before it.
var formula = regexp.MustCompile("(^|[;\t\n\r\v\f\u0085\u2028\u2029\uff1b])([\\p{Zs}\\p{Cf}\"]*[=+\\-@\uff1d\uff0b\uff0d\uff20])")

// harmless keeps spreadsheets from running a text as a formula, which could send the sheet's contents away or start
// programs. An apostrophe in front makes it text; programs that want the original drop it.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("\t\r\n", rune(text[0])) {
		text = "'" + text
	}
	return formula.ReplaceAllString(text, "$1'$2")
}

// utc is a time in RFC 3339 with milliseconds, "" for never.
func utc(millis int64) string {
	if millis == 0 {
		return ""
	}
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
