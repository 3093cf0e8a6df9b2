package text

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/utils/markdown"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// notified lists the mentions that Mattermost finds in a message: its parser says what is text, and words are split as it
// splits them.
func notified(message string) (names []string) {
	buffer := ""
	flush := func() {
		for _, word := range strings.FieldsFunc(buffer, func(r rune) bool {
			return !strings.ContainsRune(":.-_@", r) && !unicode.IsLetter(r) && !unicode.IsNumber(r)
		}) {
			for _, part := range append(strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune(".-:", r) }), word) {
				if name := strings.Trim(part, ":.-_"); strings.HasPrefix(name, "@") && len(name) > 1 {
					names = append(names, name)
				}
			}
		}
		buffer = ""
	}
	defer func() {
		if recover() != nil { // the parser fails, so that every name counts
			names = nil
			for _, word := range strings.FieldsFunc(message, func(r rune) bool { return r != '@' && !unicode.IsLetter(r) }) {
				if strings.HasPrefix(word, "@") && len(word) > 1 {
					names = append(names, word)
				}
			}
		}
	}()
	markdown.Inspect(strings.ToValidUTF8(message, "?"), func(node interface{}) bool {
		if a, ok := node.(*markdown.Autolink); ok { // later versions end an address there
			flush()
			if _, rest, cut := strings.Cut(strings.ReplaceAll(a.Children[0].(*markdown.Text).Text, "<", ">"), ">"); cut {
				buffer = rest
				flush()
			}
			return false
		}
		if t, ok := node.(*markdown.Text); ok {
			buffer += t.Text
			return false
		}
		flush()
		return true
	})
	flush()
	slices.Sort(names)
	return slices.Compact(names)
}

func TestWhatCannotNotifyStaysAsItIsInTheQuote(t *testing.T) {
	for _, message := range []string{
		"ssh deploy@db1", "mail ops+db@example.com", "5 @ 3 €", "`@all`", "`` a ` @here ``", "```\nssh @db1\n@all\n```", "~~~sh\n@channel\n~~~",
		"````\n```\n@all\n```\n````", "text\n\n    @all in indented code\n", "https://medium.com/@all/x_y_z", "www.example.com/@here", "[text](https://x/@all)",
		"> ```\n> @all\n> ```", "```\nan open block @all", "user@host.example.com:22", "git@github.com:team/repo.git",
	} {
		want := "\n> " + strings.ReplaceAll(strings.TrimRight(message, "\n"), "\n", "\n> ")
		if got := In(nil).OriginalPost("http://site", Original{ID: "post", Message: message}); !strings.HasSuffix(got, want) || len(notified(got)) > 0 {
			t.Errorf("%q becomes %q, which notifies %q", message, got, notified(got))
		}
	}
	if got := In(nil).OriginalPost("http://site", Original{Message: "ask @anna &#64;all, &nGt;@here"}); !strings.HasSuffix(got, "\n> ask @\u200banna &#64;\u200ball, &nGt;@\u200bhere") {
		t.Errorf("entities become %q", got)
	}
	if got := In(nil).OriginalPost("http://site", Original{Message: "a\n\n\tssh @db1"}); !strings.HasSuffix(got, "\n> a\n> \n>     ssh @db1") {
		t.Errorf("code behind a tab becomes %q", got)
	}
}

func TestWhatWouldNotifyDoesNotInTheQuote(t *testing.T) {
	for _, message := range []string{
		"@all", "(@here)", "-@channel", "_@anna_", "**@anna**", "ü@all", "a.@all", "a-@all", "a:@all", ":smile:@all", "&#64;all", "&commat;all", "&#x40;here", "@&#97;ll",
		`\@all`, "`@all", "```@all", "\\`@all\\`", "foo://@all", "http://@all", "[ https://x/@all", "[@all](https://x)", "![@all](https://x)", "<@all>", "@developers",
		"text\n    @all", "one\r@all", "one\r\r@all", "# @all", "| @all |\n|---|", "```\ncode\n```\n@all", "```\na\n ~~~\n```\n@all", "@ALL", "@all.", "@_x_", "[x]: https://y '@all'",
		strings.Repeat(">", 100) + "@all", "1. @all\n   - @here", "https://x>@all", "https://x<@here", "@all ![a](b =1", "@all\n![a](b =1x", "www @all", "w@all@here",
	} {
		got := In(nil).OriginalPost("http://site", Original{ID: "post", Message: message})
		if names := notified(got); len(names) > 0 {
			t.Errorf("%q becomes %q, which notifies %q", message, got, names)
		}
		for _, line := range strings.Split(got, "\n")[2:] {
			if !strings.HasPrefix(line, "> ") || strings.ContainsAny(line, "\r\u2424") {
				t.Errorf("%q breaks out of the quote: %q", message, got)
			}
		}
	}
}

