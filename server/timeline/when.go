package timeline

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	clockPattern = regexp.MustCompile(`^([0-9]{1,2})[:.]([0-9]{2})$`)
	datePattern  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	agoPattern   = regexp.MustCompile(`^([0-9]{1,4}d)?([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?$`)
)

// splitTime takes a time from the end of what was typed: "at 14:05", "at 2026-11-29 14:05", "at 2026-11-29T14:05" or "20m ago", "1h30m ago",
// "2d ago". A time of day is the last one that has passed in the time zone of now. found is false if there is no time: then all
// of it is text.
func splitTime(words []string, now time.Time) (rest []string, at time.Time, found bool) {
	n := len(words)
	if n >= 2 && strings.EqualFold(words[n-1], "ago") {
		if d, ok := parseAgo(strings.ToLower(words[n-2])); ok {
			return words[:n-2], now.Add(-d), true
		}
	}
	if n >= 3 && strings.EqualFold(words[n-3], "at") && datePattern.MatchString(words[n-2]) {
		if at, ok := parseDay(words[n-2], words[n-1], now.Location()); ok {
			return words[:n-3], at, true
		}
	}
	if n >= 2 && strings.EqualFold(words[n-2], "at") {
		if day, clock, both := strings.Cut(strings.ToUpper(words[n-1]), "T"); both && datePattern.MatchString(day) {
			if at, ok := parseDay(day, clock, now.Location()); ok {
				return words[:n-2], at, true
			}
		}
		if hour, minute, ok := parseClock(words[n-1]); ok {
			at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, now.Location())
			if at.After(now) {
				at = time.Date(now.Year(), now.Month(), now.Day()-1, hour, minute, 0, 0, now.Location())
			}
			return words[:n-2], at, true
		}
	}
	return words, now, false
}

func parseClock(word string) (hour, minute int, ok bool) {
	parts := clockPattern.FindStringSubmatch(word)
	if parts == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(parts[1])
	minute, _ = strconv.Atoi(parts[2])
	return hour, minute, hour < 24 && minute < 60
}

func parseDay(day, clock string, zone *time.Location) (time.Time, bool) {
	date, err := time.ParseInLocation("2006-01-02", day, zone)
	hour, minute, ok := parseClock(clock)
	if err != nil || !ok {
		return time.Time{}, false
	}
	return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, zone), true
}

// parseAgo reads a duration such as 20m, 1h30m or 2d.
func parseAgo(word string) (total time.Duration, ok bool) {
	parts := agoPattern.FindStringSubmatch(word)
	if word == "" || parts == nil {
		return 0, false
	}
	for n, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if part := parts[n+1]; part != "" {
			count, _ := strconv.Atoi(part[:len(part)-1])
			total += time.Duration(count) * unit
		}
	}
	return total, true
}
