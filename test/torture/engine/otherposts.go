package engine

import (
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/retrospective"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// otherPost is a post that the bot makes once in an incident's channel, for each value of its mark, and that no event names.
type otherPost struct {
	// what it is, for the report.
	what string
	// name and value are its mark. A value that ends in a colon is the beginning of one. A post without a mark has no name.
	name, value string
	// says is how it begins if it has no mark, else what it must contain.
	says string
	// must: it may not be missing.
	must bool
	// made are the values of the posts that there are.
	made map[string]bool
}

// first notes a post, and reports whether there is no other one like it.
func (o *otherPost) first(p *post) bool {
	_, value := p.mark()
	if o.made[value] {
		return false
	}
	if o.made == nil {
		o.made = map[string]bool{}
	}
	o.made[value] = true
	return true
}

type otherPosts []*otherPost

// otherPosts lists what the bot may post in an incident's channel beside announcements and reminders of status updates.
func (w *cluster) otherPosts(i incident.Incident, f *found) (all otherPosts) {
	if i.BroadcastChannelID != "" {
		says, _, _ := strings.Cut(text.In(nil).NoBroadcasts("\x00"), "\x00")
		all = append(all, &otherPost{what: "posts that updates are not broadcast", says: says})
	}
	all = append(all, &otherPost{what: "posts about owners of follow-ups who are gone", name: "incident_followup_owner", value: i.ID + ":"},
		&otherPost{what: "reminders of retrospectives", name: "incident_retrospective_due", value: i.ID + ":"})
	for _, e := range f.events[i.ID] {
		switch e.Type() {
		case incident.EventStarted:
			all = append(all, &otherPost{what: "posts about follow-ups of similar incidents", name: "incident_followup_similar", value: e.ID})
		case retrospective.EventPublished:
			all = append(all, &otherPost{what: "posts about published retrospectives", name: "incident_event", value: e.ID,
				says: "published the retrospective of this incident", must: true})
		}
	}
	return all
}

// of returns what a post is, nil if it is none of them.
func (all otherPosts) of(p *post) *otherPost {
	name, value := p.mark()
	for _, o := range all {
		if o.name != name {
			continue
		}
		if name == "" && strings.HasPrefix(p.message, o.says) ||
			name != "" && strings.Contains(p.message, o.says) && (value == o.value || strings.HasSuffix(o.value, ":") && strings.HasPrefix(value, o.value)) {
			return o
		}
	}
	return nil
}
