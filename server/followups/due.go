package followups

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxAhead is how far in the future a due date may be that was typed, in years.
const maxAhead = 10

var (
	userName = regexp.MustCompile(`^@[a-zA-Z0-9._-]+$`)
	interval = regexp.MustCompile(`^([0-9]{1,4})(m|h|d|w)$`)
	date     = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

// arguments are what follows "/incident followup add".
type arguments struct {
	title string
	// owner is a user's name, or "".
	owner string
	// due is in Unix milliseconds, 0 for none.
	due int64
}

// readArguments reads a title that is followed by "@owner" and "due …", in any order. zone is that of the user.
func readArguments(words []string, zone *time.Location, now time.Time) (a arguments, err error) {
	for len(words) > 0 {
		last := words[len(words)-1]
		at := dueAt(words)
		switch {
		case a.owner == "" && userName.MatchString(last):
			a.owner, words = strings.ToLower(strings.TrimRight(last[1:], ".")), words[:len(words)-1]
			continue
		case a.due == 0 && at >= 0:
			if a.due, err = parseDue(words[at+1:], zone, now); err != nil {
				return a, err
			}
			words = words[:at]
			continue
		}
		break
	}
	a.title = strings.Join(words, " ")
	if a.title == "" {
		return a, capability.UsageError("Say what is to be done: `/incident followup add <title> [@owner] [due 2026-12-01]`.")
	}
	return a, nil
}

// dueAt is the position of the word "due" at which a due date begins that ends the words, or -1.
func dueAt(words []string) int {
	n := len(words)
	if n >= 2 && strings.EqualFold(words[n-2], "due") {
		last := strings.ToLower(words[n-1])
		if date.MatchString(last) || last == "today" || last == "tomorrow" || interval.MatchString(last) || startsWithDigit(last) {
			return n - 2
		}
	}
	if n >= 3 && strings.EqualFold(words[n-3], "due") && startsWithDigit(words[n-1]) && (strings.EqualFold(words[n-2], "in") || date.MatchString(words[n-2])) {
		return n - 3
	}
	return -1
}

func startsWithDigit(word string) bool { return word != "" && word[0] >= '0' && word[0] <= '9' }

// parseDue reads what follows the word "due". A day without a time ends with its last minute.
func parseDue(words []string, zone *time.Location, now time.Time) (int64, error) {
	now = now.In(zone)
	first := strings.ToLower(words[0])
	endOf := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 0, 0, zone) }
	var due time.Time
	var err error
	switch {
	case len(words) == 2 && first == "in":
		due, err = after(strings.ToLower(words[1]), now)
	case len(words) == 2:
		due, err = time.ParseInLocation("2006-01-02 15:04", first+" "+words[1], zone)
	case first == "today":
		due = endOf(now)
	case first == "tomorrow":
		due = endOf(now.AddDate(0, 0, 1))
	case interval.MatchString(first):
		due, err = after(first, now)
	default:
		if due, err = time.ParseInLocation("2006-01-02", first, zone); err == nil {
			due = endOf(due)
		}
	}
	if err != nil {
		return 0, capability.UsageError("The due date %s cannot be read. Write it as `due 2026-12-01`, `due 2026-12-01 14:00`, `due tomorrow`, or `due in 3d` (m, h, d or w).",
			line(incident.Truncate(strings.Join(words, " "), 40)))
	}
	if due.Before(now) {
		return 0, capability.UsageError("The due date %s has passed. Give one in the future.", clock(due.UnixMilli(), zone))
	}
	if due.After(now.AddDate(maxAhead, 0, 0)) {
		return 0, capability.UsageError("The due date is more than %d years away. Give an earlier one.", maxAhead)
	}
	return due.UnixMilli(), nil
}

// after adds an interval such as 3d to a time.
func after(text string, now time.Time) (time.Time, error) {
	parts := interval.FindStringSubmatch(text)
	if parts == nil {
		return now, strconv.ErrSyntax
	}
	n, err := strconv.Atoi(parts[1])
	switch parts[2] {
	case "m":
		return now.Add(time.Duration(n) * time.Minute), err
	case "h":
		return now.Add(time.Duration(n) * time.Hour), err
	case "w":
		n *= 7
	}
	return now.AddDate(0, 0, n), err
}
