package app

import (
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// noBroadcast says why the status updates of an incident by its commander cannot be broadcast, "" if they can or are not to be.
// It names no channel, because not everybody in the incident's channel may see that one.
func (s *Service) noBroadcast(inc *incident.Incident) string {
	if inc.BroadcastChannelID == "" {
		return ""
	}
	channel, err := s.host.Channel(inc.BroadcastChannelID)
	_, refused := incident.AsError(err)
	switch {
	case refused:
		return i18n.N("that channel does not exist any more")
	case err != nil: // not known: the first status update tells
		return ""
	case channel.DeleteAt != 0:
		return i18n.N("that channel is archived")
	case s.rules.PostAsMember(inc.CommanderUserID, channel.Id, false):
		return ""
	case s.rules.PostAsMember(inc.CommanderUserID, inc.ChannelID, false): // Mattermost denies all while its database is away
		return i18n.N("the commander may not post in that channel")
	}
	return ""
}
