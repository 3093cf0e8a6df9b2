package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// kind says what a part of a line is.
type kind int

const (
	plain kind = iota
	code
	address
)

type piece struct {
	kind
	text string
}

var lineBreaks = strings.NewReplacer(
	"\r\n", " ", "\n", " ", "\r", " ", "\v", " ", "\f", " ", "\u0085", " ", "\u2028", " ", "\u2029", " ",
	"\u2424", " ", // Mattermost's web client breaks lines at this sign
	"\x00", "",
	// These turn the direction of what follows, our own words included. Scripts written from right to left do not need them.
	"\u202a", "", "\u202b", "", "\u202c", "", "\u202d", "", "\u202e", "", "\u2066", "", "\u2067", "", "\u2068", "", "\u2069", "",
)

// oneLine makes one line of a text, without changes of direction.
func oneLine(text string) string { return lineBreaks.Replace(strings.ToValidUTF8(text, "\uFFFD")) }

// addressStart is how addresses begin that Mattermost's clients make links of.
var addressStart = regexp.MustCompile(`^(?i:[a-z][a-z0-9+.-]{1,31}://|mailto:|tel:|www\d{0,3}\.|[\pL\d][\pL\d.-]*\.\pL{2,4}/)`)

// pieces takes a line apart.
func pieces(line string) []piece {
	var found []piece
	start := 0
	add := func(k kind, from, to int) {
		if from > start {
			found = append(found, piece{plain, line[start:from]})
		}
		found = append(found, piece{k, line[from:to]})
		start = to
	}
	wordStart := true
	for n := 0; n < len(line); {
		if line[n] == '\\' && n+1 < len(line) && line[n+1] == '`' {
			n += 2
			wordStart = true
			continue
		}
		if line[n] == '`' {
			end, isCode := codeEnd(line, n)
			if isCode {
				add(code, n, end)
			}
			n, wordStart = end, true
			continue
		}
		r, size := utf8.DecodeRuneInString(line[n:])
		if word := unicode.IsLetter(r) || unicode.IsDigit(r); wordStart && word {
			if m := addressStart.FindString(line[n:]); m != "" {
				if end := addressEnd(line, n+len(m)); end > n+len(m) {
					add(address, n, end)
					n, wordStart = end, true
					continue
				}
			}
		}
		wordStart = !(unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("+.-", r))
		n += size
	}
	if start < len(line) {
		found = append(found, piece{plain, line[start:]})
	}
	return found
}

// codeEnd returns the end of the code that begins with the backticks at from, or the end of the backticks.
func codeEnd(line string, from int) (end int, isCode bool) {
	run := func(at int) int {
		n := at
		for n < len(line) && line[n] == '`' {
			n++
		}
		return n - at
	}
	length := run(from)
	for at := from + length; at < len(line); {
		next := strings.IndexByte(line[at:], '`')
		if next < 0 {
			break
		}
		at += next
		closing := run(at)
		if closing == length {
			return at + closing, true
		}
		at += closing
	}
	return from + length, false
}

// notLast are characters that do not end an address.
const notLast = "!([{;:'\",?.«»“”‘’"

// addressEnd returns the end of an address whose beginning ends at from.
func addressEnd(line string, from int) int {
	end := from
	for n := from; n < len(line); {
		r, size := utf8.DecodeRuneInString(line[n:])
		if unicode.IsSpace(r) || strings.ContainsRune("`<>)", r) || strings.HasPrefix(line[n:], "](") {
			break
		}
		if r == '(' { // a pair, as in …/Name_(disambiguation)
			size = 1
			for depth := 1; depth > 0; size++ {
				if n+size >= len(line) || strings.IndexByte(" \t`<>", line[n+size]) >= 0 {
					return end
				}
				switch line[n+size] {
				case '(':
					depth++
				case ')':
					depth--
				}
			}
			n += size
			end = n
			continue
		}
		n += size
		if !strings.ContainsRune(notLast, r) && r != ']' {
			end = n
		}
	}
	return end
}

// unsafeInAddress is what ends our bold type, or struck out text, in an address.
var unsafeInAddress = regexp.MustCompile(`\*{2,}|~{2,}|\*$|\\$`)

var percent = strings.NewReplacer("*", "%2A", "~", "%7E", `\`, "%5C")

// place is where in our text a user text is shown.
type place int

const (
	anywhere place = iota // also at the start of a line
	inside                // behind words of ours
	inLink                // in the text of a link
)

// Escape makes user text harmless within a line of Markdown: no styles, table cells, mentions, line breaks or changes of
// direction, and no links other than the addresses in it. Code between backticks stays code.
func Escape(text string) string { return render(pieces(oneLine(text)), anywhere) }

// EscapeLink is Escape for the text of a link. Code and addresses are plain text there.
func EscapeLink(text string) string {
	return render([]piece{{plain, oneLine(text)}}, inLink)
}

// rightToLeft finds letters of Hebrew, Arabic and the other scripts that are written from right to left.
var rightToLeft = regexp.MustCompile(`[\x{0590}-\x{08ff}\x{fb1d}-\x{fdff}\x{fe70}-\x{fefc}]`)

// isolated lets a line with letters from right to left have its own direction (FSI and PDI of UAX 9). Without them such a name draws the
// numbers and signs of ours that follow it to its other side. A line that ends with an address is left: Mattermost would take the sign for
// a part of the address.
func isolated(line string, parts []piece) string {
	if !rightToLeft.MatchString(line) || parts[len(parts)-1].kind == address {
		return line
	}
	return "\u2068" + line + "\u2069"
}

// Transform returns a line with its parts replaced: code between backticks, addresses, and the text between.
func Transform(line string, between, codes, addresses func(string) string) string {
	var b strings.Builder
	for _, p := range pieces(line) {
		switch p.kind {
		case code:
			b.WriteString(codes(p.text))
		case address:
			b.WriteString(addresses(p.text))
		default:
			b.WriteString(between(p.text))
		}
	}
	return b.String()
}

// Quiet keeps each @ in a text from beginning a mention.
func Quiet(text string) string {
	var b strings.Builder
	var before rune
	for n, r := range text {
		b.WriteRune(r)
		if after, _ := utf8.DecodeRuneInString(text[n+utf8.RuneLen(r):]); r == '@' && startsMention(before, after) {
			b.WriteString(guard)
		}
		before = r
	}
	return b.String()
}

// Code shows a text of one line as code. The text may contain backquotes.
func Code(text string) string {
	text = oneLine(text)
	ticks, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		ticks = max(ticks, run)
	}
	fence, pad := strings.Repeat("`", ticks+1), ""
	if ticks > 0 || strings.TrimSpace(text) == "" {
		pad = " "
	}
	return fence + pad + text + pad + fence
}

