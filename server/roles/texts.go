package roles

import (
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// lateAfter is how much later than it was due a handoff has to lapse for the post to say so.
const lateAfter = time.Minute

func line(title string) string { return text.Escape(text.Strip(title)) }

// actor names who has done something, without notifying them.
func actor(l *i18n.Language, username string) string { return text.In(l).Actor(username) }

// mention names a user so that they are notified.
func mention(l *i18n.Language, username string) string { return text.In(l).Mention(username) }

// absent names somebody who does not read the channel.
func absent(l *i18n.Language, username string) string {
	if username == "" {
		return l.T("someone")
	}
	return text.Code(username)
}

// rolePost is the post about a role that got another holder.
func rolePost(l *i18n.Language, e *incident.Event, name func(userID string) string) string {
	p, _ := e.Payload.(RoleChanged)
	who, role := actor(l, name(e.ActorID)), line(p.Name)
	var message string
	switch {
	case p.HolderID.After == "":
		message = l.T("%s took the role **%s** from **%s**. Nobody has it now.", who, role, mention(l, name(p.HolderID.Before)))
	case p.HolderID.Before == "":
		message = l.T("%s gave the role **%s** to **%s**.", who, role, mention(l, name(p.HolderID.After)))
	default:
		message = l.T("%s gave the role **%s** to **%s**, in place of **%s**.", who, role, mention(l, name(p.HolderID.After)), mention(l, name(p.HolderID.Before)))
	}
	switch {
	case p.Tasks == 1:
		message += l.T(" One task goes with it.")
	case p.Tasks > 1:
		message += l.T(" %d tasks go with it.", p.Tasks)
	}
	return message
}

func roleSentence(e *incident.Event, who string, v text.Voice) string {
	p, _ := e.Payload.(RoleChanged)
	l, role := v.Language, v.Escape(p.Name)
	if p.HolderID.After == "" {
		return l.T("%s took the role “%s” from %s.", who, role, v.Person(p.HolderID.Before))
	}
	if p.HolderID.Before != "" {
		return l.T("%s gave the role “%s” to %s, in place of %s.", who, role, v.Person(p.HolderID.After), v.Person(p.HolderID.Before))
	}
	return l.T("%s gave the role “%s” to %s.", who, role, v.Person(p.HolderID.After))
}

// handoffPost is the post about a handoff that was offered, or that has ended without an acceptance.
func handoffPost(l *i18n.Language, e *incident.Event, name func(userID string) string) string {
	p, _ := e.Payload.(HandoffEvent)
	to := mention(l, name(p.ToUserID))
	switch p.Kind {
	case EventOffered:
		return l.T("%s offered the command of this incident to **%s**. The commander stays the same until they accept, within %d minutes: with the buttons of the direct message, or by `/incident handoff accept`.",
			actor(l, name(e.ActorID)), to, minutes(&p.Handoff))
	case EventDeclined:
		return l.T("%s declined the handoff of command that **%s** offered. The commander stays the same.", actor(l, name(p.ToUserID)), mention(l, name(p.ByUserID)))
	case EventLapsed:
		message := l.T("The handoff of command to **%s** has lapsed: it was not answered within %d minutes. The commander stays the same.", to, minutes(&p.Handoff))
		if late := time.Duration(e.CreateAt-p.ExpiresAt) * time.Millisecond; p.ExpiresAt > 0 && late >= lateAfter {
			message += l.T(" This message is %d minutes late.", int(late/time.Minute))
		}
		return message
	case EventWithdrawn:
		return l.T("%s withdrew the handoff of command to **%s**. The commander stays the same.", actor(l, name(e.ActorID)), to)
	}
	switch p.Because {
	case BecauseEnded:
		return l.T("The handoff of command to **%s** is over: the incident has ended.", to)
	case BecauseGone:
		return l.T("The handoff of command to %s is over: they have left the channel. The commander stays the same.", absent(l, name(p.ToUserID)))
	}
	return l.T("The handoff of command to **%s** is over: the commander was changed meanwhile.", to)
}

// minutes is how long a handoff waits for an answer.
func minutes(h *Handoff) int {
	return int(time.Duration(h.ExpiresAt-h.At) * time.Millisecond / time.Minute)
}

func handoffSentence(e *incident.Event, who string, v text.Voice) string {
	p, _ := e.Payload.(HandoffEvent)
	l, to := v.Language, v.Person(p.ToUserID)
	switch p.Kind {
	case EventOffered:
		return l.T("%s offered the command to %s.", who, to)
	case EventDeclined:
		return l.T("%s declined the handoff of command.", to)
	case EventLapsed:
		return l.T("The handoff of command to %s lapsed.", to)
	case EventWithdrawn:
		return l.T("%s withdrew the handoff of command to %s.", who, to)
	}
	switch p.Because {
	case BecauseEnded:
		return l.T("The handoff of command to %s ended with the incident.", to)
	case BecauseGone:
		return l.T("The handoff of command ended: %s left the channel.", to)
	}
	return l.T("The handoff of command to %s ended: the commander was changed.", to)
}

// outcome says in the direct message how a handoff has ended.
func outcome(l *i18n.Language, e *incident.Event, name func(userID string) string) string {
	if e == nil { // it cannot be read how
		return l.T("This handoff is over.")
	}
	switch p := e.Payload.(type) {
	case incident.CommanderChanged:
		return l.T("You accepted, and command this incident now.")
	case HandoffEvent:
		switch p.Kind {
		case EventDeclined:
			return l.T("You declined.")
		case EventLapsed:
			return l.T("This handoff has lapsed: it was not answered within %d minutes.", minutes(&p.Handoff))
		case EventWithdrawn:
			return l.T("%s withdrew this handoff.", actor(l, name(e.ActorID)))
		case EventOvertaken:
			return overtakenText(l, p.Because)
		}
	}
	return l.T("This handoff is over.")
}

func overtakenText(l *i18n.Language, because Reason) string {
	switch because {
	case BecauseEnded:
		return l.T("This handoff is over: the incident has ended.")
	case BecauseGone:
		return l.T("This handoff is over: you have left the incident's channel.")
	}
	return l.T("This handoff is over: the commander was changed meanwhile.")
}

// facts are the roles of an incident for summaries and exports.
func (u *roles) facts(inc *incident.Incident, l *i18n.Language) (all []capability.Fact) {
	s, err := stateOf(inc)
	if err != nil {
		return nil
	}
	for n := range s.Roles {
		r := &s.Roles[n]
		f := capability.Fact{Label: r.Name, Text: u.holder(l, r)}
		if u.name(r.HolderID) != "" {
			f.UserID = r.HolderID
		}
		all = append(all, f)
	}
	if s.Handoff != nil {
		all = append(all, capability.Fact{Label: l.T("Handoff of command"), Text: l.T("waits for the answer of %s", u.name(s.Handoff.ToUserID))})
	}
	return all
}

// holder names who has a role.
func (u *roles) holder(l *i18n.Language, r *Role) string {
	if r.HolderID == "" {
		return l.T("nobody yet")
	}
	if name := u.name(r.HolderID); name != "" {
		return name
	}
	return l.T("someone")
}

// startLines name, in the announcement of the start, who is meant to have a role or a task and could not be added to the channel.
func (u *roles) startLines(inc *incident.Incident, l *i18n.Language) []string {
	var lines []string
	s, err := stateOf(inc)
	if err != nil {
		return nil
	}
	for _, missing := range notAdded(inc, &s) {
		what := make([]string, 0, len(missing.roles)+1)
		for _, role := range missing.roles {
			what = append(what, "**"+line(role)+"**")
		}
		if missing.tasks > 0 {
			what = append(what, l.T("%d tasks", missing.tasks))
		}
		lines = append(lines, l.T("%s could not be added to this channel, and is meant for: %s. Somebody else has to take over, or add them.", absent(l, u.name(missing.userID)), strings.Join(what, ", ")))
	}
	return lines
}
