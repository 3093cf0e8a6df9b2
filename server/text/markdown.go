// Package text holds the sentences of posts and exports, and makes user text in them harmless.
// No user text is ever a format string, and none reaches a post unescaped unless it is meant as Markdown.
package text

import (
	"regexp"
	"strings"
)

var escaper = strings.NewReplacer(
	"`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `~`, `\~`, `|`, `\|`, `>`, `\>`, `#`, `\#`,
	// Mattermost's web client shows a backslash before these; as entities all clients show just them.
	`\`, "&#92;", "<", "&lt;",
	// A zero-width space keeps the name readable and does not notify the user.
	"@", "@\u200b",
	"\r\n", " ", "\n", " ", "\r", " ", "\u2028", " ", "\u2029", " ",
	// These turn the direction of what follows, our own words included. Scripts written from right to left do not need them.
	"\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "",
)

// Escape makes user text harmless within a line of Markdown: no styles, links, table cells, mentions, line breaks or
// changes of direction.
func Escape(text string) string {
	return escaper.Replace(text)
}

var linkEscaper = strings.NewReplacer(`\[`, "&#91;", `\]`, "&#93;")

// EscapeLink is Escape for the text of a link. There Mattermost's web client counts brackets without heeding backslashes,
// so that one of a pair would end the link, or keep it from being one.
func EscapeLink(text string) string {
	return linkEscaper.Replace(Escape(text))
}

var (
	images    = regexp.MustCompile(`!\[([^\]\n]*)\]\([^)\n]*\)`)
	links     = regexp.MustCompile(`\[([^\]\n]+)\]\([^)\n]*\)`)
	codeSpans = regexp.MustCompile("(`+)([^`\n]+)`+")
	bold      = regexp.MustCompile(`(\*\*|__)([^\s*_](?:[^\n]*?[^\s*_])?)(\*\*|__)`)
	strike    = regexp.MustCompile(`~~([^~\n]+)~~`)
	italicA   = regexp.MustCompile(`\*([^\s*](?:[^*\n]*[^\s*])?)\*`)
	italicU   = regexp.MustCompile(`(^|\W)_([^\s_](?:[^_\n]*[^\s_])?)_(\W|$)`)
	leading   = regexp.MustCompile(`(?m)^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+)`)
)

// Strip removes the Markdown of a single line of user text and keeps its words.
func Strip(text string) string {
	text = images.ReplaceAllString(text, "$1")
	text = links.ReplaceAllString(text, "$1")
	text = leading.ReplaceAllString(text, "")
	text = codeSpans.ReplaceAllString(text, "$2")
	text = bold.ReplaceAllString(text, "$2")
	text = strike.ReplaceAllString(text, "$1")
	text = italicA.ReplaceAllString(text, "$1")
	text = italicU.ReplaceAllString(text, "$1$2$3")
	return strings.TrimSpace(text)
}
