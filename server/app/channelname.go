package app

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxStoredName is the width of the column on MySQL, in characters.
const maxStoredName = 1024

// storedName checks an incident's name and returns it as it is stored and shown: as typed, with the spaces around it, but on
// one line. Control characters, line breaks and tabs among them, become spaces.
func storedName(name string) (string, error) {
	if err := incident.CheckText("name", name, maxStoredName); err != nil {
		return "", err
	}
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' { // the last two are line and paragraph separators
			return ' '
		}
		return c
	}, strings.ReplaceAll(name, "\r\n", " "))
	if incident.IsBlank(name) {
		return "", incident.InvalidField("name", "The name is empty. Say in a few words what has happened.")
	}
	return name, incident.CheckText("name", strings.TrimSpace(name), incident.MaxName)
}

// channelNames are the names in the address of an incident's channel: the one to try, the one to try if that is taken, and the
// one to try if the server refuses it.
func channelNames(name string) []string {
	random := "incident-" + randomLetters(8)
	derived := channelName(name)
	if derived == "" {
		return []string{random, "incident-" + randomLetters(8), random}
	}
	return []string{derived, strings.TrimRight(derived[:min(len(derived), 59)], "-_") + "-" + randomLetters(4), random}
}

var (
	notInChannelName = regexp.MustCompile(`[^a-z0-9_\s]`)
	// directName is the form of the names of direct and group messages, which channels must not have.
	directName = regexp.MustCompile(`^([a-z0-9]{26}__[a-z0-9]{26}|[a-f0-9]{40})$`)
)

// channelName derives the name of an incident's channel as version 1.2.0 did, because automations rely on it. What
// Mattermost 5.28 to 11 may refuse is taken away on all of them: underscores at the ends. It is "" if less than two
// characters are left, or if the name looks like that of a direct or group message: then a random one is needed.
func channelName(name string) string {
	name = strings.ReplaceAll(strings.TrimSpace(strings.ToLower(name)), "-", " ")
	name = notInChannelName.ReplaceAllString(name, "")
	name = strings.Trim(strings.ReplaceAll(name, " ", "-"), "-_")
	if len(name) < incident.MinChannelName || directName.MatchString(name) {
		return ""
	}
	return name
}

func randomLetters(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}
