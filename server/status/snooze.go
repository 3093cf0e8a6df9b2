package status

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// minSnooze is the shortest time for which a status update is put off, in seconds.
const minSnooze = 60

// Snooze makes the next status update due in some seconds, minSnooze to incident.MaxReminderSeconds, and removes the displayed reminder
// post. An incident that has ended is a Conflict. postID is the reminder post whose button was pressed, or "".
func (u *updates) Snooze(ctx context.Context, userID, id string, seconds int64, postID string) (incident.Incident, error) {
	r, err := u.core.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return incident.Incident{}, err
	}
	if seconds < minSnooze || seconds > incident.MaxReminderSeconds {
		return incident.Incident{}, incident.InvalidField("seconds", "seconds must be between %d and %d.", minSnooze, incident.MaxReminderSeconds)
	}
	c, err := u.core.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.PlanUpdate(now + seconds*1000)
	})
	if err != nil {
		return incident.Incident{}, err
	}
	u.removePressed(&c, postID)
	return c.After, nil
}

func (u *updates) snoozeRoutes(mayEdit func(r *capability.Request) error) []capability.Route {
	const one = capability.IncidentPath
	return []capability.Route{
		{Method: http.MethodPost, Path: one + "/snooze", Permission: mayEdit, Handle: u.handleSnooze},
		{Method: http.MethodPost, Path: one + "/reminder/button-snooze", For: capability.ForButtons, Permission: mayEdit, Handle: u.snoozePressed},
	}
}

func (u *updates) handleSnooze(r *capability.Request) (capability.Answer, error) {
	var in struct {
		Seconds int64 `json:"seconds"`
	}
	if err := r.Decode(&in); err != nil {
		return capability.Answer{}, err
	}
	inc, err := u.Snooze(r.Context(), r.UserID, r.Var("id"), in.Seconds, "")
	return capability.Answer{Body: inc}, err
}

func (u *updates) snoozePressed(r *capability.Request) (capability.Answer, error) {
	var in struct {
		capability.Click
		Context struct {
			Seconds int64 `json:"seconds"`
		} `json:"context"`
	}
	err := r.Decode(&in)
	if err == nil {
		err = in.Check()
	}
	if err != nil {
		return capability.Answer{}, err
	}
	_, err = u.Snooze(r.Context(), r.UserID, r.Var("id"), in.Context.Seconds, in.PostID)
	return nothing, err
}

func (u *updates) snoozeCommand() capability.Command {
	return capability.Command{Name: "snooze", After: "end",
		Usage: []capability.Usage{{Arguments: " [15m]", Help: i18n.N("Put off the next status update by minutes, hours (h) or days (d).")}},
		Suggestion: func() *model.AutocompleteData {
			snooze := model.NewAutocompleteData("snooze", "[15m]", i18n.N("Put off the next status update"))
			snooze.AddTextArgument(i18n.N("For how long, such as 15m, 2h or 1d"), "[15m]", "")
			return snooze
		},
		Run: func(ctx context.Context, c *capability.Call) error {
			seconds, ok := parseDuration(strings.Join(c.Words, ""))
			if !ok {
				return capability.UsageError("Say for how long, such as `/incident snooze 15m`, `2h` or `1d`.")
			}
			inc, err := c.Incident(ctx)
			if err != nil {
				return err
			}
			if _, err = u.Snooze(ctx, c.UserId, inc.ID, seconds, ""); err != nil {
				return err
			}
			c.Say(c.T("The next status update is due in %s.", incident.FormatDuration(seconds*1000)))
			return nil
		}}
}

// units are those of parseDuration, in seconds.
var units = map[string]int64{"s": 1, "sec": 1, "m": 60, "min": 60, "": 60, "h": 3600, "hr": 3600, "d": 24 * 3600}

// parseDuration reads a time span such as 15m, 1h30m, 2d or 15, which are minutes. ok is false for other texts.
func parseDuration(text string) (seconds int64, ok bool) {
	text = strings.ToLower(text)
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		n, err := strconv.ParseInt(text[:digits], 10, 32)
		if err != nil {
			return 0, false
		}
		text = text[digits:]
		letters := len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyz"))
		unit, known := units[text[:letters]]
		if !known || seconds > math.MaxInt64/4 {
			return 0, false
		}
		seconds, text, ok = seconds+n*unit, text[letters:], true
	}
	return seconds, ok
}

// snoozed are the times for which a reminder offers to put the update off.
var snoozed = []time.Duration{15 * time.Minute, time.Hour}
