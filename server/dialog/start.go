package dialog

import (
	"context"
	"encoding/json"
	"regexp"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// privatePost is said in the dialog before a post is quoted to people who may not read it where it is.
var privatePost = i18n.N("\n\n**The post that you start from is not in a public channel of this team.** It is quoted in the incident's channel: " +
	"everybody who can read that channel can read it, and with a playbook that makes public channels that is the whole team.")

var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// OpenStart asks for the details of a new incident in a team, and whether to start it in the channel channelID ("" for none) if the
// user may. clientID ("" for none, else at most 64 of A-Z, a-z,
// 0-9, "_", "-") names the browser tab, postID ("" for none) the post to start from, sessionID ("" if unknown: then
// no mobile app is assumed) the user's session.
func (d *Dialogs) OpenStart(ctx context.Context, userID, teamID, channelID, triggerID, clientID, postID, sessionID string) error {
	if err := checkStart(clientID, postID); err != nil {
		return err
	}
	if !d.svc.CanViewTeam(userID, teamID) {
		return incident.NewError(incident.Forbidden, "team.forbidden", "You may not start incidents in this team. Join the team, or ask one of its administrators for access. Guests may not start incidents.").WithField("team_id")
	}
	books, err := d.svc.StartPlaybooks(ctx, userID, teamID)
	if err != nil {
		return err
	}
	var options []*model.PostActionOptions
	for n := range books {
		options = append(options, &model.PostActionOptions{Text: books[n].ShortTitle(), Value: books[n].ID})
	}
	private, err := d.svc.QuotesPrivatePost(userID, teamID, postID)
	if err != nil {
		return err
	}
	here, err := d.svc.ChannelForStart(ctx, userID, teamID, channelID)
	if err != nil {
		return err
	}
	start := StartState{PostID: postID, ClientID: clientID, Nonce: model.NewId(), Warned: private, ChannelID: here.ID}
	if start.Mark, err = d.svc.Mark(userID, StartPath, start.Marked()); err != nil {
		return err
	}
	state, err := json.Marshal(start)
	if err != nil {
		return err
	}
	intro, err := d.startIntroduction(userID, teamID, sessionID, len(books) > 0)
	if err != nil {
		return err
	}
	l := d.language(userID)
	if private {
		intro += l.Word(privatePost)
	}
	description := ""
	if postID != "" {
		description = l.T("[The original post](%s)", d.siteURL()+"/_redirect/pl/"+postID)
	}
	elements := []model.DialogElement{
		{DisplayName: l.T("Playbook"), Name: ElementPlaybook, Type: "select", Options: options},
		{DisplayName: l.T("Incident Name"), Name: ElementName, Type: "text", MinLength: 1, MaxLength: incident.MaxName},
		{DisplayName: l.T("Description"), Name: ElementDescription, Type: "textarea", Optional: true,
			Default: description, MaxLength: incident.MaxDescription},
	}
	if here.ID != "" {
		elements = append(elements, channelElement(l, here))
	}
	for _, fields := range d.fields {
		elements = append(elements, fields(ctx, userID, books)...)
	}
	return d.svc.OpenMarkedDialog(triggerID, StartPath, model.Dialog{
		Title:            l.T("Incident Details"),
		IntroductionText: intro,
		SubmitLabel:      l.T("Start Incident"),
		State:            string(state),
		Elements:         elements,
	})
}

// channelElement asks in which channel to start, and says who will see the incident in the present one.
func channelElement(l *i18n.Language, here app.ChannelForStart) model.DialogElement {
	help := l.T("This channel is private: in it, only its members see the incident, whatever the playbook says.")
	if here.Public {
		help = l.T("This channel is public: in it, the whole team sees the incident, whatever the playbook says.")
	}
	return model.DialogElement{DisplayName: l.T("Channel"), Name: ElementChannel, Type: "select", Optional: true, Default: ChannelNew,
		HelpText: help,
		Options:  []*model.PostActionOptions{{Text: l.T("New channel"), Value: ChannelNew}, {Text: l.T("This channel"), Value: ChannelThis}}}
}

func checkStart(client, postID string) error {
	if client != "" && !clientID.MatchString(client) {
		return incident.InvalidField("client_id", "The client id must be at most 64 letters, digits, - or _. To start an incident, type only `/incident start`: the dialog asks for everything.")
	}
	if postID != "" && !model.IsValidId(postID) {
		return incident.InvalidField("post_id", "The post id must have 26 letters and digits. To start an incident, type only `/incident start`: the dialog asks for everything.")
	}
	return nil
}

// startIntroduction names the commander and says what to do if no playbook fits, or there is none to choose.
func (d *Dialogs) startIntroduction(userID, teamID, sessionID string, choice bool) (string, error) {
	user, err := d.host.User(userID)
	if err != nil {
		return "", err
	}
	name := "@" + user.Username
	if user.FirstName != "" && user.LastName != "" {
		name = text.Escape(user.FirstName + " " + user.LastName)
	}
	l := d.language(userID)
	intro := l.T("**Commander:** %s", name) + "\n\n" + l.T("An incident is started from a playbook.")
	if !choice {
		intro += l.T(" You are a member of none in this team: ask somebody to share one with you.")
	}
	site := d.siteURL()
	if site == "" || d.mobile(sessionID) || !d.svc.CanCreatePlaybooks(userID, teamID) {
		return intro, nil
	}
	team, err := d.host.Team(teamID)
	if err != nil {
		return "", err
	}
	editor := site + "/" + team.Name + "/" + d.pluginID + "/playbooks/new"
	if choice {
		return intro + l.T(" If none fits, [make a new one](%s).", editor), nil
	}
	return intro + l.T(" Or [make a new one](%s).", editor), nil
}

// mobile reports whether the session is one of a mobile app. An unknown session counts as desktop.
func (d *Dialogs) mobile(sessionID string) bool {
	if sessionID == "" {
		return false
	}
	session, err := d.host.Session(sessionID)
	return err == nil && session != nil && session.IsMobileApp()
}
