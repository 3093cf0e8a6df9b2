// Package settings reads what administrators have chosen for the plugin in the System Console or in config.json.
package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
)

// The keys of plugin.json's settings_schema, and the keys of version 1.2.0, which had to be written into config.json by hand.
// Mattermost lower-cases keys in some sources.
const (
	KeyCreators     = "PlaybookCreators"
	KeyCreatorList  = "PlaybookCreatorList"
	KeyCopiesTo     = "LogCopiesTo"
	KeyCopiesLevel  = "LogCopiesLevel"
	keyOldUsers     = "AllowedUserIDs"
	keyOldLevel     = "AdminLogLevel"
	defaultLevel    = "error"
	creatorsAll     = "everyone"
	creatorsAdmins  = "team_admins"
	creatorsListed  = "list"
	maxUsers        = 500 // of a list; what follows is reported and left out
	maxEchoedLength = 64
)

// Levels of the log, in ascending order.
var Levels = []string{"debug", "info", "warn", "error"}

// Settings are the plugin's settings, with defaults filled in.
type Settings struct {
	Creators access.Creators
	// CopiesTo are user names (in lower case, without @) and user ids of those who get copies of the log.
	CopiesTo []string
	// CopiesLevel is the position in Levels from which on lines are copied.
	CopiesLevel int
	// Testing and Developer are ServiceSettings.EnableTesting and EnableDeveloper of Mattermost.
	Testing, Developer bool
	// Problems say, for administrators, which values are wrong, and what counts in their place.
	Problems []string
}

// Read reads the plugin's section of Mattermost's configuration, which may be nil, and config. Nothing in them is an
// error: wrong values are listed in Problems.
func Read(section map[string]interface{}, config *model.Config) Settings {
	r := reader{section: section}
	var s Settings
	s.Creators = r.creators()
	s.CopiesTo, s.CopiesLevel = r.copies()
	if config != nil {
		s.Testing = config.ServiceSettings.EnableTesting != nil && *config.ServiceSettings.EnableTesting
		s.Developer = config.ServiceSettings.EnableDeveloper != nil && *config.ServiceSettings.EnableDeveloper
	}
	s.Problems = r.problems
	return s
}

type reader struct {
	section  map[string]interface{}
	problems []string
}

func (r *reader) wrong(format string, args ...interface{}) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// value finds a key in any letter case. Of several the one in lower case counts, which the System Console writes.
func (r *reader) value(key string) interface{} {
	lower := strings.ToLower(key)
	if value, ok := r.section[lower]; ok {
		return value
	}
	if value, ok := r.section[key]; ok {
		return value
	}
	for name, value := range r.section {
		if strings.EqualFold(name, key) {
			return value
		}
	}
	return nil
}

// word reads a setting that is one of a few words, in any letter case. known is false for another value, which is then in Problems.
func (r *reader) word(key, standard string, allowed []string, instead string) (word string, known bool) {
	value := r.value(key)
	text, isText := value.(string)
	text = strings.ToLower(strings.TrimSpace(text))
	switch {
	case value == nil || isText && text == "":
		return standard, true
	case slices.Contains(allowed, text):
		return text, true
	}
	r.wrong("The setting %s must be one of %s, not %s. Until it is corrected, %s.", key, strings.Join(allowed, ", "), shown(value), instead)
	return "", false
}

// users reads a list of user names and ids: a text with commas, spaces or line breaks between them, or a list of texts.
func (r *reader) users(key string) []string {
	var words []string
	switch value := r.value(key).(type) {
	case nil:
	case string:
		words = split(value)
	case []interface{}:
		for _, entry := range value {
			text, ok := entry.(string)
			if !ok {
				r.wrong("The setting %s names a user as %s: write user names or user ids.", key, shown(entry))
				continue
			}
			words = append(words, split(text)...)
		}
	case []string:
		words = append(words, value...)
	default:
		r.wrong("The setting %s must be user names or user ids, separated by commas, not %s. It is ignored.", key, shown(value))
	}
	var users []string
	for _, word := range words {
		name := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(word), "@"))
		switch {
		case name == "" || slices.Contains(users, name):
		case !validUser(name):
			r.wrong("The setting %s names %s, which is neither a user name nor a user id. It is ignored.", key, shown(word))
		case len(users) == maxUsers:
			r.wrong("The setting %s names more than %d users: those beyond are ignored.", key, maxUsers)
			return users
		default:
			users = append(users, name)
		}
	}
	return users
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\t' || c == '\r' })
}

// validUser reports whether a text could be a user name or an id: letters, digits, ".", "-" and "_", at most 64.
func validUser(name string) bool {
	return len(name) <= model.USER_NAME_MAX_LENGTH && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}

func (r *reader) creators() access.Creators {
	mode, known := r.word(KeyCreators, creatorsAll, []string{creatorsAll, creatorsAdmins, creatorsListed}, "only system administrators may create playbooks")
	switch {
	case !known:
		return access.Creators{Who: access.NobodyElse}
	case mode == creatorsAdmins:
		return access.Creators{Who: access.TeamAdmins}
	case mode == creatorsListed:
		users := r.users(KeyCreatorList)
		if len(users) == 0 {
			r.wrong("The setting %s is %q, but %s names nobody: only system administrators may create playbooks.", KeyCreators, creatorsListed, KeyCreatorList)
		}
		return access.Creators{Who: access.Listed, Users: users}
	default:
		return access.Creators{Who: access.Everybody}
	}
}

// copies reads who gets copies of the log. What was written by hand for version 1.2.0 counts as long as the setting of
// the System Console names nobody.
func (r *reader) copies() (users []string, level int) {
	levelKey := KeyCopiesLevel
	if users = r.users(KeyCopiesTo); len(users) == 0 {
		users, levelKey = r.users(keyOldUsers), keyOldLevel
	}
	word, _ := r.word(levelKey, defaultLevel, Levels, "errors are copied")
	if level = slices.Index(Levels, word); level < 0 {
		level = slices.Index(Levels, defaultLevel)
	}
	return users, level
}

// shown quotes a wrong value for the log.
func shown(value interface{}) string {
	text := []rune(fmt.Sprint(value))
	if len(text) > maxEchoedLength {
		text = append(text[:maxEchoedLength], '…')
	}
	return fmt.Sprintf("%q", string(text))
}
