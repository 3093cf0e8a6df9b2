package incident

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIsBlank(t *testing.T) {
	for _, text := range []string{"", " \n\t", "\u00a0\u3000", "\u200b\u2060\ufeff", "\u200d\ufe0f", "\u202e", "\u3164", "\x00", "\u2800\u2800"} {
		assert.True(t, IsBlank(text), "%q", text)
	}
	for _, text := range []string{"a", " 障 ", "\u200bx", "👩‍💻", "\u0301", "__", "…"} {
		assert.False(t, IsBlank(text), "%q", text)
	}
}
