package status

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestBroadcastText(t *testing.T) {
	got := broadcastText(nil, "Server down", "team", "post", "anna", 3_660_000, true, "All **well**")
	for _, part := range []string{"# [Server down](/team/pl/post)\n", "@anna", "1h 1m", "Ongoing", "\n***\n", "All **well**"} {
		require.Contains(t, got, part)
	}
	ended := broadcastText(nil, "c", "t", "p", "a", 0, false, "m")
	require.Contains(t, ended, "Ended")
	require.Contains(t, ended, "< 1m")
	long := broadcastText(nil, "c", "t", "p", "a", 0, true, strings.Repeat("語", incident.MaxMessage))
	require.LessOrEqual(t, utf8.RuneCountInString(long), incident.MaxMessage)
}

func TestTexts_UserTextIsNoFormatAndNoMarkup(t *testing.T) {
	const text = "100% done %s %d %!v(MISSING) %%"
	require.Contains(t, broadcastText(nil, "Channel", "team", "post", "anna", 0, true, text), text)
	// Mattermost's web client does not heed a backslash before a bracket in a link's text.
	require.True(t, strings.HasPrefix(broadcastText(nil, "x](http://evil) [y", "team", "post", "anna", 0, true, "m"), "# [x&#93;(http://evil) &#91;y](/team/pl/post)\n"))
}

func TestTexts_MissingUsersHaveAName(t *testing.T) {
	require.Equal(t, "Please post a status update.", askCommander(nil, ""))
	require.Equal(t, "@anna, please post a status update.", askCommander(nil, "anna"))
	require.Contains(t, askOthers(nil, "", nil), "The commander is not an active member")
	require.Contains(t, broadcastText(nil, "c", "t", "p", "", 0, true, "m"), "By someone | ")
}

// Those are mentioned by name who would not hear of @channel.
func TestTexts_OthersAreAskedByName(t *testing.T) {
	many := strings.Fields("a b c d e f g h i j k")
	for what, c := range map[string]struct {
		names []string
		asks  string
	}{
		"nobody known": {nil, "@channel, please post a status update. The commander, `anna`, is not"},
		"one":          {[]string{"boris"}, "@boris, please post"},
		"some":         {[]string{"boris", "clara"}, "@boris, @clara, please post"},
		"the most":     {many[:capability.MaxAsked], "@a, @b, @c, @d, @e, @f, @g, @h, @i, @j, please post"},
		"too many":     {many, "@a, @b, @c, @d, @e, @f, @g, @h, @i, @j, @channel, please post"},
	} {
		require.True(t, strings.HasPrefix(askOthers(nil, "anna", c.names), c.asks), "%s: %s", what, askOthers(nil, "anna", c.names))
	}
}
