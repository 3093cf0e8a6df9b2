// Package dialog opens the interactive dialogs of incidents, and has the form of what comes back. Package api answers when they are
// submitted: that is a request like any other, with its checks, language and errors.
package dialog

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Service is what the dialogs need of the use cases; *app.Service has it.
type Service interface {
	CanViewTeam(userID, teamID string) bool
	// CanCreatePlaybooks reports whether somebody who may view the team may make playbooks in it.
	CanCreatePlaybooks(userID, teamID string) bool
	CanEdit(ctx context.Context, userID, id string) error
	Incident(ctx context.Context, userID, id string) (incident.Incident, error)
	// StartPlaybooks lists the playbooks that the user can start from, with their Own.
	StartPlaybooks(ctx context.Context, userID, teamID string) ([]playbook.Playbook, error)
	// ChannelForStart returns the channel if the user may start an incident of the team in it now, else an empty value.
	ChannelForStart(ctx context.Context, userID, teamID, channelID string) (app.ChannelForStart, error)
	// QuotesPrivatePost reports whether a start from the post would quote what not everybody in the team may read.
	QuotesPrivatePost(userID, teamID, postID string) (bool, error)
	// Mark distinguishes the dialogs that this plugin opens for a user from those of others.
	Mark(userID, path, state string) (string, error)
	OpenDialog(userID, triggerID, path string, d model.Dialog) error
	OpenMarkedDialog(triggerID, path string, d model.Dialog) error
}

var _ Service = (*app.Service)(nil)

// Dialogs opens dialogs. All errors that a user can cause are *incident.Error.
type Dialogs struct {
	svc      Service
	host     app.Host
	pluginID string
	fields   []Fields
	// EndFields makes elements that are added to the dialog that ends an incident, all of them optional; nil adds none.
	EndFields func(ctx context.Context, userID string, inc *incident.Incident) []model.DialogElement
}

// Fields makes elements that are added to the start dialog, all of them optional.
type Fields func(ctx context.Context, userID string, playbooks []playbook.Playbook) []model.DialogElement

// New makes Dialogs for the plugin with the given id. fields add to the start dialog.
func New(svc Service, host app.Host, pluginID string, fields ...Fields) *Dialogs {
	return &Dialogs{svc: svc, host: host, pluginID: pluginID, fields: fields}
}

// language is that of a user.
func (d *Dialogs) language(userID string) *i18n.Language { return i18n.For(d.host.Locale(userID)) }

// OpenEnd asks whether to end the incident. An ended incident is a Conflict.
func (d *Dialogs) OpenEnd(ctx context.Context, userID, id, triggerID string) error {
	if err := d.svc.CanEdit(ctx, userID, id); err != nil {
		return err
	}
	inc, err := d.svc.Incident(ctx, userID, id)
	if err != nil {
		return err
	}
	if !inc.IsActive {
		return incident.ErrAlreadyEnded
	}
	var elements []model.DialogElement
	if d.EndFields != nil {
		elements = d.EndFields(ctx, userID, &inc)
	}
	l := d.language(userID)
	return d.svc.OpenDialog(userID, triggerID, incidentPath(id, "end"), model.Dialog{
		Title:            l.T("End this incident?"),
		IntroductionText: l.T("Ending stops the incident's timer and tells everybody in the channel. You can restart the incident later."),
		SubmitLabel:      l.T("End Incident"),
		State:            id,
		Elements:         elements,
	})
}

// OpenNextStage asks whether to leave stage from, in which tasks are open, for stage to. Both are zero-based. The
// dialog carries from along, so that submitting it fails if somebody else has changed the stage in between.
func (d *Dialogs) OpenNextStage(ctx context.Context, userID, id, triggerID string, from, to int) error {
	if err := d.svc.CanEdit(ctx, userID, id); err != nil {
		return err
	}
	l := d.language(userID)
	query := url.Values{"from": {strconv.Itoa(from)}}
	return d.svc.OpenDialog(userID, triggerID, incidentPath(id, "next-stage-dialog")+"?"+query.Encode(), model.Dialog{
		Title:            l.T("Some tasks remain"),
		IntroductionText: l.T("Not all tasks of this stage are done. Do you want to move to the next stage anyway?"),
		SubmitLabel:      l.T("Next Stage"),
		State:            strconv.Itoa(to),
	})
}

func incidentPath(id, action string) string {
	return "/incidents/" + url.PathEscape(id) + "/" + action
}

// siteURL is the configured address of the server without a slash at the end, or "".
func (d *Dialogs) siteURL() string {
	config := d.host.Config()
	if config == nil || config.ServiceSettings.SiteURL == nil {
		return ""
	}
	return strings.TrimRight(*config.ServiceSettings.SiteURL, "/")
}
