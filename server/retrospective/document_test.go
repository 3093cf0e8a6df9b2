package retrospective

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func ptr[T any](value T) *T { return &value }

// stored is a document of three sections, as it was stored with revision 1.
func stored() Document {
	d := newDocument("i", []TemplateSection{{Key: "summary", Heading: "Summary", Draft: Summary}, {Key: "impact", Heading: "Impact", Draft: Impact}, {Key: "own", Heading: "Own"}},
		map[Part][]made{Summary: {{"one", []Ref{{refEvent, "a"}}}, {"two", []Ref{{refEvent, "b"}}}}, Impact: {{"three", []Ref{{refEntry, "c"}}}}})
	d.begin("anna", 100)
	return d
}

func TestNewDocument(t *testing.T) {
	d := stored()
	require.Equal(t, int64(1), d.Revision)
	require.Equal(t, Drafted, d.State)
	require.Equal(t, "one\ntwo", d.section("summary").Text)
	require.Equal(t, []Sentence{{0, []Ref{{refEvent, "a"}}}, {1, []Ref{{refEvent, "b"}}}}, d.section("summary").Sentences)
	require.Equal(t, []string{}, d.section("own").Questions)
	require.Empty(t, d.section("own").Text)
	require.Equal(t, int64(1), d.section("own").Revision)
}

func TestEdit_IsRefusedOnAnOldRevisionOfTheSection(t *testing.T) {
	d := stored()
	changed, err := d.apply("summary", edit{text: ptr("mine"), expected: ptr(int64(1))}, "boris", 200)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, int64(2), d.Revision)

	_, err = d.apply("summary", edit{text: ptr("theirs"), expected: ptr(int64(1))}, "anna", 300)
	require.ErrorIs(t, err, errOutdated)
	require.Equal(t, "mine", d.section("summary").Text)

	// Somebody in another section does not meet them.
	changed, err = d.apply("impact", edit{text: ptr("big"), expected: ptr(int64(1))}, "anna", 300)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, int64(3), d.section("impact").Revision)
	require.Equal(t, int64(2), d.section("summary").Revision)

	// The same text again, as after an answer that was lost, changes nothing.
	changed, err = d.apply("impact", edit{text: ptr("big"), expected: ptr(int64(1))}, "anna", 400)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, int64(3), d.Revision)

	_, err = d.apply("nothing", edit{text: ptr("x")}, "anna", 400)
	require.ErrorIs(t, err, errNoSection)
}

func TestEdit_KeepsLinksOfLinesThatAreLeft(t *testing.T) {
	d := stored()
	_, err := d.apply("summary", edit{text: ptr("Mine.\r\ntwo\r\n\r\nEnd.")}, "boris", 200)
	require.NoError(t, err)
	s := d.section("summary")
	s.link()
	require.Equal(t, Edited, s.Origin)
	require.Equal(t, []Sentence{{1, []Ref{{refEvent, "b"}}}}, s.Sentences)
}

func TestRegenerate_NeverTouchesWhatAPersonHasWritten(t *testing.T) {
	d := stored()
	_, err := d.apply("summary", edit{text: ptr("mine")}, "boris", 200)
	require.NoError(t, err)
	drafts := map[Part][]made{Summary: {{"other", []Ref{{refEvent, "x"}}}}, Impact: {{"other", []Ref{{refEvent, "y"}}}}}
	_, err = d.regenerate(drafts, ptr(int64(1)), "anna", 300)
	require.ErrorIs(t, err, errOutdated)
	d = stored()
	_, err = d.apply("summary", edit{text: ptr("mine")}, "boris", 200)
	require.NoError(t, err)
	changed, err := d.regenerate(drafts, ptr(int64(2)), "anna", 300)
	require.NoError(t, err)
	require.Len(t, changed, 1)
	require.Equal(t, "mine", d.section("summary").Text)
	require.Equal(t, "other", d.section("impact").Text)
	require.Equal(t, Generated, d.section("impact").Origin)
	require.Equal(t, int64(3), d.section("impact").Revision)
	require.Equal(t, int64(300), d.DraftedAt)

	changed, err = d.regenerate(drafts, ptr(int64(1)), "anna", 400)
	require.NoError(t, err, "what is so already is no change, whatever the revision")
	require.Empty(t, changed)
	require.Equal(t, int64(3), d.Revision)

	// On demand, the generated text comes back.
	ok, err := d.apply("summary", edit{generated: drafts[Summary], expected: ptr(int64(2))}, "anna", 500)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "other", d.section("summary").Text)
	require.Equal(t, Generated, d.section("summary").Origin)
}

