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

func mention(username string) string {
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

func title(text string) string {
	text = Escape(incident.Truncate(Strip(text), maxTitle))
	if text == "" {
		return "—"
	}
	return text
}

// Started tells the channel who started the incident and who commands it.
func Started(requester, commander string) string {
	if requester == commander {
		return "Incident started and commanded by " + mention(commander) + "."
	}
	return "Incident started by " + mention(requester) + ". Commander: " + mention(commander) + "."
}

// OriginalPost links and quotes the post from which the incident was started.
func OriginalPost(siteURL, postID, message string) string {
	var b strings.Builder
	b.WriteString("Started from [this post](" + siteURL + "/_redirect/pl/" + postID + "):\n")
	for _, line := range strings.Split(strings.ReplaceAll(incident.Truncate(message, maxQuote), "\r\n", "\n"), "\n") {
		b.WriteString("\n> " + strings.ReplaceAll(line, "@", "@\u200b"))
	}
	return incident.Truncate(b.String(), incident.MaxMessage) // the marks before each line count as well
}

// Ended tells who ended the incident.
func Ended(username string) string { return "This incident was closed by " + mention(username) + "." }

// Restarted tells who restarted the incident.
func Restarted(username string) string {
	return "This incident was restarted by " + mention(username) + "."
}

// CommanderChanged tells who made whom the commander.
func CommanderChanged(actor, before, after string) string {
	return plainName(actor) + " changed the commander from **" + mention(before) + "** to **" + mention(after) + "**."
}

// StageChanged tells who moved the incident to another stage.
func StageChanged(actor, before, after string) string {
	return plainName(actor) + " moved the incident from stage **" + title(before) + "** to stage **" + title(after) + "**."
}

// TaskState tells who changed a task's state.
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

// Assigned tells who gave a task to whom; "" is nobody.
func Assigned(actor, task, before, after string) string {
	return plainName(actor) + " changed the assignee of task **" + title(task) + "** from " + assignee(before) + " to " + assignee(after) + "."
}

// Unknown is given to Assigned for somebody whose name cannot be read.
const Unknown = "?"

func assignee(username string) string {
	switch username {
	case "":
		return "*nobody*"
	case Unknown:
		return "*someone*"
	}
	return "**" + mention(username) + "**"
}

// ReminderDue asks the commander for a status update.
func ReminderDue(commander string) string {
	if commander == "" {
		return "Please post a status update."
	}
	return mention(commander) + ", please post a status update."
}

// Announcement tells another channel about an incident.
func Announcement(commander, channelName string) string {
	if commander == "" {
		return "An incident was started in ~" + channelName + "."
	}
	return mention(commander) + " started an incident in ~" + channelName + "."
}

// Broadcast repeats a status update in the broadcast channel. elapsed is in milliseconds.
func Broadcast(channelDisplayName, teamName, postID, author string, elapsed int64, active bool, message string) string {
	state := "Ongoing"
	if !active {
		state = "Ended"
	}
	head := "# [" + EscapeLink(channelDisplayName) + "](/" + teamName + "/pl/" + postID + ")\n" +
		"By " + mention(author) + " | Duration: " + incident.FormatDuration(elapsed) + " | Status: " + state + "\n\n***\n\n"
	// The message is the author's own Markdown and is repeated as it is.
	return head + incident.Truncate(message, incident.MaxMessage-len([]rune(head)))
}

// ChannelHeader is the header of the channel of an incident that has no description.
const ChannelHeader = "This channel was created for an incident by the Incident Management plugin."

// StartedIn tells the commander, where the start dialog was opened, in which channel the incident was started.
func StartedIn(incidentName, channelName string) string {
	return "Incident **" + Escape(strings.TrimSpace(incidentName)) + "** was started in ~" + channelName + "."
}

// NotBroadcast tells the author of a status update why it was not repeated in the broadcast channel.
func NotBroadcast(reason string) string {
	return "Your status update was posted here, but not in the broadcast channel: " + reason + "."
}

// CommandFailed tells the user who ran the command of a task why it failed.
func CommandFailed(command, cause string) string {
	return "The command `" + strings.ReplaceAll(incident.Truncate(command, 256), "`", "'") + "` of this task failed: " + Escape(cause)
}
