package incident

import (
	"strconv"
	"strings"
)

// FormatDuration writes a duration given in milliseconds: "< 1m" below a minute (also negative), else the
// non-zero parts of days, hours and minutes, as in "1d 2h 5m". It rounds to the second first.
func FormatDuration(ms int64) string {
	seconds := (ms + 500) / 1000
	if seconds < 60 {
		return "< 1m"
	}
	var parts []string
	for _, unit := range []struct {
		name    string
		seconds int64
	}{{"d", 24 * 60 * 60}, {"h", 60 * 60}, {"m", 60}} {
		if n := seconds / unit.seconds; n > 0 {
			parts = append(parts, strconv.FormatInt(n, 10)+unit.name)
		}
		seconds %= unit.seconds
	}
	return strings.Join(parts, " ")
}
