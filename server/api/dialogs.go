package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/dialog"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Mattermost ignores the status of a dialog's callback: "errors" in the body marks elements of the dialog,
// "error" is shown below them, an empty body closes it.
var startFields = map[string]string{
	"channel_id": dialog.ElementChannel, dialog.ElementChannel: dialog.ElementChannel,
	"name": dialog.ElementName, "description": dialog.ElementDescription, "playbook_id": dialog.ElementPlaybook,
	dialog.ElementName: dialog.ElementName, dialog.ElementDescription: dialog.ElementDescription, dialog.ElementPlaybook: dialog.ElementPlaybook,
}

func (r *request) submission() (s capability.Submission, err error) {
	err = r.decode(&s)
	return s, err
}

func (a *api) startFromDialog(r *request) (reply, error) {
	in, err := r.submission()
	switch {
	case err != nil:
		return reply{}, err
	case in.UserID != r.userID:
		return reply{}, incident.InvalidField("user_id", "user_id must be the signed-in user.")
	case in.Cancelled:
		return done()
	}
	var state dialog.StartState
	if err := json.Unmarshal([]byte(in.State), &state); err != nil {
		return reply{}, incident.InvalidField("state", "state must be the JSON object that the dialog was opened with. Open the dialog again.")
	}
	if in.TeamID == "" {
		return reply{}, missingTeam()
	}
	if err := checkIDs("team_id", in.TeamID, "channel_id", in.ChannelID, "state.post_id", state.PostID,
		"state.client_id", state.ClientID, "state.nonce", state.Nonce,
		"state.channel_id", state.ChannelID); err != nil {
		return reply{}, err
	}
	inc, err := a.startSubmitted(r, in, state)
	if err == nil {
		return reply{status: http.StatusCreated, location: incidentLocation(inc)}, nil
	}
	e, _, ok := domain(err)
	if !ok {
		return reply{}, err
	}
	return a.startRefused(r, e), nil
}

func (a *api) startSubmitted(r *request, in capability.Submission, state dialog.StartState) (incident.Incident, error) {
	playbookID, err := in.Text(dialog.ElementPlaybook)
	if err == nil && playbookID == "" {
		err = incident.InvalidField(dialog.ElementPlaybook, "Choose a playbook.")
	}
	if err == nil {
		err = checkIDs(dialog.ElementPlaybook, playbookID)
	}
	if err != nil {
		return incident.Incident{}, err
	}
	name, err := in.Text(dialog.ElementName)
	if err != nil {
		return incident.Incident{}, err
	}
	description := ""
	if in.Submission[dialog.ElementDescription] != nil { // optional
		if description, err = in.Text(dialog.ElementDescription); err != nil {
			return incident.Incident{}, err
		}
	}
	channel, err := channelChoice(in)
	if err != nil {
		return incident.Incident{}, err
	}
	key, err := state.Key(in.TeamID, in.State, in.Submission)
	if err != nil {
		return incident.Incident{}, err
	}
	// A client may send a dialog's submission by itself. A private post is quoted only if a dialog of the plugin has said so.
	// The same goes for the present channel: the dialog has said who will see the incident there.
	warned, channelID := false, ""
	if state.Warned || channel == dialog.ChannelThis {
		err := a.svc.CheckMark(state.Mark, r.userID, r.calledPath(), state.Marked())
		if _, refused := incident.AsError(err); err != nil && !refused {
			return incident.Incident{}, err
		}
		warned = err == nil && state.Warned
		if channel == dialog.ChannelThis {
			if err != nil || state.ChannelID == "" {
				return incident.Incident{}, errChannelNotOffered
			}
			channelID = state.ChannelID
		}
	}
	options, err := a.submittedOptions(&in)
	if err != nil {
		return incident.Incident{}, err
	}
	return a.svc.Start(r.Context(), app.StartRequest{
		RequesterID: r.userID, CommanderID: r.userID, TeamID: in.TeamID, Name: name, Description: description,
		PlaybookID: playbookID, PostID: state.PostID, ChannelID: channelID, PublicPostOnly: !warned, ClientID: state.ClientID, Key: key,
		DialogChannelID: in.ChannelID, Options: options,
	})
}

var errChannelNotOffered = incident.NewError(incident.Forbidden, "dialog.channel_not_offered",
	"This dialog has not offered to start in the present channel. Choose a new channel, or type `/incident start` in the channel in which you want to start.").
	WithField(dialog.ElementChannel)

// channelChoice reads in which channel to start. Dialogs of version 1.2.0 do not ask.
func channelChoice(in capability.Submission) (string, error) {
	if in.Submission[dialog.ElementChannel] == nil {
		return dialog.ChannelNew, nil
	}
	choice, err := in.Text(dialog.ElementChannel)
	if err == nil && choice != "" && choice != dialog.ChannelNew && choice != dialog.ChannelThis {
		err = incident.InvalidField(dialog.ElementChannel, "%s must be one of: %s.", dialog.ElementChannel, "new, this")
	}
	return choice, err
}

// startRefused answers a start dialog with an error, beside the element at fault if there is one. What the user is
// not allowed to do is shown beside the name.
func (a *api) startRefused(r *request, e *incident.Error) reply {
	a.log.Debug("A start dialog was refused", "request_id", r.id, "user_id", r.userID, "error", e.Error())
	element := startFields[e.Field]
	if slices.Contains(a.startOptions, e.Field) {
		element = e.Field
	}
	if element == "" && e.Kind == incident.Forbidden {
		element = dialog.ElementName
	}
	language := a.answerLanguage(r)
	if element == "" {
		return ok(map[string]string{"error": language.Error(e)})
	}
	return ok(map[string]interface{}{"errors": map[string]string{element: besideElement(language, e)}})
}

// besideElement is the text of an error as it is shown beside an element of a dialog. There the user sees the element's label
// and does not know the name of the field.
func besideElement(language *i18n.Language, e *incident.Error) string {
	message := language.Error(e)
	if rest, named := strings.CutPrefix(message, e.Field+" "); named && e.Field != "" {
		return language.T("This field %s", rest)
	}
	return message
}

func (a *api) nextStageFromDialog(r *request) (reply, error) {
	in, err := r.submission()
	switch {
	case err != nil:
		return reply{}, err
	case in.Cancelled:
		return reply{status: http.StatusOK}, a.svc.CanEdit(r.Context(), r.userID, r.path("id"))
	}
	to, err := strconv.Atoi(in.State)
	if err != nil {
		return reply{}, incident.InvalidField("state", "state must be the number of a stage, counted from 0.")
	}
	var from *int
	if text := r.URL.Query().Get("from"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return reply{}, incident.InvalidField("from", "from must be the number of a stage, counted from 0.")
		}
		from = &n
	}
	if err := a.svc.MoveToStage(r.Context(), r.userID, r.path("id"), from, to); err != nil {
		return reply{}, err
	}
	return done()
}