func TestPublished_IsNotEditedUntilItIsReopened(t *testing.T) {
	d := stored()
	publish, reopen := Moved{Kind: EventPublished, Before: Drafted, After: Published}, Moved{Kind: EventReopened, Before: Published, After: Drafted}
	require.ErrorIs(t, d.move(reopen, nil, "anna", 200), errNotPublished)
	require.ErrorIs(t, d.move(publish, ptr(int64(7)), "anna", 200), errOutdated)
	require.NoError(t, d.move(publish, ptr(int64(1)), "anna", 200))
	require.Equal(t, int64(200), d.PublishedAt)
	require.ErrorIs(t, d.move(publish, nil, "anna", 300), errAlreadyPublished)
	_, err := d.apply("summary", edit{text: ptr("mine")}, "boris", 300)
	require.ErrorIs(t, err, errPublished)
	_, err = d.regenerate(nil, nil, "boris", 300)
	require.ErrorIs(t, err, errPublished)
	require.NoError(t, d.move(reopen, ptr(int64(2)), "boris", 400))
	require.Equal(t, Drafted, d.State)
	require.Equal(t, "anna", d.PublishedByID, "who has published it last stays")
	_, err = d.apply("summary", edit{text: ptr("mine")}, "boris", 500)
	require.NoError(t, err)
}

// What an event says is read as it was written.
func TestEvents_AreReadAsTheyWereWritten(t *testing.T) {
	for _, e := range events() {
		m := Moved{Kind: e.Type, Before: Drafted, After: Published, Broadcast: true}
		before, after := m.Sides()
		b, err := json.Marshal(before)
		require.NoError(t, err)
		a, err := json.Marshal(after)
		require.NoError(t, err)
		read, err := e.Decode(b, a)
		require.NoError(t, err)
		require.Equal(t, m, read)
		require.True(t, own(e.Type))
	}
}

// FuzzEdit edits a section with any text: what is stored can be read again, and links name lines of the text.
func FuzzEdit(f *testing.F) {
	for _, content := range []string{"", "one", "one\ntwo", "two\r\none\n\none", "# x\n```\n", "\xff", "a\x00b", strings.Repeat("ä", MaxText), strings.Repeat("x", MaxText+1), "\u2028one\u0085two"} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content string) {
		e := edit{text: &content}
		err := e.check()
		valid := utf8.ValidString(content) && !strings.ContainsRune(content, 0) && utf8.RuneCountInString(content) <= MaxText
		if valid != (err == nil) || err != nil && !incident.IsKind(err, incident.Invalid) {
			t.Fatalf("%q: %v", content, err)
		}
		if err != nil {
			return
		}
		d := stored()
		changed, err := d.apply("summary", e, "anna", 200)
		if err != nil || changed == (content == "one\ntwo") {
			t.Fatalf("%q: changed %v, %v", content, changed, err)
		}
		d.link()
		lines := strings.Split(content, "\n")
		for _, s := range d.section("summary").Sentences {
			if line := strings.TrimSuffix(lines[s.Line], "\r"); line != "one" && line != "two" {
				t.Fatalf("%q: line %d has links", content, s.Line)
			}
		}
	})
}
