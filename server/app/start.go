package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/access"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// StartRequest says how to start an incident.
type StartRequest struct {
	RequesterID string
	CommanderID string
	TeamID      string
	Name        string
	Description string
	// PlaybookID may be empty: then the incident has one stage without tasks and a public channel.
	PlaybookID string
	// PostID is the post from which the incident is started, or empty.
	PostID string
	// ChannelID is the existing channel in which the incident is started; empty for a new one.
	ChannelID string
	// PublicPostOnly refuses a post that is not in a public channel of the team: the dialog has not said that it is quoted.
	PublicPostOnly bool
	ActiveStage    int
	// ClientID names the browser tab that started; it goes out with the websocket event.
	ClientID string
	// Key makes repeated requests of the same requester start one incident only; empty for none.
	Key string
	// CreateAt (Unix ms) replaces the present time as the start; 0 for now. Only for test data.
	CreateAt int64
	// Options are the fields of the request that capabilities read, by their names, as they were sent.
	Options map[string]json.RawMessage
	// DialogChannelID is the channel in which the commander gets a message about the new one, or empty.
	DialogChannelID string
}

// Ids of the errors with which Mattermost refuses a channel, from its model and store packages.
const (
	channelNameRefused  = "model.channel.is_valid.display_name.app_error"
	channelNameTaken    = "store.sql_channel.save_channel.exists.app_error"
	channelLimitReached = "store.sql_channel.save_channel.limit.app_error"
)

// channelAddressRefused are the errors about the name in a channel's address, up to Mattermost 5 and 6 and since.
var channelAddressRefused = []string{"model.channel.is_valid.2_or_more.app_error", "model.channel.is_valid.1_or_more.app_error",
	"model.channel.is_valid.name.app_error"}

// Start starts an incident: it creates the channel, unless the request names an existing one, adds commander and requester, stores the incident and
// publishes it. If a step before the commit fails, the channel is archived again and the error says what failed.
// The Field of an error names the request's field at fault in the wire format.
func (s *Service) Start(ctx context.Context, r StartRequest) (incident.Incident, error) {
	if r.Key == "" {
		return s.start(ctx, r)
	}
	for {
		// Requests that arrive at the same moment share one run; later ones find the key in the database.
		own := false
		made, err, _ := s.starts.Do(r.RequesterID+"\x00"+r.Key, func() (interface{}, error) {
			own = true
			inc, found, err := s.incidents.FindByKey(ctx, r.RequesterID, r.Key)
			switch {
			case err != nil:
				return inc, err
			case found:
				return s.startedBefore(r.RequesterID, inc)
			}
			return s.start(ctx, r)
		})
		if err == nil || own {
			inc, _ := made.(incident.Incident)
			return inc, err
		}
		// The other request may have failed for what this one does not ask.
	}
}

func (s *Service) start(ctx context.Context, r StartRequest) (incident.Incident, error) {
	plan, err := s.planStart(ctx, r)
	if err != nil {
		return incident.Incident{}, err
	}
	if plan.incident.ExistingChannel {
		inc, started, err := s.storeInExisting(ctx, r, &plan)
		if err != nil {
			return inc, err
		}
		if started == nil {
			return s.startedBefore(r.RequesterID, inc)
		}
		s.publishStarted(ctx, Change{After: inc, Event: started}, r, &plan)
		inc.Visibility = plan.visibility()
		return inc, nil
	}
	discard := CleanUpJob(plan.incident.ID, JobDiscardChannel, plan.incident.ID, s.now())
	if discard.Payload, err = json.Marshal(s.orphan(&plan, r)); err != nil {
		return incident.Incident{}, err
	}
	if err = s.jobs.Add(ctx, discard); err != nil {
		return incident.Incident{}, err
	}
	channel, err := s.createChannel(plan)
	if err != nil {
		s.CancelCleanUp(discard, err)
		return incident.Incident{}, err
	}
	inc, started, err := s.fillChannel(ctx, r, plan, channel)
	if err != nil || started == nil {
		// Without an incident nobody would know what the channel is for.
		stored := s.Compensate(discard, func() error { return s.host.ArchiveChannel(channel.Id) })
		if !stored && err == nil {
			return s.startedBefore(r.RequesterID, inc)
		}
		if !stored {
			return inc, err
		}
		if inc, started, err = s.startedIncident(ctx, plan.incident.ID); err != nil {
			return inc, err
		}
	}
	s.publishStarted(ctx, Change{After: inc, Event: started}, r, &plan)
	return inc, nil
}

// startedIncident reads an incident and its first event.
func (s *Service) startedIncident(ctx context.Context, id string) (incident.Incident, *incident.Event, error) {
	inc, err := s.incidents.Get(ctx, id)
	if err != nil {
		return inc, nil, err
	}
	events, err := s.incidents.EventsBetween(ctx, id, 1, 1)
	if err != nil || len(events) == 0 {
		return inc, nil, err
	}
	return inc, &events[0], nil
}

