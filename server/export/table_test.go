package export

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A table in a message stays one, with what is in its cells harmless. What only looks like one is text.
func TestQuote_Tables(t *testing.T) {
	for typed, want := range map[string]string{
		"See:\n| Host | *State* |\n|---|:--:|\n| a \\| b | @all |\n|`x \\| y`| <b> |\nend": "> See:\n>\n> | Host | \\*State\\* |\n> | --- | :--: |\n> | a \\| b | @\u200ball |\n> | `x \\| y` | \\<b\\> |\n>\n> end",
		"a | b\n-|-\n1 | 2":                "> | a | b |\n> | - | - |\n> | 1 | 2 |",
		"\n| a |\n|---|\n\n| b |\n| --- |": ">\n> | a |\n> | --- |\n>\n> | b |\n> | --- |",
		"| a | b |\n|---|":                 "> \\| a \\| b \\|\\\n> \\|---\\|",
		"a | b\nc | d":                     "> a \\| b\\\n> c \\| d",
		"```\n| a |\n|---|\n```":           "> ```\n> | a |\n> |---|\n> ```",
		"| a |\n|---|\n# head\n| b |":      "> | a |\n> | --- |\n>\n> \\# head\\\n> \\| b \\|",
	} {
		require.Equal(t, want, quote(typed), typed)
	}
}
