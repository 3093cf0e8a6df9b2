package app

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestChannelName(t *testing.T) {
	for name, want := range map[string]string{
		"Server down - EU (1)": "server-down---eu-1", "  Server  ": "server", "-a-b-": "a-b",
		"snake_case": "snake_case", "Ünïcode": "ncode", "a/b\\c": "abc", "100%": "100", "Авария 12": "12",
		// What the servers disagree about.
		"disk full_": "disk-full", "_disk": "disk", "disk -_-": "disk", "a__b": "a__b",
		// Nothing, or too little, is left.
		"Авария": "", "Авария 1": "", "": "", "---": "", "__": "", "_-_": "", "a": "", "データベース障害": "", "👩‍💻🔥": "", "á": "",
		// Names of direct and group messages.
		strings.Repeat("a", 26) + "__" + strings.Repeat("b", 26): "", strings.Repeat("0af", 13) + "0": "", strings.Repeat("0", 41): strings.Repeat("0", 41),
	} {
		assert.Equal(t, want, channelName(name), "%q", name)
	}
}

// For every name, each of the three addresses is one that all servers take, and the second is another one.
func TestChannelNames(t *testing.T) {
	for _, name := range []string{"Server down", strings.Repeat("x", 64), strings.Repeat("-y", 32), strings.Repeat("z_", 32), "障害", "__", "é", "1",
		strings.Repeat("a", 26) + "__" + strings.Repeat("b", 26), "a" + strings.Repeat(" ", 57) + "bcdef"} {
		names := channelNames(name)
		assert.Len(t, names, 3)
		assert.NotEqual(t, names[0], names[1], "%q", name)
		for _, one := range names {
			assert.LessOrEqual(t, len(one), 64, "%q", name)
			assert.GreaterOrEqual(t, len(one), 2, "%q", name)
			assert.True(t, model.IsValidChannelIdentifier(one), "%q: %q", name, one)
		}
	}
	seen := map[string]bool{}
	for range 50 {
		seen[channelNames("障害")[0]] = true
	}
	assert.Len(t, seen, 50)
}

func TestStoredName(t *testing.T) {
	for name, want := range map[string]string{
		"ab\ncd": "ab cd", "ab\r\ncd": "ab cd", "a\tb": "a b", "a\u2028b\u0085c": "a b c", " Server ": " Server ", "x": "x", "é": "é",
		"עברית \u200f(1)": "עברית \u200f(1)", "a\u200bb": "a\u200bb", "👩\u200d💻": "👩\u200d💻", "\u0301": "\u0301", "🏳️\u200d🌈": "🏳️\u200d🌈",
		strings.Repeat("障", 64): strings.Repeat("障", 64), " " + strings.Repeat("e", 64) + "\n": " " + strings.Repeat("e", 64) + " ",
	} {
		got, err := storedName(name)
		assert.NoError(t, err, "%q", name)
		assert.Equal(t, want, got, "%q", name)
	}
	for _, name := range []string{"", "  ", "\n\t", "\u200b", "\u200d\ufe0f", "\u3164", "\u2060 \u00ad", "a\x00b", "\xff", strings.Repeat("障", 65), strings.Repeat(" ", 1024) + "a"} {
		_, err := storedName(name)
		e, ok := incident.AsError(err)
		if assert.True(t, ok, "%q", incident.Truncate(name, 10)) {
			assert.Equal(t, "name", e.Field)
			assert.NotContains(t, e.Message, "Latin")
			assert.Greater(t, utf8.RuneCountInString(e.Message), 10)
		}
	}
}

func TestChannelName_LettersThatHaveALatinLowerCase(t *testing.T) {
	assert.Equal(t, "istanbul-down-k8s", channelName("İstanbul down \u212a8s"))
}
