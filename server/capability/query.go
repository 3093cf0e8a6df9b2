package capability

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Choice reads a parameter of a URL that has a few allowed values, in any letter case, as lower case. A missing or empty one is
// standard. Its error is Invalid and names the allowed values.
func Choice(q url.Values, name, standard string, allowed ...string) (string, error) {
	value := strings.ToLower(q.Get(name))
	if value == "" {
		return standard, nil
	}
	for _, x := range allowed {
		if x == value {
			return value, nil
		}
	}
	return "", incident.InvalidField(name, "%s must be one of: %s.", name, strings.Join(allowed, ", "))
}

// Number reads a parameter of a URL between 0 and max. A missing or empty one is 0. Its error is Invalid.
func Number(q url.Values, name string, max int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > max {
		return 0, incident.InvalidField(name, "%s must be a whole number between 0 and %d.", name, max)
	}
	return n, nil
}
