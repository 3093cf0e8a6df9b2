package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattermost/mattermost-server/v5/utils/markdown"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// guard behind an @ keeps a name readable and does not notify anybody.
const guard = "\u200b"

// startsMention reports whether an @ between two characters could begin a mention; 0 is none. Mattermost takes the @ behind a
// letter or digit for a part of a word, as in user@host.
func startsMention(before, after rune) bool {
	inWord := before >= 'a' && before <= 'z' || before >= 'A' && before <= 'Z' || before >= '0' && before <= '9'
	return !inWord && after != 0 && !unicode.IsSpace(after) && string(after) != guard
}

// mentions returns where in a message, in bytes, an @ ends that could begin a mention. Mattermost looks for mentions in what
// its own Markdown parser takes for text: not in code, and not in addresses. The same parser decides here.
func mentions(message string) (found []int) {
	if !strings.Contains(message, "@") && !strings.Contains(message, "&") { // as an entity
		return nil
	}
	defer func() {
		if recover() == nil {
			return
		}
		found = nil // this version of the parser fails on some images without an end
		for n, r := range message {
			if r == '@' || r == '&' {
				found = append(found, n+1)
			}
		}
	}()
	var run []rune // text without anything else between, as Mattermost looks at it
	var ends []int // for each character where it ends in the message
	flush := func() {
		at := func(n int) rune {
			if n < 0 || n >= len(run) {
				return 0
			}
			return run[n]
		}
		for n, r := range run {
			if r == '@' && startsMention(at(n-1), at(n+1)) {
				found = append(found, ends[n])
			}
		}
		run, ends = run[:0], ends[:0]
	}
	markdown.Inspect(message, func(node interface{}) bool {
		if a, isAddress := node.(*markdown.Autolink); isAddress {
			flush()
			// Later versions end an address there.
			if n := strings.IndexAny(message[a.RawDestination.Position:a.RawDestination.End], "<>"); n >= 0 {
				for at := a.RawDestination.Position + n; at < a.RawDestination.End; {
					r, size := utf8.DecodeRuneInString(message[at:])
					at += size
					run, ends = append(run, r), append(ends, at)
				}
				flush()
			}
			return false
		}
		t, ok := node.(*markdown.Text)
		if !ok {
			flush()
			return true
		}
		at := t.Range.Position
		for _, r := range t.Text {
			if rest := message[min(at, len(message)):]; strings.HasPrefix(rest, string(r)) {
				at += len(string(r))
			} else if strings.HasPrefix(rest, "&") { // an entity
				at += strings.IndexByte(rest, ';') + 1
			}
			run, ends = append(run, r), append(ends, at)
		}
		return false
	})
	flush()
	return found
}

// withoutMentions returns a message in which nothing can begin a mention, except where keep says so. Code and addresses are
// left as they are.
func withoutMentions(message string, keep map[int]bool) string {
	var b strings.Builder
	done := 0
	for _, at := range mentions(message) {
		if keep[at] || at < done {
			continue
		}
		b.WriteString(message[done:at] + guard)
		done = at
	}
	return b.String() + message[done:]
}

// Shorten cuts a message to max characters. What the cut takes out of code, because its end is gone, does not notify anybody.
func Shorten(message string, max int) string {
	cut := incident.Truncate(message, max)
	if cut == message {
		return message
	}
	keep := map[int]bool{}
	for _, at := range mentions(message) {
		keep[at] = true
	}
	short := cutWithoutMentions(cut, keep)
	if len([]rune(short)) > max {
		short = cutWithoutMentions(incident.Truncate(message, max-strings.Count(cut, "@")-strings.Count(cut, "&")), keep)
	}
	return short
}

// cutWithoutMentions is withoutMentions for a text that was cut. A name that may have been cut mentions nobody either.
func cutWithoutMentions(cut string, keep map[int]bool) string {
	kept := map[int]bool{}
	last := strings.LastIndexFunc(cut, unicode.IsSpace)
	for at := range keep {
		if at <= last {
			kept[at] = true
		}
	}
	return withoutMentions(cut, kept)
}
