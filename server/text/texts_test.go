package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}

func TestUserTextIsNeverAFormat(t *testing.T) {
	const text = "100% done %s %d %!v(MISSING) %%"
	has(t, In(nil).TaskState("anna", text, incident.Closed), text)
	has(t, In(nil).Assigned("anna", text, "", "boris"), text)
	has(t, In(nil).StageChanged("anna", text, "next"), text)
	has(t, In(nil).OriginalPost("http://site", Original{ID: "post", Message: text}), "> "+text)
}

func TestTaskInProgressHasItsOwnWording(t *testing.T) {
	seen := map[string]incident.State{}
	for _, state := range []incident.State{incident.Open, incident.InProgress, incident.Closed} {
		text := In(nil).TaskState("anna", "task", state)
		if other, taken := seen[text]; taken {
			t.Errorf("%q and %q are announced alike: %s", other, state, text)
		}
		seen[text] = state
	}
	if strings.Contains(In(nil).TaskState("anna", "task", incident.InProgress), "checked") {
		t.Error("work in progress is announced as checked off")
	}
}

func TestBothAssigneesAreMentioned(t *testing.T) {
	has(t, In(nil).Assigned("anna", "task", "boris", "clara"), "**@boris**", "**@clara**")
	has(t, In(nil).Assigned("anna", "task", "", "clara"), "*nobody*", "**@clara**")
	has(t, In(nil).Assigned("anna", "task", "boris", ""), "**@boris**", "*nobody*")
	has(t, In(nil).Assigned("anna", "task", Unknown, "clara"), "*someone*", "**@clara**") // not nobody
}

func TestEveryLineOfTheOriginalPostIsQuoted(t *testing.T) {
	has(t, In(nil).OriginalPost("http://site", Original{ID: "post", Message: "one\ntwo\r\n\nthree"}), "\n> one\n> two\n> \n> three", "http://site/_redirect/pl/post")
}

func TestLongOriginalPostIsShortened(t *testing.T) {
	for name, message := range map[string]string{
		"one line": strings.Repeat("x", 16383), "only line breaks": strings.Repeat("\n", 16383),
		"wide characters": strings.Repeat("語", 16383), "mentions": strings.Repeat("@", 16383), "mentions in lines": strings.Repeat("@\n", 8191),
	} {
		if n := utf8.RuneCountInString(In(nil).OriginalPost("http://site", Original{ID: "post", Message: message})); n > incident.MaxMessage {
			t.Errorf("%s: %d characters", name, n)
		}
	}
}

func TestStarterIsNamed(t *testing.T) {
	has(t, In(nil).Started("anna", "boris"), "started by @anna", "Commander: @boris")
	has(t, In(nil).Started("anna", "anna"), "@anna")
}

func TestUserTextCannotBreakTheLayout(t *testing.T) {
	got := Escape("a|b [c](d) ~e *f* _g_ `h` <i> # @all\nnext")
	for _, bad := range []string{"a|", " [c]", " ~e", " *f*", " _g_", " <i>", "@all", "\n"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q still contains %q", got, bad)
		}
	}
	if got := Escape("ab\u202ecd\u2066 مشكلة\u2028x"); got != "\u2068abcd مشكلة x\u2069" {
		t.Errorf("got %q", got)
	}
	if text := In(nil).TaskState("anna", "ping @all", incident.Closed); strings.Contains(text, "@all") {
		t.Errorf("a task title notifies everybody: %s", text)
	}
	// Mattermost's web client does not heed a backslash before a bracket in a link's text.
	if text := EscapeLink("x](http://evil) [y"); text != "x&#93;(http://evil) &#91;y" {
		t.Errorf("a channel name breaks out of its link: %s", text)
	}
	if got := Escape(`C:\temp <prod>`); got != "C:\\temp <\u200bprod>" { // in push notifications, escapes would be seen
		t.Errorf("got %q", got)
	}
	if text := In(nil).OriginalPost("http://site", Original{ID: "post", Message: "ping @all"}); strings.Contains(text, "@all") {
		t.Errorf("the quote notifies everybody: %s", text)
	}
}

func TestLongTaskTitleIsShortened(t *testing.T) {
	long := strings.Repeat("語", incident.MaxTaskTitle)
	for _, text := range []string{In(nil).TaskState("anna", long, incident.Closed), In(nil).Assigned("anna", long, "a", "b"), In(nil).StageChanged("anna", long, long)} {
		if n := utf8.RuneCountInString(text); n > 1000 {
			t.Errorf("%d characters", n)
		}
	}
}

func TestStrip(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "**bold** and *it*": "bold and it", "[link](http://x)": "link", "`code`": "code", "~~gone~~": "gone",
		"# head": "head", "> quote": "quote", "- item": "item", "![image](http://x)": "image", "snake_case_name": "snake_case_name",
		"_it_": "it", "2 * 3 * 4": "2 * 3 * 4", "": "", "100%": "100%",
	} {
		if got := Strip(text); got != want {
			t.Errorf("Strip(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestMissingUsersHaveAName(t *testing.T) {
	for _, text := range []string{In(nil).Ended(""), In(nil).Restarted(""), In(nil).CommanderChanged("", "", "b"), In(nil).Announcement("", "c", true), In(nil).Announcement("", "c", false)} {
		if strings.Contains(text, "@ ") || strings.Contains(text, "@*") || strings.Contains(text, "@.") || strings.Contains(text, "@,") {
			t.Errorf("an empty mention in %q", text)
		}
		if first, _ := utf8.DecodeRuneInString(text); !unicode.IsUpper(first) {
			t.Errorf("%q does not begin like a sentence", text)
		}
	}
}

// Kinds of events that capabilities have registered have words of their own.
func TestOwnEventsHaveWords(t *testing.T) {
	e := &incident.Event{ActorID: "anna", Payload: ownEvent{}}
	person := func(userID string) string { return "@" + userID }
	voice := Voice{Person: person, Escape: Escape}
	if Announced(e.Payload) || Sentence(e, voice) != "" {
		t.Error("an event without words is announced")
	}
	RegisterEvent("own", Words{Post: func(_ *i18n.Language, e *incident.Event, name func(string) string) string {
		return name(e.ActorID) + " did it."
	},
		Sentence: func(_ *incident.Event, who string, v Voice) string { return who + " did " + v.Escape("*") + "." }})
	defer words.Delete(incident.EventType("own"))
	if got := In(nil).ChangePost(e, person); got != "@anna did it." || !Announced(e.Payload) {
		t.Errorf("announced as %q", got)
	}
	if got := Sentence(e, voice); got != `@anna did \*.` {
		t.Errorf("told as %q", got)
	}
}

type ownEvent struct{}

func (ownEvent) Type() incident.EventType           { return "own" }
func (ownEvent) Sides() (before, after interface{}) { return nil, nil }
