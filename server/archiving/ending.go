package archiving

import (
	"context"
	"encoding/json"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// optionArchive is the field of the request to end an incident, and the element of its dialog.
const optionArchive = "archive_channel"

var (
	errForbidden = incident.NewError(incident.Forbidden, "channel.archive_forbidden",
		"You may not archive this channel. End the incident without archiving it, or ask an administrator of the channel to archive it.").WithField(optionArchive)
	errNotArchivable = incident.NewError(incident.Conflict, "channel.not_archivable",
		"This channel cannot be archived: it is the default channel of the team, or it was deleted. End the incident without archiving it.").WithField(optionArchive)
)

// chosen reads the option. Dialogs of some clients send texts.
func chosen(value json.RawMessage) (bool, error) {
	switch string(value) {
	case "true", `"true"`:
		return true, nil
	case "", "null", "false", `"false"`, `""`:
		return false, nil
	}
	return false, incident.InvalidField(optionArchive, "%s must be true or false.", optionArchive)
}

// ending plans to archive the channel at once, if the one who ends the incident chooses so and may. A channel that is archived already is
// left as it is.
func (a *archiving) ending(ctx context.Context, e *app.End) error {
	archive, err := chosen(e.Options[optionArchive])
	if err != nil || !archive {
		return err
	}
	c, err := a.host.Channel(e.Incident.ChannelID)
	if _, refused := incident.AsError(err); refused {
		return errNotArchivable
	}
	switch {
	case err != nil:
		return err
	case !a.rights.ArchiveChannel(e.UserID, c):
		return errForbidden
	case c.Name == model.DEFAULT_CHANNEL:
		return errNotArchivable
	case c.DeleteAt != 0:
		return nil
	}
	e.With(func(inc *incident.Incident, now int64) {
		s := stateOf(inc)
		s.ArchiveAt, s.ByUserID = now, e.UserID
		s.store(inc)
	})
	return nil
}

// endFields offers the choice in the dialog to those who may archive the channel.
func (a *archiving) endFields(_ context.Context, userID string, inc *incident.Incident) []model.DialogElement {
	c, err := a.host.Channel(inc.ChannelID)
	if err != nil || c.DeleteAt != 0 || c.Name == model.DEFAULT_CHANNEL || !a.rights.ArchiveChannel(userID, c) {
		return nil
	}
	l := a.core.Language(userID)
	help := l.T("Restarting the incident brings it back.")
	if days := stateOf(inc).AfterDays; days > 0 {
		help = l.T("Otherwise it is archived later, as the playbook says. Restarting the incident brings it back.")
	}
	return []model.DialogElement{{DisplayName: l.T("Channel"), Name: optionArchive, Type: "bool", Optional: true,
		Placeholder: l.T("Archive the channel"), HelpText: help}}
}
