package text

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Original is the post from which an incident was started.
type Original struct {
	ID, Message string
	Attachments []*model.SlackAttachment
	// Files are the names of its files.
	Files []string
}

var paragraphs = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2424", "\n", "\u2028", "\n", "\u2029", "\n", "\x00", "")

// OriginalPost links and quotes the post from which the incident was started. A post with nothing to quote is only linked.
func (s Sentences) OriginalPost(siteURL string, original Original) string {
	address := siteURL + "/_redirect/pl/" + original.ID
	texts := append([]string{strings.TrimRight(original.Message, " \t\r\n")}, attachmentTexts(original.Attachments, "\n\n")...)
	if len(original.Files) > 0 {
		names := make([]string, len(original.Files))
		for n, name := range original.Files {
			names[n] = Code(incident.Truncate(name, maxTitle))
		}
		texts = append(texts, s.language.T("Files: %s", strings.Join(names, ", ")))
	}
	content := ""
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			content = joined(content, t)
		}
	}
	if content == "" {
		return s.language.T("Started from [this post](%s).", address)
	}
	return quoted(s.language.T("Started from [this post](%s):", address)+"\n", content)
}

// joined puts a paragraph behind another one, also where that ends inside a block of code.
func joined(content, paragraph string) string {
	if content == "" {
		return paragraph
	}
	if open := openFence(content); open != "" {
		content += "\n" + open
	}
	return content + "\n\n" + paragraph
}

// Quote puts a Markdown text as a quote behind head. The text mentions nobody.
func Quote(head, content string) string { return head + quoted("", content) }

// quoted puts a Markdown text as a quote behind head. It has at most incident.MaxMessage characters and mentions nobody.
func quoted(head, content string) string {
	var b strings.Builder
	b.WriteString(head)
	fence := ""
	for _, line := range strings.Split(paragraphs.Replace(incident.Truncate(strings.ToValidUTF8(content, "\uFFFD"), maxQuote)), "\n") {
		if fence == "" {
			line = expandTabs(line) // behind the mark of a quote a tab is too narrow to make code
		}
		fence = NextFence(fence, line)
		b.WriteString("\n> " + line)
	}
	message := withoutMentions(b.String(), nil)
	if len([]rune(message)) > incident.MaxMessage { // the marks before each line and behind each @ count as well
		message = b.String()
		message = withoutMentions(incident.Truncate(message, incident.MaxMessage-strings.Count(message, "@")-strings.Count(message, "&")), nil)
	}
	return message
}

// expandTabs replaces the tabs at the start of a line by spaces.
func expandTabs(line string) string {
	width := 0
	for n, r := range line {
		switch r {
		case ' ':
			width++
		case '\t':
			width += 4 - width%4
		default:
			return strings.Repeat(" ", width) + line[n:]
		}
	}
	return line
}

// NextFence returns the fence of the block of code that is open after a line of Markdown, "" for none. fence is the one that
// was open before.
func NextFence(fence, line string) string {
	trimmed := strings.TrimLeft(line, " ")
	if len(line)-len(trimmed) > 3 || trimmed == "" || trimmed[0] != '`' && trimmed[0] != '~' {
		return fence
	}
	rest := strings.TrimLeft(trimmed, trimmed[:1])
	ticks := trimmed[:len(trimmed)-len(rest)]
	switch {
	case fence != "" && strings.HasPrefix(ticks, fence) && strings.TrimSpace(rest) == "":
		return ""
	case fence == "" && len(ticks) >= 3 && !(ticks[0] == '`' && strings.Contains(rest, "`")):
		return ticks
	}
	return fence
}

// openFence returns the fence that closes a text which ends inside a block of code, "" for another one.
func openFence(content string) (fence string) {
	for _, line := range strings.Split(paragraphs.Replace(content), "\n") {
		fence = NextFence(fence, line)
	}
	return fence
}

// attachmentTexts returns what the attachments of bots and webhooks say, one text for each. between separates its parts.
func attachmentTexts(attachments []*model.SlackAttachment, between string) []string {
	var found []string
	for _, a := range attachments {
		if a == nil {
			continue
		}
		title := a.Title
		if a.TitleLink != "" {
			title = strings.TrimSpace(title + " " + a.TitleLink)
		}
		texts := []string{a.Pretext, title, a.Text}
		fields := ""
		for _, f := range a.Fields {
			if f == nil {
				continue
			}
			value := ""
			switch v := f.Value.(type) {
			case nil:
			case float64: // not as 1e+06
				value = strconv.FormatFloat(v, 'f', -1, 64)
			default:
				value = fmt.Sprint(v)
			}
			if value == "" && f.Title == "" {
				continue
			}
			fields += "\n" + strings.TrimSpace(f.Title+": "+value)
		}
		texts = append(texts, strings.TrimPrefix(fields, "\n"))
		if strings.TrimSpace(strings.Join(texts, "")) == "" {
			texts = []string{a.Fallback}
		}
		content := ""
		for _, t := range texts {
			if strings.TrimSpace(t) == "" {
				continue
			}
			if between == "\n\n" {
				content = joined(content, t)
			} else {
				content += between + t
			}
		}
		if content != "" {
			found = append(found, strings.TrimPrefix(content, between))
		}
	}
	return found
}

// AttachmentLines returns what the attachments of bots and webhooks say, part by part in lines.
func AttachmentLines(attachments []*model.SlackAttachment) []string {
	return attachmentTexts(attachments, "\n")
}
