package export

import (
	"context"
	"encoding/csv"
	"io"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// Columns of the CSV form, one post a row.
var Columns = []string{"create_at", "edit_at", "post_id", "root_id", "type", "user_id", "username", "posted_as", "message", "files"}

// incomplete stands in the column type of the last row if reading failed on the way: the status was sent long before.
const incomplete = "export_incomplete"

// ReadError means that the posts could not be read to the end; the CSV says so in its last row.
type ReadError struct{ Err error }

func (e *ReadError) Error() string { return "read posts for an export: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// CSV writes the posts that next gives, until it gives none, with a head row, in UTF-8. A failure of w is returned as
// it is, one of next as a *ReadError.
func CSV(ctx context.Context, w io.Writer, next func(context.Context) ([]ChannelPost, error)) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns); err != nil {
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

func row(p *ChannelPost) []string {
	post := &model.Post{}
	post.SetProps(model.StringInterfaceFromJson(strings.NewReader(p.Props)))
	postedAs, _ := post.GetProp("override_username").(string)
	return []string{utc(p.CreateAt), utc(p.EditAt), p.ID, p.RootID, p.Type, p.UserID, harmless(p.Username), harmless(postedAs),
		harmless(withAttachments(p.Message, post.Attachments())), harmless(strings.Join(p.Files, "\n"))}
}

// withAttachments adds what stands in the attachments of bots and webhooks, which often have no other text.
func withAttachments(message string, attachments []*model.SlackAttachment) string {
	parts := []string{message}
	for _, a := range attachments {
		title := a.Title
		if a.TitleLink != "" {
			title = strings.TrimSpace(title + " " + a.TitleLink)
		}
		texts := []string{a.Pretext, title, a.Text}
		for _, f := range a.Fields {
			if value, ok := f.Value.(string); ok {
				texts = append(texts, strings.TrimSpace(f.Title+": "+value))
			}
		}
		if strings.Join(texts, "") == "" {
			texts = []string{a.Fallback}
		}
		parts = append(parts, texts...)
	}
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, "\n")
}

// harmless keeps spreadsheets from running a text as a formula, which could send the sheet's contents away or start
// programs: they take a cell for one that begins with = + - @ or with a tab or line break before it, some also with
// the full-width forms. An apostrophe in front makes it text; programs that want the original drop it.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", []rune(text)[0]) {
		return "'" + text
	}
	return text
}

// utc is a time in RFC 3339 with milliseconds, "" for never.
func utc(millis int64) string {
	if millis == 0 {
		return ""
	}
	return time.UnixMilli(millis).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}
