package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
	"github.com/mattermost/mattermost-plugin-incident-management/server/severity"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// said is what the bot must say about an event, or "" if nothing.
func (w *cluster) said(e incident.Event) string {
	return text.In(nil).ChangePost(&e, func(id string) string { return w.names[id] })
}

// startLines is what the post about the start may say besides: the level of severity then or, if the post was made later, one that the
// incident got meanwhile. A post that says none has "".
func (w *cluster) startLines(i incident.Incident, f *found) []string {
	own := f.own[i.ID]
	if r := w.recordOf(i); r != nil && r.outcome == acknowledged {
		own = r.own
	}
	keys := []string{own.Severity.Key}
	for _, e := range f.events[i.ID] {
		if p, ok := e.Payload.(severity.Changed); ok {
			keys = append(keys, p.After.Key)
		}
	}
	lines := make([]string, len(keys))
	for n, key := range keys {
		for _, level := range levels {
			if level.Key == key {
				lines[n] = "\nSeverity: **" + text.Escape(severity.Ref{Key: level.Key, Name: level.Name}.Label()) + "**"
			}
		}
	}
	return lines
}

// unnamed tells that a post says what it must, apart from names that could not be read at that moment.
func (w *cluster) unnamed(is, must string) bool {
	if !strings.Contains(is, "omeone") {
		return false
	}
	names := make([]string, len(w.members))
	for n, m := range w.members {
		names[n] = regexp.QuoteMeta(m.name)
	}
	plain := strings.NewReplacer("*", "", "Someone", "someone") // what is emphasised depends on there being a name
	pattern := strings.ReplaceAll(regexp.QuoteMeta(plain.Replace(is)), "someone", "@?(?:"+strings.Join(names, "|")+")")
	return regexp.MustCompile("^" + pattern + "$").MatchString(plain.Replace(must))
}

// checkPosts wants each event that is to be announced to have exactly one post of the bot, which says what it must, each other post
// of the bot to be one that it may make once, and each post of a member to be a registered status update: members of a run post
// nothing else. A post that was made a second time and then deleted does not count.
func (w *cluster) checkPosts(i incident.Incident, f *found) {
	noted := map[string][]string{} // what each may say
	for _, e := range f.events[i.ID] {
		message := w.said(e)
		messages := []string{message}
		if e.Type() == incident.EventStarted {
			messages = w.startLines(i, f)
			for n := range messages {
				messages[n] = message + messages[n]
			}
		}
		switch {
		case message == "":
		case e.PostID == "":
			w.report.find(Lost, "incident %s: the change %q was not announced", i.ID, message)
		default:
			if _, known := noted[e.PostID]; known {
				w.report.find(Doubled, "two events of incident %s name post %s", i.ID, e.PostID)
			}
			noted[e.PostID] = messages
		}
	}
	status := map[string]bool{}
	for _, id := range i.StatusPostIDs {
		status[id] = true
	}
	others := w.otherPosts(i, f)
	for _, p := range f.posts[i.ChannelID] {
		other := others.of(&p)
		switch {
		case strings.HasPrefix(p.kind, "system_") || p.reminder() != "":
		case p.user != w.bot && !status[p.id] && p.deleteAt == 0:
			w.report.find(Lost, "incident %s: the status update %q was posted, but is not registered", i.ID, p.message)
		case p.user != w.bot && status[p.id] && p.deleteAt != 0:
			w.report.find(Lost, "incident %s: the status update %q is registered, but was deleted", i.ID, p.message)
		case p.user != w.bot:
			delete(status, p.id)
		case noted[p.id] != nil && p.deleteAt != 0:
			w.report.find(Lost, "incident %s: the post %q was deleted", i.ID, p.message)
			delete(noted, p.id)
		case p.deleteAt != 0:
			w.report.count("checked: second posts about a change, deleted", 1)
		case slices.ContainsFunc(noted[p.id], func(message string) bool { return message == p.message || w.unnamed(p.message, message) }):
			w.report.count("checked: announcements", 1)
			delete(noted, p.id)
		case noted[p.id] != nil:
			w.report.find(Lost, "incident %s: a post says %q where it should say %q", i.ID, p.message, noted[p.id][0])
			delete(noted, p.id)
		case other != nil && other.first(&p):
			w.report.count("checked: "+other.what, 1)
		default:
			w.report.find(Doubled, "incident %s: the bot says %q, which did not happen or was said before", i.ID, p.message)
		}
	}
	for id, messages := range noted {
		w.report.find(Lost, "incident %s: the change %q names post %s, which is not in the channel", i.ID, messages[0], id)
	}
	for id := range status {
		w.report.find(Lost, "incident %s: the status post %s is not in the channel", i.ID, id)
	}
	for _, other := range others {
		if other.must && len(other.made) == 0 {
			w.report.find(Lost, "incident %s: one of the %s is missing: %s", i.ID, other.what, other.value)
		}
	}
}