// startedBefore returns the incident that an earlier request with the same key has started. It is Forbidden if the user has
// lost access to it.
func (s *Service) startedBefore(userID string, inc incident.Incident) (incident.Incident, error) {
	if !s.rules.ViewIncident(userID, access.ChannelAccess{ChannelID: inc.ChannelID}) {
		return incident.Incident{}, incident.ErrForbidden
	}
	return inc, nil
}

// startPlan is a checked StartRequest.
type startPlan struct {
	incident incident.Incident
	public   bool
	// hidden means that the existing channel is private although the playbook makes public ones.
	hidden bool
	post   *model.Post
	// channelNames are the possible names of the channel, see channelNames.
	channelNames []string
	// emptyHeader is the channel's header without a description.
	emptyHeader string
	// additions are the people whom capabilities want in the channel, inTx what they add to the transaction of the start.
	additions []addition
	inTx      []InTx
}

// checkCommander fails if the user cannot command an incident of the team.
func (s *Service) checkCommander(userID, teamID string) error {
	refused := incident.NewError(incident.Forbidden, "team.commander_forbidden",
		"The commander is not an active member of this team, or is a guest in it. Choose a member of the team.").WithField("commander_user_id")
	commander, err := s.host.User(userID)
	if _, unknown := incident.AsError(err); unknown {
		return refused
	}
	if err != nil {
		return err
	}
	if commander.Id != userID || commander.DeleteAt != 0 || !s.rules.ViewTeam(userID, teamID) {
		return refused
	}
	if commander.Roles == model.SYSTEM_USER_ROLE_ID {
		return nil
	}
	// Administrators view every team.
	if member, err := s.host.IsTeamMember(teamID, userID); err != nil || member {
		return err
	}
	return refused
}

func (s *Service) planStart(ctx context.Context, r StartRequest) (startPlan, error) {
	plan := startPlan{public: true}
	err := s.checkCommander(r.CommanderID, r.TeamID)
	if err != nil {
		return plan, err
	}
	stages := []incident.Stage{{Title: "Checklist"}}
	inc := incident.Incident{
		ID: model.NewId(), Name: r.Name, Description: r.Description, IsActive: true, CommanderUserID: r.CommanderID,
		TeamID: r.TeamID, PostID: r.PostID, PlaybookID: r.PlaybookID, CreateAt: r.CreateAt, ActiveStage: r.ActiveStage,
	}
	if inc.CreateAt == 0 {
		inc.CreateAt = s.now()
	}
	var book *playbook.Playbook
	if r.PlaybookID != "" {
		p, err := s.playbookForStart(ctx, r)
		if err != nil {
			return plan, err
		}
		book = &p
		plan.public, stages = p.CreatePublicIncident, p.Checklists
		inc.BroadcastChannelID, inc.ReminderMessageTemplate = p.BroadcastChannelID, p.ReminderMessageTemplate
		inc.PreviousReminder = p.ReminderTimerDefaultSeconds * 1e9
	}
	if err = s.planChannel(ctx, r, &plan, &inc); err != nil {
		return plan, err
	}
	if r.PostID != "" {
		post, err := s.postToQuote(r.RequesterID, r.PostID)
		if err != nil {
			return plan, err
		}
		if r.PublicPostOnly {
			public, err := s.isPublicIn(r.TeamID, post)
			if err != nil {
				return plan, err
			}
			if !public {
				return plan, errPostPrivate
			}
		}
		plan.post = post
	}
	if inc.Name, err = storedName(r.Name); err != nil {
		return plan, err
	}
	if err := incident.CheckText("description", r.Description, incident.MaxDescription); err != nil {
		return plan, err
	}
	if r.ActiveStage < 0 || r.ActiveStage >= len(stages) && r.ActiveStage != 0 {
		return plan, incident.InvalidField("active_stage", "active_stage must be between 0 and %d: the playbook has %d stages.", max(len(stages)-1, 0), len(stages))
	}
	inc.Checklists = incident.StagesForStart(stages)
	if len(inc.Checklists) > 0 {
		inc.ActiveStageTitle = inc.Checklists[inc.ActiveStage].Title
	}
	prepared, err := s.prepare(ctx, &r, book, &inc)
	if err != nil {
		return plan, err
	}
	plan.additions, plan.inTx = prepared.additions, prepared.inTx
	plan.incident = inc
	plan.channelNames = channelNames(inc.Name)
	plan.emptyHeader = s.posts().ChannelHeader()
	return plan, nil
}

// checkAdding fails if the requester may not add the commander to the incident's channel. See docs/decisions/0030-who-adds-people.md.
func (s *Service) checkAdding(ctx context.Context, r StartRequest, public bool) error {
	if r.CommanderID == r.RequesterID {
		return nil
	}
	may, err := s.MayAddToNew(ctx, r.RequesterID, r.TeamID, public)
	if err != nil || may {
		return err
	}
	return incident.NewError(incident.Forbidden, "channel.add_member_forbidden",
		"You may not add other people to %s channels in this team. Command the incident yourself, or ask an administrator for the permission to manage members.",
		visibility(public)).WithField("commander_user_id")
}

