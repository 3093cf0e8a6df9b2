package testtools

import (
	"context"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// The first and the last day on which a test incident may start. The start is never 0, which means "not set", and
// stays within what a 64-bit number of nanoseconds can hold.
var (
	firstDay = time.Date(1970, time.January, 2, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(2262, time.April, 11, 0, 0, 0, 0, time.UTC)
)

const dayFormat = "2006-01-02"

// parseDay reads a date in UTC; name says in the error which argument is wrong.
func parseDay(name, text string) (time.Time, error) {
	day, err := time.ParseInLocation(dayFormat, text, time.UTC)
	if err != nil {
		return day, capability.UsageError("The %s must have the form YYYY-MM-DD, for example 2020-11-23.", name)
	}
	if day.Before(firstDay) || day.After(lastDay) {
		return day, capability.UsageError("The %s must be between %s and %s.", name, firstDay.Format(dayFormat), lastDay.Format(dayFormat))
	}
	return day, nil
}

func millis(t time.Time) int64 { return t.Unix() * 1000 }

// createIncident starts an incident as of a date.
func (t *tools) createIncident(ctx context.Context, c *capability.Call) error {
	if len(c.Words) < 3 {
		return capability.UsageError("Give a playbook, a date and a name: `/incident test create-incident [playbook ID] [YYYY-MM-DD] [incident name]`.")
	}
	playbookID := c.Words[0]
	if !model.IsValidId(playbookID) {
		return capability.UsageError("The playbook ID must have 26 letters and digits. The suggestions list your playbooks.")
	}
	day, err := parseDay("date", c.Words[1])
	if err != nil {
		return err
	}
	p, err := t.svc.Playbook(ctx, c.UserId, playbookID)
	if err != nil {
		return err
	}
	if p.TeamID != c.TeamId {
		return capability.UsageError("This playbook belongs to another team. Choose a playbook of this team.")
	}
	if !p.HasMember(c.UserId) {
		return capability.UsageError("You are not a member of this playbook. Ask one of its members to share it with you.")
	}
	_, link, err := t.startAt(ctx, c, playbookID, strings.Join(c.Words[2:], " "), millis(day))
	if err != nil {
		return err
	}
	c.Say("The incident " + link + " was created.")
	return nil
}

// startAt starts an incident as of a time (Unix ms) and returns a link to its channel.
func (t *tools) startAt(ctx context.Context, c *capability.Call, playbookID, name string, at int64) (incident.Incident, string, error) {
	inc, err := t.svc.Start(ctx, app.StartRequest{
		RequesterID: c.UserId, CommanderID: c.UserId, TeamID: c.TeamId, PlaybookID: playbookID, Name: name, CreateAt: at,
	})
	if err != nil {
		return inc, "", err
	}
	channel, err := t.host.Channel(inc.ChannelID)
	if err != nil {
		return inc, "—", nil //nolint:nilerr // the incident exists, only its link cannot be shown
	}
	return inc, "~" + channel.Name, nil
}
