package incident

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestErrorsRepeatLittleOfWhatWasSent(t *testing.T) {
	for _, long := range []string{strings.Repeat("1", 1_000_000), strings.Repeat("ä", 1_000_000), strings.Repeat("\xff", 1_000_000)} {
		e := InvalidField(long, "must not be %s.", long).WithDetails(long)
		for what, text := range map[string]string{"message": e.Message, "details": e.Details, "field": e.Field} {
			assert.LessOrEqual(t, len([]rune(text)), maxErrorText+1, what)
			assert.Less(t, len(text), 4*maxErrorText, what)
			assert.Equal(t, text, strings.ToValidUTF8(text, ""), what)
		}
		assert.Less(t, len(e.Error()), 8000)
	}
	exact := strings.Repeat("ä", maxErrorText)
	assert.Equal(t, exact, NewError(Invalid, "c", "%s", exact).Message)
	assert.Equal(t, "short", NewError(Invalid, "c", "short").WithDetails("d").Message)
}

func TestTruncate(t *testing.T) {
	for text, want := range map[string]string{"": "", "abc": "abc", "abcd": "ab…", "ж語語": "ж語語", "ж語語語": "ж語…", "😀😀😀": "😀😀😀", "😀😀😀😀": "😀😀…", strings.Repeat("x", 1<<20): "xx…"} {
		if got := Truncate(text, 3); got != want {
			t.Errorf("Truncate(%.20q, 3) = %q, want %q", text, got, want)
		}
	}
}