func visibility(public bool) incident.Text {
	if public {
		return incident.NewText("public")
	}
	return incident.NewText("private")
}

func (s *Service) playbookForStart(ctx context.Context, r StartRequest) (playbook.Playbook, error) {
	p, listGranted, err := s.playbooks.View(ctx, r.PlaybookID, r.RequesterID)
	if incident.IsKind(err, incident.NotFound) {
		return p, ErrPlaybookNotFound.WithField("playbook_id")
	}
	if err != nil {
		return p, err
	}
	if !s.rules.StartFrom(r.RequesterID, &p, listGranted) {
		return p, incident.NewError(incident.Forbidden, "playbook.not_member",
			"You are not a member of this playbook. Ask one of its members to share it with you.").WithField("playbook_id")
	}
	if p.Corrupt {
		return p, incident.NewError(incident.Conflict, "playbook.stages_unreadable",
			"The stages of this playbook cannot be read from the database, so an incident would start without them. Choose another playbook, and ask your administrator to restore its ChecklistsJSON.").WithField("playbook_id")
	}
	if p.TeamID != r.TeamID {
		return p, incident.NewError(incident.Invalid, "playbook.other_team",
			"This playbook belongs to another team. Choose a playbook of this team.").WithField("playbook_id")
	}
	return p, nil
}

func (p *startPlan) header() string {
	if p.incident.Description == "" {
		return p.emptyHeader
	}
	return p.incident.Description
}

func (p *startPlan) channelType() string {
	if p.public {
		return model.CHANNEL_OPEN
	}
	return model.CHANNEL_PRIVATE
}

// orphan describes the channel, for the case that the start is interrupted.
func (s *Service) orphan(p *startPlan, r StartRequest) Orphan {
	return Orphan{CreatorID: s.host.BotID(), TeamID: r.TeamID, Names: p.channelNames, Type: p.channelType(), Header: p.header(),
		Members: uniqueIDs(append([]string{r.CommanderID, r.RequesterID}, wantedPeople(p.additions)...)...)}
}

func (s *Service) createChannel(plan startPlan) (*model.Channel, error) {
	c := &model.Channel{
		TeamId: plan.incident.TeamID, Type: plan.channelType(), Name: plan.channelNames[0], CreatorId: s.host.BotID(),
		DisplayName: strings.TrimSpace(plan.incident.Name), Header: plan.header(),
	}
	made, appErr := s.host.CreateChannel(c)
	switch {
	case appErr == nil:
		return made, nil
	case appErr.Id == channelNameTaken: // archived channels take names as well
		c.Name = plan.channelNames[1]
		made, appErr = s.host.CreateChannel(c)
	case slices.Contains(channelAddressRefused, appErr.Id): // a rule of a server that we do not know
		c.Name = plan.channelNames[2]
		made, appErr = s.host.CreateChannel(c)
	}
	if appErr == nil {
		return made, nil
	}
	switch appErr.Id {
	case channelNameRefused:
		return nil, incident.InvalidField("name", "This name cannot be used for a channel: %s", appErr.Message)
	case channelLimitReached:
		return nil, incident.NewError(incident.Conflict, "team.channel_limit",
			"The incident's channel could not be created: the team has reached its limit of channels. Ask an administrator to archive channels or to raise the limit.")
	}
	if appErr.StatusCode >= 400 && appErr.StatusCode < 500 {
		return nil, incident.NewError(incident.Invalid, "channel.refused", "The incident's channel could not be created: %s", appErr.Message)
	}
	return nil, appErr
}

func (s *Service) fillChannel(ctx context.Context, r StartRequest, plan startPlan, channel *model.Channel) (incident.Incident, *incident.Event, error) {
	for _, userID := range uniqueIDs(r.CommanderID, r.RequesterID) {
		err := s.host.AddToChannel(channel.Id, userID, s.host.BotID())
		if _, refused := incident.AsError(err); refused && userID != r.CommanderID {
			if member, unknown := s.host.IsTeamMember(r.TeamID, userID); unknown == nil && !member {
				// An administrator who is not in the team may start an incident there, and see it without being in its channel.
				s.log.Info("Who started an incident was not added to its channel.", "user_id", userID, "channel_id", channel.Id, "error", err.Error())
				continue
			}
		}
		if err != nil {
			write := s.log.Warn
			if _, refused := incident.AsError(err); refused {
				write = s.log.Info
			}
			write("An incident could not be started: a user could not be added to its channel.", "user_id", userID, "channel_id", channel.Id, "error", err.Error())
			return incident.Incident{}, nil, incident.NewError(incident.Conflict, "channel.add_member_failed",
				"The incident was not started: @%s could not be added to its channel. Try again. If it fails again, choose another commander.", s.Username(userID))
		}
	}
	inc := plan.incident
	inc.ChannelID = channel.Id
	s.addPeople(ctx, r, &plan, &inc)
	return s.incidents.Create(ctx, inc, r.RequesterID, r.Key, s.now(), s.extensions.with(plan.inTx))
}

func uniqueIDs(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
