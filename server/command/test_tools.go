package command

import (
	"context"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errAdminsOnly error = incident.NewError(incident.Forbidden, "admin.required", "Only system administrators may do this.")

// test runs the test tools, which exist only on test systems and only for administrators.
func (h *Handler) test(ctx context.Context, c *call) error {
	if !h.testing() {
		return refuse("The test commands work only if the setting EnableTesting of the server is on.")
	}
	if !h.svc.IsAdmin(c.UserId) {
		return errAdminsOnly
	}
	name := ""
	if len(c.words) > 0 {
		name, c.words = strings.ToLower(c.words[0]), c.words[1:]
	}
	switch name {
	case "create-incident":
		return h.testCreate(ctx, c)
	case "bulk-data":
		return h.testBulk(ctx, c)
	case "self":
		return h.testSelf(ctx, c)
	default:
		return refuse("Say which test command: `/incident test create-incident`, `/incident test bulk-data` or `/incident test self`.")
	}
}

// nuke deletes everything that the plugin stored.
func (h *Handler) nuke(ctx context.Context, c *call) error {
	if !h.testing() {
		h.help(c, "")
		return nil
	}
	if !h.svc.IsAdmin(c.UserId) {
		return errAdminsOnly
	}
	if strings.Join(c.words, " ") != "CONFIRM NUKE" {
		return refuse("This deletes **all** incidents and playbooks of this server, and cannot be undone. If you are sure, type `/incident nuke-db CONFIRM NUKE`.")
	}
	if err := h.svc.Nuke(ctx, c.UserId); err != nil {
		return err
	}
	h.say(c, "All incidents and playbooks were deleted. Their channels and posts are still there.")
	return nil
}

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
		return day, refuse("The %s must be a date in the form YYYY-MM-DD, for example 2020-11-23.", name)
	}
	if day.Before(firstDay) || day.After(lastDay) {
		return day, refuse("The %s must be between %s and %s.", name, firstDay.Format(dayFormat), lastDay.Format(dayFormat))
	}
	return day, nil
}

func millis(t time.Time) int64 { return t.Unix() * 1000 }

func (h *Handler) testCreate(ctx context.Context, c *call) error {
	if len(c.words) < 3 {
		return refuse("Give a playbook, a date and a name: `/incident test create-incident [playbook ID] [YYYY-MM-DD] [incident name]`.")
	}
	playbookID := c.words[0]
	if !model.IsValidId(playbookID) {
		return refuse("The playbook ID must have 26 letters and digits. The suggestions list your playbooks.")
	}
	day, err := parseDay("timestamp", c.words[1])
	if err != nil {
		return err
	}
	p, err := h.svc.Playbook(ctx, c.UserId, playbookID)
	if err != nil {
		return err
	}
	if p.TeamID != c.TeamId {
		return refuse("This playbook belongs to another team. Choose a playbook of this team.")
	}
	if !p.HasMember(c.UserId) {
		return refuse("You are not a member of this playbook. Ask one of its members to share it with you.")
	}
	_, link, err := h.startAt(ctx, c, playbookID, strings.Join(c.words[2:], " "), millis(day))
	if err != nil {
		return err
	}
	h.say(c, "The incident "+link+" was created.")
	return nil
}

// startAt starts an incident as of a time (Unix ms) and returns a link to its channel.
func (h *Handler) startAt(ctx context.Context, c *call, playbookID, name string, at int64) (incident.Incident, string, error) {
	inc, err := h.svc.Start(ctx, app.StartRequest{
		RequesterID: c.UserId, CommanderID: c.UserId, TeamID: c.TeamId, PlaybookID: playbookID, Name: name, CreateAt: at,
	})
	if err != nil {
		return inc, "", err
	}
	channel, err := h.host.Channel(inc.ChannelID)
	if err != nil {
		return inc, nothing, nil //nolint:nilerr // the incident exists, only its link cannot be shown
	}
	return inc, "~" + channel.Name, nil
}