func TestACutWithinCodeNotifiesNobody(t *testing.T) {
	for name, message := range map[string]string{
		"span": "`@all " + strings.Repeat("x ", maxQuote) + "`", "long ticks": "``@all ` " + strings.Repeat("x ", maxQuote) + "``",
		"block": "```\n@all " + strings.Repeat("x\n", maxQuote) + "```", "many": strings.Repeat("`@all`", maxQuote/6) + "`@here " + strings.Repeat("x", 100) + "`",
	} {
		if got := In(nil).OriginalPost("http://site", Original{ID: "post", Message: message}); len(notified(got)) > 0 {
			t.Errorf("%s: the quote notifies %q", name, notified(got))
		}
		long := "By @anna\n\n" + message + " tail `" + strings.Repeat("y ", 6000) + "`"
		for _, max := range []int{100, 4000, 7000, 8021} {
			short := Shorten(long, max)
			if n := utf8.RuneCountInString(short); n > max {
				t.Errorf("%s: %d characters of %d", name, n, max)
			}
			if names := notified(short); !slices.Equal(names, []string{"@anna"}) {
				t.Errorf("%s cut to %d notifies %q", name, max, names)
			}
		}
	}
}

func TestTitlesOfTasks(t *testing.T) {
	for typed, want := range map[string]string{
		"open https://grafana.example.com/d/abc_def_ghi":                                    "open https://grafana.example.com/d/abc_def_ghi",
		"see www.example.com/a_b_c, then (https://en.wikipedia.org/wiki/Mercury_(planet)).": "see www.example.com/a_b_c, then (https://en.wikipedia.org/wiki/Mercury_(planet)).",
		"wiki.example.com/_x_/y":  "wiki.example.com/_x_/y",
		"read <https://x.y/_a_>":  "read https://x.y/_a_",
		"[run_book](https://x_y)": "run_book",
		"ssh deploy@db1":          "ssh deploy@db1",
		"ask @anna":               "ask @\u200banna",
		"run `ssh deploy@db1`":    "run `ssh deploy@db1`",
		"run `` a`b_c @all ``":    "run `` a`b_c @all ``",
		"**run `a_b`** now":       "run `a_b` now",
		"```\nls *\n```":          "``` ls * ```",
		"`a**b`":                  "\\`a\\*\\*b\\`",
		"an `open tick":           "an \\`open tick",
		"restart web_01 & <db>":   "restart web_01 & <\u200bdb>",
		"a_b … web_01 & c < d":    "a_b … web_01 & c < d",
		"2 * 3":                   "2 * 3",
		"[P1] disk #1 is ~5 % full | C:\\temp, 50 %":     "[P1] disk #1 is ~5 % full | C:\\temp, 50 %",
		"tell ~town-square, #hashtag":                    "tell \\~town-square, \\#hashtag",
		"&amp; and R&D":                                  "&amp;amp; and R&D",
		`\\server\share and \*`:                          `&#92;\server\share and &#92;\*`,
		"https://x/**a**/@all":                           "https://x/%2A%2Aa%2A%2A/@all",
		"foo://@all":                                     "foo://%40all",
		"x [ https://x/@all":                             "x \\[ https://x/@all",
		"mailto:a_b@x.com and ssh://deploy@db_1/~/x":     "mailto:a_b@x.com and ssh://deploy@db_1/~/x",
		"__init__ of _private and snake_case_":           "init of \\_private and snake_case_",
		"https://k/app#/?_a=(index:'logs-*',q:(a:())) !": "https://k/app#/?_a=(index:'logs-*',q:(a:())) !",
		"":          "—",
		"a\u2424b":  "a b",
		"1. first":  "1. first",
		"- - point": "- point",
	} {
		if got := Title(typed); got != want {
			t.Errorf("%q becomes\n%q, want\n%q", typed, got, want)
		}
	}
}