// render writes the parts of a line as Markdown, in its own direction.
func render(parts []piece, where place) string {
	rest := ""
	for _, p := range parts {
		if p.kind == plain {
			rest += p.text + "\x00"
		}
	}
	brackets := keepsBrackets(rest)
	var b strings.Builder
	type span struct{ from, to int }
	var addresses []span
	for n, p := range parts {
		from := b.Len()
		switch {
		case p.kind == code && !strings.Contains(p.text, "**"):
			b.WriteString(p.text)
		case p.kind == address:
			b.WriteString(unsafeInAddress.ReplaceAllStringFunc(p.text, percent.Replace))
			addresses = append(addresses, span{from, b.Len()})
		default:
			escape(&b, p.text, where, n == 0, n == len(parts)-1, brackets)
		}
	}
	// What Mattermost does not take for an address, it looks for mentions in.
	line := b.String()
	const before = "x "
	done := 0
	b.Reset()
	for _, at := range mentions(before + line) {
		at -= len(before)
		if at <= done || at > len(line) || line[at-1] != '@' {
			continue
		}
		sign := "@" + guard
		for _, a := range addresses {
			if at > a.from && at <= a.to {
				sign = "%40"
			}
		}
		b.WriteString(line[done:at-1] + sign)
		done = at
	}
	return isolated(b.String()+line[done:], parts)
}

// keepsBrackets reports whether the brackets of a line are pairs, not nested, that cannot be a link.
func keepsBrackets(text string) bool {
	open := false
	for n, r := range text {
		switch r {
		case '[':
			if open {
				return false
			}
			open = true
		case ']':
			if !open || n+1 < len(text) && strings.IndexByte("([:", text[n+1]) >= 0 {
				return false
			}
			open = false
		}
	}
	return !open
}

var (
	entity = regexp.MustCompile(`^&(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});`)
	// marker is what begins a list, a heading, a quote or a rule at the start of a line.
	marker = regexp.MustCompile(`^\s*(?:[-+>#=]|\d{1,9}[.)])`)
)

const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

// escape writes plain text. first and last say whether it begins and ends the line.
func escape(b *strings.Builder, text string, where place, first, last, brackets bool) {
	mark := -1
	if first && where == anywhere {
		mark = len(marker.FindString(text)) - 1
	}
	var before rune
	raw := true // whether the sign before is as it was typed
	for n, r := range text {
		rest := text[n+utf8.RuneLen(r):]
		after, _ := utf8.DecodeRuneInString(rest)
		if rest == "" {
			after = 0
		}
		alone := unicode.IsSpace(before) && unicode.IsSpace(after)
		sign := string(r)
		switch {
		case r == '@':
			if after == 0 && !last {
				after = 'x' // code or an address
			}
			if startsMention(before, after) {
				sign += guard
			}
		case r == '\\':
			if after == 0 || strings.ContainsRune(punctuation, after) {
				sign = "&#92;" // the web client shows the first of two backslashes
			}
		case r == '`', r == '*' && !alone,
			r == '_' && !(raw && isASCIIWord(before)),
			r == '~' && !alone && (after < '0' || after > '9' || before == '~'),
			r == '#' && unicode.IsLetter(after) && !isASCIIWord(before),
			n == mark:
			sign = `\` + sign
		case r == '|' && where == anywhere:
			sign = `\|`
		case r == '[' && !brackets && where != inLink:
			sign = `\[`
		case r == '[' && !brackets:
			sign = "&#91;"
		case r == ']' && !brackets && where == inLink:
			sign = "&#93;"
		case r == '&' && entity.MatchString(text[n:]):
			sign = "&amp;"
		case r == '<' && (unicode.IsLetter(after) || strings.ContainsRune("/!?", after)) && strings.Contains(rest, ">"):
			sign += guard // clients show a tag, but servers leave it out of push notifications
		}
		b.WriteString(sign)
		before, raw = r, sign == string(r)
	}
}

// isASCIIWord reports whether an underscore behind a character is a part of a word in all clients.
func isASCIIWord(r rune) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// Title shows the title of a stage or task behind words of ours: without its Markdown, except for code, and cut to maxTitle
// characters. One that shows nothing is a dash.
func Title(text string) string {
	room := maxTitle
	var parts []piece
	for _, p := range stripped(text) {
		length := utf8.RuneCountInString(p.text)
		if length <= room {
			parts = append(parts, p)
			room -= length
			continue
		}
		// Half an address leads nowhere, and half of code is none.
		if p.kind == address || room == 0 {
			p.text = "…"
		} else {
			p.text = incident.Truncate(p.text, room)
		}
		parts = append(parts, piece{plain, p.text})
		break
	}
	if shown := render(parts, inside); shown != "" {
		return shown
	}
	return "—"
}
