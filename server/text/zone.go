package text

import (
	"time"
	_ "time/tzdata" // servers in small containers have no time zones of their own

	"github.com/mattermost/mattermost-server/v5/model"
)

// Zone is the time zone that a user has chosen in Mattermost, UTC if it is not known.
func Zone(user *model.User) *time.Location {
	name := user.GetPreferredTimezone()
	if zone, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		return zone
	}
	return time.UTC
}
