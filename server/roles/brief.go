package roles

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// How much a brief tells at most.
const (
	maxBriefTasks   = 30
	maxBriefMoments = 10
	maxBriefText    = 1000 // characters of an update
	maxBriefMoment  = 300
)

// briefer writes a brief for a reader.
type briefer struct {
	strings.Builder
	*roles
	l    *i18n.Language
	inc  *incident.Incident
	zone *time.Location
}

func (b *briefer) para(text string) { b.WriteString(text + "\n\n") }

func (b *briefer) item(text string) { b.WriteString("* " + text + "\n") }

// person names somebody. A direct message notifies nobody but its receiver.
func (b *briefer) person(userID string) string { return mention(b.l, b.name(userID)) }

func (b *briefer) clock(ms int64) string {
	at := time.UnixMilli(ms).In(b.zone)
	if time.Since(at).Abs() < 12*time.Hour {
		return at.Format("15:04 MST")
	}
	return at.Format("2006-01-02 15:04 MST")
}

// zone is the time zone that a user has set, else UTC.
func (u *roles) zone(userID string) *time.Location {
	user, err := u.host.User(userID)
	if err != nil {
		return time.UTC
	}
	return text.Zone(user)
}

// place names an incident, with a link to its channel if that is known.
func (u *roles) place(ctx context.Context, inc *incident.Incident) string {
	name := strings.TrimSpace(inc.Name)
	data, err := u.incidents.Metadata(ctx, inc.ID)
	site := ""
	if config := u.host.Config(); config != nil && config.ServiceSettings.SiteURL != nil {
		site = strings.TrimRight(*config.ServiceSettings.SiteURL, "/")
	}
	if err != nil || data.TeamName == "" || data.ChannelName == "" {
		return "**" + text.Escape(name) + "**"
	}
	return "[" + text.EscapeLink(name) + "](" + site + "/" + data.TeamName + "/channels/" + data.ChannelName + ")"
}

// facts are the state of the incident, and what capabilities say of it, such as its severity and its roles.
func (b *briefer) facts() {
	b.item(b.l.T("**Ongoing since:** %s", b.clock(b.inc.CreateAt)))
	if stage := b.inc.CurrentStage(); stage != nil && stage.Title != "" {
		b.item(b.l.T("**Stage:** %s (%d of %d)", line(stage.Title), b.inc.StageIndex()+1, len(b.inc.Checklists)))
	}
	b.item(b.l.T("**Commander:** %s", b.person(b.inc.CommanderUserID)))
	for _, f := range b.core.Facts(b.inc, b.l) {
		said := line(f.Text)
		if f.UserID != "" {
			said = b.person(f.UserID)
		}
		b.item("**" + line(f.Label) + ":** " + said)
	}
	b.WriteString("\n")
}

// tasks lists the open tasks, stage by stage.
func (b *briefer) tasks() {
	listed, left := 0, 0
	for n := range b.inc.Checklists {
		stage := &b.inc.Checklists[n]
		open := len(stage.Tasks) - stage.Done()
		if open == 0 {
			continue
		}
		b.WriteString(b.l.T("**%s:** %d of %d tasks are open", line(stage.Title), open, len(stage.Tasks)) + "\n\n")
		for t := range stage.Tasks {
			task := &stage.Tasks[t]
			if task.State == incident.Closed {
				continue
			}
			if listed == maxBriefTasks {
				left++
				continue
			}
			listed++
			b.item(b.task(task))
		}
		b.WriteString("\n")
	}
	if left > 0 {
		b.para(b.l.T("%d more open tasks are in the channel's sidebar.", left))
	}
}

// task is one line about a task.
func (b *briefer) task(t *incident.Task) string {
	said := line(t.Title)
	if t.State == incident.InProgress {
		said += b.l.T(" (in progress)")
	}
	who := ""
	if t.AssigneeID != "" {
		who = b.person(t.AssigneeID)
	}
	if t.Assignment.Kind == incident.AssignedToRole {
		if s, err := stateOf(b.inc); err == nil {
			if r := s.role(t.Assignment.Role); r != nil && who == "" {
				who = b.l.T("%s (nobody yet)", line(r.Name))
			} else if r != nil {
				who = line(r.Name) + ", " + who
			}
		}
	}
	if who != "" {
		said += " — " + who
	}
	return said
}

// update quotes the last status update.
func (b *briefer) update() {
	for n := len(b.inc.StatusPosts) - 1; n >= 0; n-- {
		p := b.inc.StatusPosts[n]
		if p.DeleteAt != 0 {
			continue
		}
		post, err := b.host.Post(p.ID)
		if err != nil || post.DeleteAt != 0 {
			continue
		}
		b.para(text.Quote(b.l.T("**Last status update,** %s:", b.clock(p.CreateAt))+"\n", incident.Truncate(post.Message, maxBriefText)))
		return
	}
	b.para(b.l.T("There is no status update yet."))
}

// moments lists the newest key moments. What cannot be read is left out: the receiver waits for the message.
func (b *briefer) moments(ctx context.Context) {
	var starred []capability.Record
	for _, section := range b.core.Sections() {
		if section.Records == nil {
			continue
		}
		var newest []capability.Record // of an incident with thousands, only these are kept
		for record, err := range section.Records(ctx, b.inc.ID) {
			if err != nil {
				b.log.Warn("The key moments of an incident could not be read for a handoff.", "incident_id", b.inc.ID, "error", err.Error())
				break
			}
			if record.Starred {
				newest = append(newest[max(0, len(newest)+1-maxBriefMoments):], record)
			}
		}
		starred = append(starred, newest...)
	}
	if len(starred) == 0 {
		return
	}
	slices.SortStableFunc(starred, func(x, y capability.Record) int { return int(max(min(x.At-y.At, 1), -1)) })
	starred = starred[max(len(starred)-maxBriefMoments, 0):]
	sentences := b.sentences(ctx, starred)
	b.WriteString(b.l.T("**Key moments:**") + "\n\n")
	for _, r := range starred {
		said := r.Text
		if r.Type == capability.RecordEvent {
			said = sentences[r.ID]
		} else {
			said = line(incident.Truncate(said, maxBriefMoment))
		}
		if said != "" {
			b.item(fmt.Sprintf("%s: %s", b.clock(r.At), said))
		}
	}
}

// sentences tells the events among records.
func (b *briefer) sentences(ctx context.Context, records []capability.Record) map[string]string {
	var ids []string
	for _, r := range records {
		if r.Type == capability.RecordEvent {
			ids = append(ids, r.ID)
		}
	}
	said := map[string]string{}
	if len(ids) == 0 {
		return said
	}
	found, err := b.incidents.EventPage(ctx, b.inc.ID, app.EventFilter{IDs: ids, Limit: len(ids)})
	if err != nil {
		return said
	}
	v := text.Voice{Language: b.l, Escape: line, Time: b.clock, TaskTitle: func(string) string { return "" },
		Person: func(userID string) string {
			if userID == "" {
				return ""
			}
			return b.person(userID)
		}}
	for n := range found {
		said[found[n].ID] = text.Sentence(&found[n], v)
	}
	return said
}