func TestTitlesAreCutBetweenCodeAndAddresses(t *testing.T) {
	for _, tail := range []string{"`code that is @all long`", "https://x/@all_and_much_more", "plain_text @all and more"} {
		got := Title(strings.Repeat("x ", maxTitle/2-5) + tail)
		if n := utf8.RuneCountInString(got); n > maxTitle+10 || len(notified(got)) > 0 || !strings.HasSuffix(got, "…") {
			t.Errorf("%d characters: %q", n, got)
		}
	}
}

// Push notifications show the text of the post as it is.
func TestPushNotificationsReadWell(t *testing.T) {
	got := In(nil).TaskState("anna_b", "a_b … web_01 & <db>", incident.Closed)
	if got := strings.ReplaceAll(got, guard, ""); got != "anna_b checked off task **a_b … web_01 & <db>**." {
		t.Errorf("reads %q", got)
	}
}

func becomes(t *testing.T, shown func(string) string, typed, want string) {
	t.Helper()
	if got := shown(typed); got != want {
		t.Errorf("%q becomes %q, want %q", typed, got, want)
	}
}

func TestEscape_AtTheStartOfALine(t *testing.T) {
	for typed, want := range map[string]string{
		"# x": `\# x`, "- x": `\- x`, "+ x": `\+ x`, "1. x": `1\. x`, "23) x": `23\) x`, "> x": `\> x`, "---": `\---`, "#1": `\#1`, "1.5 GB": `1\.5 GB`, "a - b": "a - b", "a|b": `a\|b`,
		"__init__": `\_\_init__`, "see <https://x/_a_>": "see <https://x/_a_>", "`a_b`": "`a_b`",
	} {
		becomes(t, Escape, typed, want)
	}
}

// A name from right to left must not turn round what stands beside it in a sentence.
func TestEscape_TextsFromRightToLeftAreIsolated(t *testing.T) {
	for text, want := range map[string]string{
		"שלב (2)!":                          "\u2068שלב (2)!\u2069",
		"قاعدة *البيانات* 5":                "\u2068قاعدة \\*البيانات\\* 5\u2069",
		"disk שלב":                          "\u2068disk שלב\u2069",
		"\u202eשלב\u2067":                   "\u2068שלב\u2069",
		"ראו `df -h`":                       "\u2068ראו `df -h`\u2069",
		"ראו https://wiki.example.com/שלב":  "ראו https://wiki.example.com/שלב",
		"ראו https://wiki.example.com/a שם": "\u2068ראו https://wiki.example.com/a שם\u2069",
		"データベース障害":                          "データベース障害",
		"Сбой оплаты":                       "Сбой оплаты",
		"":                                  "",
	} {
		becomes(t, Escape, text, want)
	}
	for text, want := range map[string]string{"שלב 2": "\u2068שלב 2\u2069", "Stage 2": "Stage 2"} {
		becomes(t, EscapeLink, text, want)
		becomes(t, Title, "**"+text+"**", want)
	}
}

func TestEscapeLink(t *testing.T) {
	for typed, want := range map[string]string{
		"[P1] web_01": "[P1] web_01", "a]b": "a&#93;b", "[a](b)": "&#91;a&#93;(b)", "[[a]]": "&#91;&#91;a&#93;&#93;", "`a`": "\\`a\\`", "x @all": "x @\u200ball", "https://x/@all": "https://x/@\u200ball",
	} {
		becomes(t, EscapeLink, typed, want)
	}
}

func TestCode(t *testing.T) {
	for typed, want := range map[string]string{"/a_b": "`/a_b`", "a`b": "`` a`b ``", "``": "``` `` ```", "": "`  `", "a\nb": "`a b`"} {
		becomes(t, Code, typed, want)
	}
}

