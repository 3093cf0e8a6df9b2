package status

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// askCommander asks the commander for a status update.
func askCommander(l *i18n.Language, commander string) string {
	if commander == "" {
		return l.T("Please post a status update.")
	}
	return l.T("%s, please post a status update.", text.In(l).Mention(commander))
}

// askOthers asks people in the channel for a status update, because the commander is not there.
func askOthers(l *i18n.Language, commander string, names []string) string {
	who := text.In(l).MentionAll(names, capability.MaxAsked)
	if commander == "" {
		return l.T("%s, please post a status update. The commander is not an active member of this channel any more. Name another one with `/incident commander @username`.", who)
	}
	return l.T("%s, please post a status update. The commander, %s, is not an active member of this channel any more. Name another one with `/incident commander @username`.", who, text.Code(commander))
}

// broadcastLine separates the head of a broadcast from the update.
const broadcastLine = "\n\n***\n\n"

// broadcastText repeats a status update in the broadcast channel. elapsed is in milliseconds.
func broadcastText(l *i18n.Language, channelDisplayName, teamName, postID, author string, elapsed int64, active bool, message string) string {
	state := l.T("Ongoing")
	if !active {
		state = l.T("Ended")
	}
	head := "# [" + text.EscapeLink(channelDisplayName) + "](/" + teamName + "/pl/" + postID + ")\n" +
		l.T("By %s | Duration: %s | Status: %s", text.In(l).Mention(author), incident.FormatDuration(elapsed), state) + broadcastLine
	// The message is the author's own Markdown and is repeated as it is.
	return text.Shorten(head+message, incident.MaxMessage)
}

// notBroadcast is the message to the author of a status update that was not broadcast.
func notBroadcast(l *i18n.Language, reason string) string {
	return l.T("Your status update was posted here, but not in the broadcast channel: %s.", l.Word(reason))
}
