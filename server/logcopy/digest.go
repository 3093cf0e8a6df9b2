package logcopy

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// maxValue is how many characters of a value, and maxPairs how many values of a line are shown.
	maxValue = 300
	maxPairs = 12
	// maxFold is how many characters of each value are compared to find equal lines.
	maxFold = 200
)

// digest is what has been noted since the last message.
type digest struct {
	entries []*entry
	byKey   map[string]*entry
	// left is how many lines found no room.
	left int
}

// entry is one line, or several that are the same but for ids.
type entry struct {
	text        string // of the latest, ready to be shown
	count       int
	first, last time.Time
}

func (d *digest) add(now time.Time, level, msg string, pairs []interface{}) {
	key := foldKey(level, msg, pairs)
	if e := d.byKey[key]; e != nil {
		e.count++
		e.last = now
		return
	}
	if len(d.entries) == maxEntries {
		d.left++
		return
	}
	if d.byKey == nil {
		d.byKey = map[string]*entry{}
	}
	e := &entry{text: line(level, msg, pairs), count: 1, first: now, last: now}
	d.entries, d.byKey[key] = append(d.entries, e), e
}

// foldKey is the same for lines that differ only in ids.
func foldKey(level, msg string, pairs []interface{}) string {
	var b strings.Builder
	b.WriteString(level + "\x00" + incident.Truncate(msg, maxFold))
	for n := 0; n+1 < len(pairs) && n < 2*maxPairs; n += 2 {
		name := fmt.Sprint(pairs[n])
		if name == "id" || strings.HasSuffix(name, "_id") {
			continue
		}
		b.WriteString("\x00" + name + "=" + truncated(pairs[n+1], maxFold))
	}
	return b.String()
}

// truncated returns the beginning of a value's text.
func truncated(value interface{}, max int) string {
	text, ok := value.(string)
	if !ok {
		text = fmt.Sprint(value)
	}
	return strings.ToValidUTF8(incident.Truncate(text, max), "")
}

func line(level, msg string, pairs []interface{}) string {
	var b strings.Builder
	b.WriteString("**" + strings.ToUpper(level) + "** " + text.Escape(truncated(msg, maxValue)))
	n := 0
	for ; n+1 < len(pairs) && n < 2*maxPairs; n += 2 {
		b.WriteString("\n    " + text.Escape(truncated(pairs[n], maxFold)) + ": " + text.Escape(truncated(pairs[n+1], maxValue)))
	}
	return b.String()
}

const clock = "15:04:05"

// maxLeftOut is room for the line that says what was left out.
const maxLeftOut = 200

// text is the message of the digest, "" for an empty one. Times are UTC.
func (d *digest) text() string {
	var b strings.Builder
	left, room := d.left, model.POST_MESSAGE_MAX_RUNES_V2-maxLeftOut
	for _, e := range d.entries {
		text := e.first.UTC().Format(clock) + " " + e.text
		if e.count > 1 {
			text += fmt.Sprintf("\n    (%d times until %s)", e.count, e.last.UTC().Format(clock))
		}
		if size := len([]rune(text)) + 2; size <= room {
			room -= size
			b.WriteString(text + "\n\n")
		} else {
			left += e.count
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "%d more lines are only in the log.", left)
	}
	return strings.TrimSpace(b.String())
}
