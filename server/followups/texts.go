package followups

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// line is a title in one line of Markdown.
func line(title string) string {
	if title = text.Escape(text.Strip(title)); title == "" {
		return "—"
	}
	return title
}

// clock writes a time in a zone. The last minute of a day is that of a day without a time.
func clock(ms int64, zone *time.Location) string {
	at := time.UnixMilli(ms).In(zone)
	if at.Hour() == 23 && at.Minute() == 59 {
		return at.Format("2006-01-02")
	}
	return at.Format("2006-01-02 15:04")
}

// similarText is the post in the channel of a new incident.
func similarText(l *i18n.Language, n int) string {
	if n == 1 {
		return l.T("1 open follow-up from similar incidents.")
	}
	return l.T("%d open follow-ups from similar incidents.", n)
}

// place names the incident of a follow-up, with a link to its channel if that is known.
func (f *followups) place(s *Shown) string {
	name := strings.TrimSpace(s.IncidentName)
	if s.teamName == "" || s.channelName == "" {
		return "**" + text.Escape(name) + "**"
	}
	return "[" + text.EscapeLink(name) + "](" + f.siteURL() + "/" + s.teamName + "/channels/" + s.channelName + ")"
}

func (f *followups) siteURL() string {
	if config := f.host.Config(); config != nil && config.ServiceSettings.SiteURL != nil {
		return strings.TrimRight(*config.ServiceSettings.SiteURL, "/")
	}
	return ""
}

// reminderText is the direct message to the owner of a follow-up, in the owner's language.
func (f *followups) reminderText(s *Shown) string {
	l := f.svc.Language(s.OwnerID)
	due := clock(s.DueAt, f.zone(s.OwnerID))
	message := l.T("Your follow-up **#%d %s** of the incident %s is due on %s.", s.Number, line(s.Title), f.place(s), due)
	if s.Overdue {
		message = l.T("Your follow-up **#%d %s** of the incident %s was due on %s.", s.Number, line(s.Title), f.place(s), due)
	}
	return message + l.T(" When it is done, type `/incident followup done %d` in the channel of the incident, or `/incident followup done %s` anywhere.", s.Number, s.ID)
}

// lostText tells that the owner of open follow-ups of one incident was lost.
func (f *followups) lostText(l *i18n.Language, items []Shown) string {
	first := &items[0]
	who := l.T("The owner")
	if first.OwnerUsername != "" {
		who = "@" + first.OwnerUsername
	}
	var b strings.Builder
	if first.OwnerState == OwnerDeactivated {
		b.WriteString(l.T("%s has been deactivated, and owns open follow-ups of the incident %s. Give them to somebody else:", who, f.place(first)))
	} else {
		b.WriteString(l.T("%s can no longer read the incident, and owns open follow-ups of the incident %s. Give them to somebody else:", who, f.place(first)))
	}
	b.WriteString("\n")
	for n := range items {
		if n == maxLostShown {
			b.WriteString("\n* " + l.T("and more"))
			break
		}
		b.WriteString("\n* " + fmt.Sprintf("#%d %s", items[n].Number, line(items[n].Title)))
	}
	return b.String()
}

// summary is a follow-up in one line of a Markdown list, for a reader in a time zone.
func summary(l *i18n.Language, s *Shown, zone *time.Location) string {
	text := fmt.Sprintf("**#%d** %s", s.Number, line(s.Title)) + details(l, s, zone, line)
	if s.Link != "" {
		text += " ([" + l.T("issue") + "](" + strings.NewReplacer("(", "%28", ")", "%29").Replace(s.Link) + "))"
	}
	return text
}

// plainSummary is a follow-up in one line of plain text. Times are UTC.
func plainSummary(l *i18n.Language, s *Shown) string {
	text := fmt.Sprintf("#%d %s", s.Number, s.Title) + details(l, s, time.UTC, func(text string) string { return text })
	if s.Link != "" {
		text += " " + s.Link
	}
	return text
}

// details are owner, state and due date.
func details(l *i18n.Language, s *Shown, zone *time.Location, show func(text string) string) string {
	var b strings.Builder
	if s.OwnerUsername != "" {
		b.WriteString(" — @" + s.OwnerUsername)
		switch s.OwnerState {
		case OwnerDeactivated:
			b.WriteString(l.T(" (deactivated)"))
		case OwnerNoAccess:
			b.WriteString(l.T(" (has no access)"))
		}
	}
	switch {
	case s.State == Done:
		b.WriteString(l.T(", done"))
	case s.State == Dropped:
		b.WriteString(l.T(", dropped: %s", show(s.Reason)))
	case s.Overdue:
		b.WriteString(l.T(", overdue since %s", clock(s.DueAt, zone)))
	case s.DueAt > 0:
		b.WriteString(l.T(", due %s", clock(s.DueAt, zone)))
	}
	return b.String()
}
