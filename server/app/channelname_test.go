package app

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestChannelName(t *testing.T) {
	for name, want := range map[string]string{
		"Server down - EU (1)": "server-down---eu-1", "  Server  ": "server", "-a-b-": "a-b", "Авария": "", "Авария 1": "1",
		"snake_case": "snake_case", "Ünïcode": "ncode", "a/b\\c": "abc", "": "", "---": "", "100%": "100",
	} {
		assert.Equal(t, want, channelName(name), "%q", name)
	}
}

func TestRandomSuffix(t *testing.T) {
	seen := map[string]bool{}
	for n := 0; n < 50; n++ {
		suffix := randomSuffix()
		assert.Regexp(t, regexp.MustCompile(`^[a-z0-9]{4}$`), suffix)
		seen[suffix] = true
	}
	assert.Greater(t, len(seen), 40)
}
