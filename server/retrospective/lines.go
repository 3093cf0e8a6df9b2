package retrospective

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// lines are sentences that are being written.
type lines struct {
	all   []made
	chars int
}

// say adds a sentence as a line. It returns false if there is no room for it.
func (l *lines) say(sentence string, refs ...Ref) bool {
	length := utf8.RuneCountInString(sentence) + 1
	if l.chars+length > maxDrafted {
		return false
	}
	l.chars += length
	l.all = append(l.all, made{sentence, distinct(refs)})
	return true
}

// item is say for a line of a list.
func (l *lines) item(sentence string, refs ...Ref) bool { return l.say("- "+sentence, refs...) }

// distinct are the first different refs.
func distinct(refs []Ref) []Ref {
	kept := []Ref{}
	for _, r := range refs {
		if len(kept) < maxRefs && !slices.Contains(kept, r) {
			kept = append(kept, r)
		}
	}
	return kept
}

// when is a time for people.
func when(millis int64) string { return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05 UTC") }

// quoted is the beginning of what somebody has written, in one line.
func quoted(content string) string {
	return text.Escape(incident.Truncate(text.Strip(strings.Join(strings.Fields(content), " ")), maxQuote))
}

// title is that of a stage or task.
func title(content string) string {
	if content = quoted(content); content == "" {
		return "—"
	}
	return content
}
