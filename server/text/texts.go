package text

import (
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Lengths, in characters, to which user text is cut in announcements.
const (
	maxTitle = 256
	maxQuote = 8000
)

// Mention names a user so that they are notified, or "someone".
func Mention(username string) string {
	if username == "" {
		return "someone"
	}
	return "@" + username
}

// plainName names the acting user without notifying them.
func plainName(username string) string {
	if username == "" {
		return "Someone"
	}
	return Escape(username)
}

// Started returns the post about the start of an incident: who started it and who commands it.
func Started(requester, commander string) string {
	if requester == commander {
		return "Incident started and commanded by " + Mention(commander) + "."
	}
	return "Incident started by " + Mention(requester) + ". Commander: " + Mention(commander) + "."
}

// Ended returns the post about the end of an incident.
func Ended(username string) string { return "This incident was closed by " + Mention(username) + "." }

// Restarted returns the post about a restart.
func Restarted(username string) string {
	return "This incident was restarted by " + Mention(username) + "."
}

// CommanderChanged returns the post about a new commander.
func CommanderChanged(actor, before, after string) string {
	return plainName(actor) + " changed the commander from **" + Mention(before) + "** to **" + Mention(after) + "**."
}

// StageChanged returns the post about another active stage.
func StageChanged(actor, before, after string) string {
	return plainName(actor) + " moved the incident from stage **" + title(before) + "** to stage **" + title(after) + "**."
}

// TaskState returns the post about the new state of a task.
func TaskState(actor, task string, state incident.State) string {
	switch state {
	case incident.Closed:
		return plainName(actor) + " checked off task **" + title(task) + "**."
	case incident.InProgress:
		return plainName(actor) + " started work on task **" + title(task) + "**."
	default:
		return plainName(actor) + " unchecked task **" + title(task) + "**."
	}
}

// Assigned returns the post about the new assignee of a task; "" is nobody.
func Assigned(actor, task, before, after string) string {
	return plainName(actor) + " changed the assignee of task **" + title(task) + "** from " + assignee(before) + " to " + assignee(after) + "."
}

// Unknown is the name to pass to Assigned for a user whose name cannot be read.
const Unknown = "?"

func assignee(username string) string {
	switch username {
	case "":
		return "*nobody*"
	case Unknown:
		return "*someone*"
	}
	return "**" + Mention(username) + "**"
}

// Announcement returns the post about an incident in another channel: the incident goes on, or has ended.
func Announcement(commander, channelName string, active bool) string {
	sentence, role := "There is an ongoing incident in ~"+channelName+".", " Its commander is "
	if !active {
		sentence, role = "The incident in ~"+channelName+" has ended.", " Its commander was "
	}
	if commander == "" {
		return sentence
	}
	return sentence + role + Mention(commander) + "."
}

// ChannelHeader is the header of the channel of an incident that has no description.
const ChannelHeader = "This channel was created for an incident by the Incident Management plugin."

// StartedIn returns the message to the commander that names the channel of the new incident.
func StartedIn(incidentName, channelName string) string {
	return "Incident **" + Escape(strings.TrimSpace(incidentName)) + "** was started in ~" + channelName + "."
}

// NoBroadcasts returns the post of a start whose status updates cannot be broadcast.
func NoBroadcasts(reason string) string {
	return "Status updates of this incident are not repeated in the broadcast channel of its playbook: " + reason +
		". A member of the playbook can choose another channel for later incidents."
}

// CommandFailed returns the message to the user whose task command failed.
func CommandFailed(command, cause string) string {
	return "The command " + Code(incident.Truncate(command, 256)) + " of this task failed: " + Escape(cause)
}
