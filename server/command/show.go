package command

import (
	"context"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// maxListed is how many incidents /incident list shows.
	maxListed = 10
	nothing   = "—"
)

func (h *Handler) list(ctx context.Context, c *call) error {
	if c.TeamId == "" {
		return refuse("Incidents belong to teams: run `/incident list` in a team's channel.")
	}
	team, err := h.host.Team(c.TeamId)
	if err != nil {
		return err
	}
	ongoing := true
	page, err := h.svc.ListIncidents(ctx, c.UserId, app.Filter{
		TeamID: c.TeamId, OnlyMember: true, MemberID: c.UserId, Active: &ongoing, Sort: "create_at", Descending: true, PerPage: maxListed,
	})
	if err != nil {
		return err
	}
	name := text.Escape(team.DisplayName)
	if page.TotalCount == 0 {
		h.say(c, c.T("You are not a member of any ongoing incident in **%s**.", name))
		return nil
	}
	var attachments []*model.SlackAttachment
	mentions := map[string]string{}
	for i := range page.Items {
		id := page.Items[i].CommanderUserID
		if mentions[id] == "" {
			mentions[id] = h.mention(id)
		}
		if a := h.listed(c, &page.Items[i], mentions[id]); a != nil {
			attachments = append(attachments, a)
		}
	}
	text := c.T("Your ongoing incidents of the team **%s**:", name)
	if missing := len(page.Items) - len(attachments); missing > 0 {
		text += c.T(" %d cannot be shown, because the channel is gone.", missing)
	}
	if page.TotalCount > len(page.Items) {
		text += c.T(" The newest %d of %d are shown; open the list of incidents to see all.", len(page.Items), page.TotalCount)
	}
	h.showAttachments(c, text, attachments)
	return nil
}

// listed describes one incident, or is nil if its channel cannot be read.
func (h *Handler) listed(c *call, inc *incident.Incident, commander string) *model.SlackAttachment {
	channel, err := h.host.Channel(inc.ChannelID)
	if err != nil {
		h.log.Warn("An incident was left out of a list, because its channel could not be read.", "incident_id", inc.ID, "channel_id", inc.ChannelID, "error", err.Error())
		return nil
	}
	return &model.SlackAttachment{
		Pretext: "### ~" + channel.Name,
		Fields: []*model.SlackAttachmentField{
			{Title: c.T("Stage:"), Value: stageTitle(inc, "**")},
			{Title: c.T("Duration:"), Value: duration(inc)},
			{Title: c.T("Commander:"), Value: commander},
		},
	}
}

// stageTitle is the active stage's title between marks, or a dash.
func stageTitle(inc *incident.Incident, mark string) string {
	stage := inc.CurrentStage()
	if stage == nil || strings.TrimSpace(stage.Title) == "" {
		return nothing
	}
	return mark + text.Escape(strings.TrimSpace(stage.Title)) + mark
}

// duration is how long the incident has lasted, or did until it ended.
func duration(inc *incident.Incident) string {
	until := model.GetMillis()
	if !inc.IsActive && inc.EndAt > 0 {
		until = inc.EndAt
	}
	return incident.FormatDuration(until - inc.CreateAt)
}

// away says how far a time (Unix ms) is from now, "" for no time.
func away(c *call, at, now int64) string {
	switch {
	case at == 0:
		return ""
	case at > now:
		return c.T(" (in %s)", incident.FormatDuration(at-now))
	}
	return c.T(" (%s ago)", incident.FormatDuration(now-at))
}

func (h *Handler) info(ctx context.Context, c *call) error {
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	if !h.mobile(c) {
		h.say(c, c.T("The details of this incident are in the sidebar on the right. If the sidebar is closed, click the shield icon to open it."))
		return nil
	}
	name := strings.TrimSpace(inc.Name)
	if name == "" {
		name = nothing
	}
	fields := []*model.SlackAttachmentField{
		{Title: c.T("Incident Name:"), Value: "**" + text.Escape(name) + "**"},
		{Title: c.T("Duration:"), Value: duration(&inc)},
		{Title: c.T("Commander:"), Value: h.mention(inc.CommanderUserID)},
	}
	for _, fact := range h.svc.Facts(&inc, c.language()) {
		fields = append(fields, &model.SlackAttachmentField{Title: text.Quiet(fact.Label) + ":", Value: text.Escape(fact.Text) + away(c, fact.At, model.GetMillis())})
	}
	fields = append(fields, &model.SlackAttachmentField{Title: c.T("Stage:"), Value: stageTitle(&inc, "")},
		&model.SlackAttachmentField{Title: c.T("Tasks:"), Value: taskList(&inc, h.zone(c.UserId), time.Now())})
	h.showAttachments(c, "", []*model.SlackAttachment{{Fields: fields}})
	return nil
}

// mobile reports whether the caller uses a mobile app. A missing or unknown session counts as desktop.
func (h *Handler) mobile(c *call) bool {
	if c.Session.Id == "" {
		return false
	}
	session, err := h.host.Session(c.Session.Id)
	return err == nil && session != nil && session.IsMobileApp()
}

// zone is the time zone that the user has set, else UTC.
func (h *Handler) zone(userID string) *time.Location {
	user, err := h.host.User(userID)
	if err != nil {
		return time.UTC
	}
	return text.Zone(user)
}

// taskList lists the tasks of the active stage, one a line, those done with the time; the date is left out today.
func taskList(inc *incident.Incident, zone *time.Location, now time.Time) string {
	stage := inc.CurrentStage()
	if stage == nil || len(stage.Tasks) == 0 {
		return nothing
	}
	lines := make([]string, 0, len(stage.Tasks))
	for _, t := range stage.Tasks {
		title := text.Escape(text.Strip(t.Title))
		if t.State != incident.Closed {
			lines = append(lines, ":white_large_square: "+title)
			continue
		}
		line := ":white_check_mark: " + title
		if t.StateModified > 0 {
			line += " (" + clock(t.StateModified, zone, now) + ")"
		}
		lines = append(lines, line)
	}
	return incident.Truncate(strings.Join(lines, "\n"), incident.MaxMessage)
}

// clock writes a time, in Unix milliseconds, on a 24-hour clock.
func clock(ms int64, zone *time.Location, now time.Time) string {
	at := time.Unix(ms/1000, 0).In(zone)
	if y, m, d := now.In(zone).Date(); at.Year() == y && at.Month() == m && at.Day() == d {
		return at.Format("15:04")
	}
	return at.Format("2006-01-02 15:04")
}

func (h *Handler) showAttachments(c *call, text string, attachments []*model.SlackAttachment) {
	post := &model.Post{Message: text}
	if len(attachments) > 0 {
		post.Type = model.POST_SLACK_ATTACHMENT
		post.AddProp("attachments", attachments)
	}
	h.show(c, post)
}
