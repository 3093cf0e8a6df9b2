package host

import (
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

const (
	// localeAge is how long a user's language is remembered.
	localeAge = 5 * time.Minute
	// maxLocales is how many are remembered, at about 100 bytes.
	maxLocales = 10_000
)

// locales remembers the languages of users, since each text for a user needs it.
type locales struct {
	mu    sync.Mutex
	known map[string]knownLocale
}

type knownLocale struct {
	locale string
	until  time.Time
}

func (l *locales) note(user *model.User) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil || len(l.known) >= maxLocales {
		l.known = map[string]knownLocale{}
	}
	l.known[user.Id] = knownLocale{user.Locale, time.Now().Add(localeAge)}
}

func (l *locales) of(userID string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, found := l.known[userID]
	return k.locale, found && time.Now().Before(k.until)
}

// Locale is the language that a user has chosen, at most some minutes old. It is that of the server if it cannot be read.
func (h *Host) Locale(userID string) string {
	if config := h.Config(); config != nil && config.LocalizationSettings.AvailableLocales != nil {
		// Only one language is offered: nobody has another one.
		if only := strings.TrimSpace(*config.LocalizationSettings.AvailableLocales); only != "" && !strings.Contains(only, ",") {
			return only
		}
	}
	if locale, known := h.locales.of(userID); known {
		return locale
	}
	if userID != "" {
		if user, err := h.User(userID); err == nil { // which notes it
			return user.Locale
		}
	}
	return h.DefaultLocale()
}

// DefaultLocale is the language of the server, in which posts are written for everybody.
func (h *Host) DefaultLocale() string {
	if config := h.Config(); config != nil && config.LocalizationSettings.DefaultServerLocale != nil {
		return *config.LocalizationSettings.DefaultServerLocale
	}
	return ""
}
