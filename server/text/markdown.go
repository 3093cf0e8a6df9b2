// Package text holds the sentences of posts and exports, and makes user text in them harmless.
//
// No user text is ever a format string. There is one rule for what becomes of user text:
//
//   - In a line of ours (Escape, EscapeLink) it is shown as it was typed. Addresses (https://…, www.…, host.tld/…, mailto:…)
//     and code between backticks are left as they are. Of the rest, only what would be markup is escaped, since push
//     notifications show escapes. A block of code becomes code between backticks, since a line has no room for blocks; code
//     with ** in it becomes text, since it would end our bold type.
//   - A text that is repeated as Markdown (OriginalPost, Broadcast) keeps its markup.
//   - An @ that would begin a mention is followed by a zero-width space, outside code and addresses only.
//
// Posts of the bot name people by one rule: who does something without @ (Sentences.Actor), those whom it concerns with @ and in bold
// (Sentences.Mention), so that they are notified, and those who do not read the channel as code (Code). Only the posts of version 1.2.0 about start,
// end and restart mention who has acted.
//
// Words that somebody has chosen to be notified about are left: they are no mention of ours.
package text

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	images    = regexp.MustCompile(`!\[([^\]\n]*)\]\([^)\n]*\)`)
	autolinks = regexp.MustCompile(`<((?i:[a-z][a-z0-9+.-]{1,31}:|www\d{0,3}\.)[^ <>\n]+)>`)
	links     = regexp.MustCompile(`\[([^\]\n]+)\]\([^)\n]*\)`)
	codeSpans = regexp.MustCompile("(`+)([^`\n]+)`+")
	bold      = regexp.MustCompile(`(\*\*|__)([^\s*_](?:[^\n]*?[^\s*_])?)(\*\*|__)`)
	strike    = regexp.MustCompile(`~~([^~\n]+)~~`)
	italicA   = regexp.MustCompile(`\*([^\s*](?:[^*\n]*[^\s*])?)\*`)
	italicU   = regexp.MustCompile(`(^|\W)_([^\s_](?:[^_\n]*[^\s_])?)_(\W|$)`)
	leading   = regexp.MustCompile(`(?m)^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+)`)
)

// Strip removes the Markdown of a single line of user text and keeps its words. Addresses are left as they are.
func Strip(text string) string {
	var b strings.Builder
	for _, p := range stripped(text) {
		if p.kind == code {
			p.text = strings.TrimSpace(codeSpans.ReplaceAllString(p.text, "$2"))
		}
		b.WriteString(p.text)
	}
	return strings.TrimSpace(b.String())
}

// stripped takes a line apart and removes the Markdown, except for code.
func stripped(text string) []piece {
	var kept []piece
	// hold replaces pieces by marks, which the expressions above do not touch.
	hold := func(text string, k kind) string {
		var b strings.Builder
		for _, p := range pieces(text) {
			if p.kind != k {
				b.WriteString(p.text)
				continue
			}
			b.WriteString("\x00" + strconv.Itoa(len(kept)) + "\x00")
			kept = append(kept, p)
		}
		return b.String()
	}
	text = hold(oneLine(text), code)
	text = images.ReplaceAllString(text, "$1")
	text = links.ReplaceAllString(text, "$1")
	text = autolinks.ReplaceAllString(text, "$1")
	text = hold(text, address)
	text = leading.ReplaceAllString(text, "")
	text = bold.ReplaceAllString(text, "$2")
	text = strike.ReplaceAllString(text, "$1")
	text = italicA.ReplaceAllString(text, "$1")
	text = italicU.ReplaceAllString(text, "$1$2$3")
	var found []piece
	for n, part := range strings.Split(strings.TrimSpace(text), "\x00") {
		if n%2 == 0 {
			if part != "" {
				found = append(found, piece{plain, part})
			}
		} else if i, err := strconv.Atoi(part); err == nil && i < len(kept) {
			found = append(found, kept[i])
		}
	}
	return found
}
