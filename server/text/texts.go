package text

import (
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Lengths, in characters, to which user text is cut in announcements.
const (
	maxTitle = 256
	maxQuote = 8000
)

// Sentences are texts in one language: posts in that of the server, answers in that of their reader.
type Sentences struct{ language *i18n.Language }

// In returns the texts in a language; nil is English.
func In(language *i18n.Language) Sentences { return Sentences{language} }

// Mention names a user so that they are notified, or "someone".
func (s Sentences) Mention(username string) string {
	if username == "" {
		return s.language.T("someone")
	}
	return "@" + username
}

// MentionAll names users so that they are notified, at most most of them. If there are more, or none, it adds @channel: Mattermost
// notifies nobody of that in a post of the bot, unless an administrator has given the bot the permission.
func (s Sentences) MentionAll(usernames []string, most int) string {
	var all []string
	for _, name := range usernames[:min(len(usernames), most)] {
		all = append(all, s.Mention(name))
	}
	if len(usernames) == 0 || len(usernames) > most {
		all = append(all, "@channel")
	}
	return strings.Join(all, ", ")
}

// Actor names the acting user without notifying them, or "Someone".
func (s Sentences) Actor(username string) string {
	if username == "" {
		return s.language.T("Someone")
	}
	return Escape(username)
}

// Started returns the post about the start of an incident: who started it and who commands it.
func (s Sentences) Started(requester, commander string) string {
	if requester == commander {
		return s.language.T("Incident started and commanded by %s.", s.Mention(commander))
	}
	return s.language.T("Incident started by %s. Commander: %s.", s.Mention(requester), s.Mention(commander))
}

// StartedHere is Started for an incident in a channel that was there before.
func (s Sentences) StartedHere(incidentName, requester, commander string) string {
	name := Escape(strings.TrimSpace(incidentName))
	if requester == commander {
		return s.language.T("The incident **%s** is run in this channel. It was started and is commanded by %s.", name, s.Mention(commander))
	}
	return s.language.T("The incident **%s** is run in this channel. It was started by %s. Commander: %s.", name, s.Mention(requester), s.Mention(commander))
}

// HiddenByChannel returns the post of a start of an incident in a private channel, from a playbook that makes public ones.
func (s Sentences) HiddenByChannel() string {
	return s.language.T("The playbook of this incident makes public channels, but this channel is private: only its members see the incident.")
}

// Ended returns the post about the end of an incident.
func (s Sentences) Ended(username string) string {
	return s.language.T("This incident was closed by %s.", s.Mention(username))
}

// Restarted returns the post about a restart.
func (s Sentences) Restarted(username string) string {
	return s.language.T("This incident was restarted by %s.", s.Mention(username))
}

// CommanderChanged returns the post about a new commander.
func (s Sentences) CommanderChanged(actor, before, after string) string {
	return s.language.T("%s changed the commander from **%s** to **%s**.", s.Actor(actor), s.Mention(before), s.Mention(after))
}

// HandedOff returns the post about a new commander who has accepted a handoff.
func (s Sentences) HandedOff(before, after string) string {
	return s.language.T("**%s** accepted the handoff and commands this incident now, in place of **%s**.", s.Mention(after), s.Mention(before))
}

// StageChanged returns the post about another active stage.
func (s Sentences) StageChanged(actor, before, after string) string {
	return s.language.T("%s moved the incident from stage **%s** to stage **%s**.", s.Actor(actor), Title(before), Title(after))
}

// TaskState returns the post about the new state of a task.
func (s Sentences) TaskState(actor, task string, state incident.State) string {
	switch state {
	case incident.Closed:
		return s.language.T("%s checked off task **%s**.", s.Actor(actor), Title(task))
	case incident.InProgress:
		return s.language.T("%s started work on task **%s**.", s.Actor(actor), Title(task))
	default:
		return s.language.T("%s unchecked task **%s**.", s.Actor(actor), Title(task))
	}
}

// Assigned returns the post about the new assignee of a task; "" is nobody.
func (s Sentences) Assigned(actor, task, before, after string) string {
	return s.language.T("%s changed the assignee of task **%s** from %s to %s.", s.Actor(actor), Title(task), s.assignee(before), s.assignee(after))
}

// Unknown is the name to pass to Assigned for a user whose name cannot be read.
const Unknown = "?"

func (s Sentences) assignee(username string) string {
	switch username {
	case "":
		return s.language.T("*nobody*")
	case Unknown:
		return s.language.T("*someone*")
	}
	return "**" + s.Mention(username) + "**"
}

// Announcement returns the post about an incident in another channel: the incident goes on, or has ended.
func (s Sentences) Announcement(commander, channelName string, active bool) string {
	channel := "~" + channelName
	switch {
	case active && commander == "":
		return s.language.T("There is an ongoing incident in %s.", channel)
	case active:
		return s.language.T("There is an ongoing incident in %s. Its commander is %s.", channel, s.Mention(commander))
	case commander == "":
		return s.language.T("The incident in %s has ended.", channel)
	default:
		return s.language.T("The incident in %s has ended. Its commander was %s.", channel, s.Mention(commander))
	}
}

// ChannelHeader is the header of the channel of an incident that has no description.
func (s Sentences) ChannelHeader() string {
	return s.language.T("This channel was created for an incident by the Incident Management plugin.")
}

// StartedIn returns the message to the commander that names the channel of the new incident.
func (s Sentences) StartedIn(incidentName, channelName string) string {
	return s.language.T("Incident **%s** was started in %s.", Escape(strings.TrimSpace(incidentName)), "~"+channelName)
}

// NoBroadcasts returns the post of a start whose status updates cannot be broadcast.
func (s Sentences) NoBroadcasts(reason string) string {
	return s.language.T("Status updates of this incident are not repeated in the broadcast channel of its playbook: %s. A member of the playbook can choose another channel for later incidents.",
		s.language.Word(reason))
}

// CommandFailed returns the message to the user whose task command failed.
func (s Sentences) CommandFailed(command, cause string) string {
	return s.language.T("The command %s of this task failed: %s", Code(incident.Truncate(command, 256)), Escape(cause))
}