func TestQuoteOfPostsWithoutText(t *testing.T) {
	link := "Started from [this post](http://site/_redirect/pl/p)"
	field := func(title string, value interface{}) *model.SlackAttachmentField {
		return &model.SlackAttachmentField{Title: title, Value: value}
	}
	for _, x := range []struct {
		original Original
		want     string
	}{
		{Original{}, link + "."},
		{Original{Message: " \n\t"}, link + "."},
		{Original{Attachments: []*model.SlackAttachment{nil, {}, {Fields: []*model.SlackAttachmentField{nil, {}}}}}, link + "."},
		{Original{Attachments: []*model.SlackAttachment{{Pretext: "High load", Title: "db-1", TitleLink: "https://x/a_b", Text: "95 %\n`top`",
			Fields: []*model.SlackAttachmentField{field("Since", "10:00"), field("Count", 3.0), field("Big", 12345678.0), field("Up", true), field("", "alone")}}}},
			link + ":\n\n> High load\n> \n> db-1 https://x/a_b\n> \n> 95 %\n> `top`\n> \n> Since: 10:00\n> Count: 3\n> Big: 12345678\n> Up: true\n> : alone"},
		{Original{Attachments: []*model.SlackAttachment{{Fallback: "only this"}, {Text: "```\nopen"}, {Text: "@all"}}}, link + ":\n\n> only this\n> \n> ```\n> open\n> ```\n> \n> @\u200ball"},
		{Original{Files: []string{"error log.png", "a`b@all.txt"}}, link + ":\n\n> Files: `error log.png`, `` a`b@all.txt ``"},
		{Original{Message: "see\n", Files: []string{"a.png"}}, link + ":\n\n> see\n> \n> Files: `a.png`"},
	} {
		x.original.ID = "p"
		if got := In(nil).OriginalPost("http://site", x.original); got != x.want {
			t.Errorf("%+v becomes\n%q, want\n%q", x.original, got, x.want)
		}
	}
}

// FuzzUserText puts anything in the place of each user text. Nobody is notified but those whom the sentence names, no
// message is too long, and nothing breaks out of its line.
func FuzzUserText(f *testing.F) {
	for _, text := range []string{"", "@all", "`@all`", "a_b @here", "&#64;all", "[x](y) @channel", "https://x/@all", "``` @all\n```\n@here", "www.a.b/@all", "\\@all", "[ https://x/@all", "x`", "**@all**",
		"~~~\n@all\n~~~", "\t@all", "<https://x/@all>", "foo://@all", "a\r@all", "`a**b`", strings.Repeat("`@all` ", 2000), "&commat;all", "\x00", "\xff", "\u2424"} {
		f.Add(text, "b")
		f.Add("a", text)
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		var allowed []string
		check := func(name, message string) {
			t.Helper()
			for _, mention := range notified(message) {
				if !slices.Contains(allowed, mention) {
					t.Errorf("%s: %q notifies %s", name, message, mention)
				}
			}
			if n := utf8.RuneCountInString(message); n > incident.MaxMessage || !utf8.ValidString(message) {
				t.Errorf("%s: %d characters, valid %v", name, n, utf8.ValidString(message))
			}
		}
		line := func(name, message string) {
			t.Helper()
			check(name, message)
			if strings.ContainsAny(message, "\n\r\u2028\u2029\u2424") {
				t.Errorf("%s: %q has several lines", name, message)
			}
		}
		if utf8.RuneCountInString(one)+utf8.RuneCountInString(two) < 2000 {
			line("Escape", "Behind "+Escape(one)+" and "+Escape(two)+".")
			line("Escape alone", Escape(one))
			line("EscapeLink", "[ops "+EscapeLink(one)+"](https://x) "+Escape(two))
			line("Code", "`a` "+Code(one)+" and "+Code(two)+" @")
			line("StartedIn", In(nil).StartedIn(one, "channel"))
			line("CommandFailed", In(nil).CommandFailed(one, two))
		}
		line("StageChanged", In(nil).StageChanged("anna", one, two))
		line("TaskState", In(nil).TaskState("anna", one, incident.Closed))
		allowed = []string{"@b", "@c"}
		line("Assigned", In(nil).Assigned("anna", one, "b", "c"))
		allowed = nil
		check("OriginalPost", In(nil).OriginalPost("http://site", Original{ID: "p", Message: one, Files: []string{two}, Attachments: []*model.SlackAttachment{{Text: two, Title: one}}}))
		for _, l := range strings.Split(In(nil).OriginalPost("http://site", Original{ID: "p", Message: one}), "\n")[1:] {
			if l != "" && !strings.HasPrefix(l, "> ") && l != "…" {
				t.Errorf("OriginalPost: %q breaks out of the quote", l)
			}
		}
		// A cut notifies nobody whom the whole does not.
		allowed = notified(one + two)
		for _, max := range []int{10, 50, 200} {
			check(fmt.Sprint("Shorten ", max), Shorten(strings.ToValidUTF8(one+two, "?"), max))
		}
	})
}
