package invitations

import (
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// existingPost names who is invited, in an existing channel, to which nobody is added. It is empty if all are there.
func existingPost(l *i18n.Language, absent []person, more int) string {
	if len(absent)+more == 0 {
		return ""
	}
	return l.T("Nobody was added to this channel, because the incident was started in a channel that was there before. The playbook invites, besides those who are here: %s.",
		(&namer{l: l, left: MaxNames}).people(absent, more))
}

// missingPost names who could not be added, and why. It is empty if all were. starter is the name of who started the incident; named
// means that the names of people outside of the team may be said.
func missingPost(l *i18n.Language, m *missing, starter string, named bool) string {
	n := &namer{l: l, left: MaxNames}
	var lines []string
	add := func(count int, format string, values ...interface{}) {
		if count > 0 {
			lines = append(lines, "- "+l.T(format, values...))
		}
	}
	outside, uncounted := m.outside, m.outsideMembers
	if !named {
		outside, uncounted = nil, uncounted+len(m.outside)
	}
	if len(m.forbidden) > 0 { // those beyond the limit may not be added either
		add(1, i18n.N("%s, who started the incident, may not add people: %s"), text.In(l).Actor(starter), n.people(m.forbidden, m.more))
	} else {
		add(m.more, i18n.N("More than %d people are invited. Left out: %s"), MaxPeople, n.people(nil, m.more))
	}
	add(len(outside)+uncounted, i18n.N("Not in this team: %s"), n.people(outside, uncounted))
	add(len(m.inactive), i18n.N("Deactivated: %s"), n.people(m.inactive, 0))
	add(len(m.refused), i18n.N("Refused by Mattermost: %s"), n.people(m.refused, 0))
	add(len(m.failed), i18n.N("Not added, because Mattermost failed: %s"), n.people(m.failed, 0))
	add(m.unknown, i18n.N("Without an account: %s"), n.people(nil, m.unknown))
	add(len(m.groups)+m.lostGroups, i18n.N("Groups that were deleted, or that may not be mentioned: %s"), n.groups(m.groups, m.lostGroups))
	if len(lines) == 0 {
		return ""
	}
	head := l.T("**Not everybody whom the playbook invites was added to this channel.**")
	return text.Shorten(head+"\n"+strings.Join(lines, "\n"), model.POST_MESSAGE_MAX_RUNES_V1) // which each server takes
}

// namer names people and groups until there are enough names, and counts the others.
type namer struct {
	l    *i18n.Language
	left int
}

// people names people, without notifying them, and others of whom only the number is known.
func (n *namer) people(named []person, others int) string {
	var names []string
	for _, p := range named {
		names = append(names, p.Username)
	}
	return n.list(names, others, i18n.N("one person"), i18n.N("%d people"))
}

// groups names those that may be mentioned.
func (n *namer) groups(named []group, others int) string {
	var names []string
	for _, g := range named {
		if name := strings.TrimSpace(g.DisplayName); g.Mentionable && name != "" {
			names = append(names, name)
		} else {
			others++
		}
	}
	return n.list(names, others, i18n.N("one group"), i18n.N("%d groups"))
}

// list names as many as it may. one and format are for a number without names.
func (n *namer) list(names []string, others int, one, format string) string {
	said := min(len(names), n.left)
	n.left -= said
	others += len(names) - said
	shown := make([]string, 0, said)
	for _, name := range names[:said] {
		shown = append(shown, text.Code(name))
	}
	switch joined := strings.Join(shown, ", "); {
	case others == 0:
		return joined
	case said == 0 && others == 1:
		return n.l.Word(one)
	case said == 0:
		return n.l.T(format, others)
	case others == 1:
		return n.l.T("%s and one other", joined)
	default:
		return n.l.T("%s and %d others", joined, others)
	}
}
