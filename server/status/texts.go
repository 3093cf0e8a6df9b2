package status

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// reminderText asks the commander for a status update, or everybody in the channel if the commander is not present there.
func reminderText(commander string, present bool) string {
	switch {
	case !present:
		who := "The commander"
		if commander != "" {
			who += ", " + text.Escape(commander) + ","
		}
		return "@channel, please post a status update. " + who + " is not an active member of this channel any more. Name another one with `/incident commander @username`."
	case commander == "":
		return "Please post a status update."
	}
	return text.Mention(commander) + ", please post a status update."
}

// broadcastLine separates the head of a broadcast from the update.
const broadcastLine = "\n\n***\n\n"

// broadcastText repeats a status update in the broadcast channel. elapsed is in milliseconds.
func broadcastText(channelDisplayName, teamName, postID, author string, elapsed int64, active bool, message string) string {
	state := "Ongoing"
	if !active {
		state = "Ended"
	}
	head := "# [" + text.EscapeLink(channelDisplayName) + "](/" + teamName + "/pl/" + postID + ")\n" +
		"By " + text.Mention(author) + " | Duration: " + incident.FormatDuration(elapsed) + " | Status: " + state + broadcastLine
	// The message is the author's own Markdown and is repeated as it is.
	return text.Shorten(head+message, incident.MaxMessage)
}

// notBroadcast is the message to the author of a status update that was not broadcast.
func notBroadcast(reason string) string {
	return "Your status update was posted here, but not in the broadcast channel: " + reason + "."
}