// checkBroadcasts wants each status update and each publication of a retrospective to be broadcast at most once, and nothing else.
// While its database is away Mattermost may say that the author may not post in the broadcast channel: so some may be missing.
func (w *cluster) checkBroadcasts(f *found) {
	known, published := map[string]bool{}, map[string]bool{}
	for _, i := range f.incidents {
		for _, id := range i.StatusPostIDs {
			known["/pl/"+id+")"] = true
		}
		for _, e := range f.events[i.ID] {
			if m, ok := e.Payload.(retrospective.Moved); ok && m.Kind == retrospective.EventPublished && m.Broadcast {
				published[e.ID] = true
			}
		}
	}
	seen := map[string]bool{}
	for _, p := range f.posts[w.broadcast.Id] {
		if p.user != w.bot || p.deleteAt != 0 || strings.HasPrefix(p.kind, "system_") {
			continue
		}
		if _, event := p.mark(); published[event] {
			if seen[event] {
				w.report.find(Doubled, "a retrospective was broadcast twice: %q", p.message)
			}
			seen[event] = true
			w.report.count("checked: broadcasts of retrospectives", 1)
			continue
		}
		_, link, _ := strings.Cut(p.message, "/pl/")
		link = "/pl/" + link[:min(len(link), 27)]
		switch {
		case !known[link]:
			w.report.find(Lost, "something was broadcast that is neither a registered status update nor a published retrospective: %q", p.message)
		case seen[link]:
			w.report.find(Doubled, "a status update was broadcast twice: %q", p.message)
		}
		seen[link] = true
		w.report.count("checked: broadcasts", 1)
	}
	for _, i := range f.incidents {
		if i.BroadcastChannelID != w.broadcast.Id {
			continue
		}
		for _, id := range i.StatusPostIDs {
			if !seen["/pl/"+id+")"] {
				w.report.count("checked: status updates that were not broadcast", 1)
			}
		}
	}
}

// checkReminders follows an incident's reminders through its events: each that became due was posted once, none that
// was replaced or cancelled was, and only the newest one is still displayed. Further reminders of an update that is overdue are posted while it
// is.
func (w *cluster) checkReminders(i incident.Incident, f *found) {
	marks, shown := map[string]int{}, []string{}
	for _, p := range f.posts[i.ChannelID] {
		if mark := p.reminder(); mark != "" {
			marks[mark]++
			if p.deleteAt == 0 {
				shown = append(shown, p.id)
			}
		}
	}
	var pending, overdue int64
	scheduled, late, active := map[string]bool{}, map[string]bool{}, true
	plan := func(at int64) {
		if pending, overdue = at, 0; at != 0 {
			scheduled[fmt.Sprintf("%s:%d", i.ID, at)] = true
			w.report.count("reminders: scheduled", 1)
		}
	}
	for _, e := range f.events[i.ID] {
		mark := fmt.Sprintf("%s:%d", i.ID, pending)
		switch p := e.Payload.(type) {
		case incident.Started:
			plan(p.NextUpdateAt)
		case severity.Changed:
			if p.NextUpdate != nil {
				plan(p.NextUpdate.After)
			}
		case incident.StatusUpdated:
			plan(p.ReminderAt)
		case incident.UpdatePlanned:
			plan(p.Clock.After.NextUpdateAt)
		case incident.Ended:
			pending, overdue, active = 0, 0, false
		case incident.ReminderCleared:
			overdue = 0
		case incident.Restarted:
			active = true
		case incident.ReminderPosted:
			if overdue == 0 || !active {
				w.report.find(Doubled, "incident %s was reminded again although no update was overdue", i.ID)
			}
			w.report.count("reminders: posted again", 1)
		case incident.UpdateOverdue:
			switch {
			case pending == 0 || !active:
				w.report.find(Doubled, "incident %s was reminded although no reminder was pending", i.ID)
			case e.CreateAt < pending:
				w.report.find(Doubled, "incident %s was reminded %d ms too early", i.ID, pending-e.CreateAt)
			case marks[mark] == 0:
				w.report.find(Lost, "the reminder %s has no post", mark)
			}
			pending, overdue, late[mark] = 0, pending, true
			w.report.count("reminders: posted", 1)
		}
	}
	for mark, n := range marks {
		switch {
		case n > 1:
			w.report.find(Doubled, "the reminder %s was posted %d times", mark, n)
		case late[mark[:strings.LastIndexByte(mark, ':')]]: // a further one
		case !scheduled[mark]:
			w.report.find(Doubled, "the reminder %s was posted, but never scheduled", mark)
		}
	}
	at, there := f.reminders[i.ID]
	switch {
	case there && pending == 0:
		w.report.find(Leaked, "incident %s has a reminder at %s that should not be there", i.ID, at)
	case !there && pending != 0:
		w.report.find(Lost, "the reminder of incident %s is not pending any more and was not posted", i.ID)
	case there && at.UnixMilli() != pending:
		w.report.find(Lost, "the reminder of incident %s is pending for %d instead of %d", i.ID, at.UnixMilli(), pending)
	}
	for _, id := range shown {
		if id != i.ReminderPostID {
			w.report.find(Leaked, "incident %s displays the reminder post %s, which should have been removed", i.ID, id)
		}
	}
	if i.ReminderPostID != "" && len(shown) == 0 {
		w.report.find(Lost, "incident %s displays the reminder post %s, which was removed", i.ID, i.ReminderPostID)
	}
}

// checkLogs looks for panics and data races.
func (w *cluster) checkLogs() error {
	for _, n := range w.nodes {
		lines, err := n.log()
		if err != nil {
			return err
		}
		for k, line := range lines {
			for _, sign := range []string{"panic:", "WARNING: DATA RACE", "fatal error:", "\"panic\"", "A background task of Incident Management failed"} {
				if strings.Contains(line, sign) && (strings.Contains(line, w.pluginID) || !strings.HasPrefix(line, "{")) {
					w.report.find(Crashed, "node %d logged: %s", n.number, strings.Join(lines[k:min(len(lines), k+12)], "\n"))
				}
			}
		}
	}
	return nil
}
