package invitations

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

const (
	// budget is how long one attempt adds people. It leaves time for the post within the attempt. What is left goes on after pause.
	budget = 35 * time.Second
	pause  = time.Second
	// maxAttempts is how many attempts add people. The last one tells the channel who is still missing.
	maxAttempts = 60
	// maxFailures is how many failures of Mattermost in a row end an attempt.
	maxFailures = 3
	// invitedProp marks the post about who could not be added, with the incident's id.
	invitedProp = "incident_invitations"
)

// errOver means that nobody is to be added any more.
var errOver = errors.New("the incident is over, or its channel is gone")

// missing is who could not be added, and why.
type missing struct {
	// forbidden: the starter may not add people. outside: not in the team; outsideMembers counts such members of groups.
	forbidden, outside, inactive, refused, failed []person
	outsideMembers                                int
	// unknown counts users who do not exist any more, more those beyond MaxPeople.
	unknown, more int
	groups        []group
	lostGroups    int // that do not exist any more
}

// invite makes an attempt to add the people to the channel, and tells the channel at the end who could not be added. Who is in the
// channel already, as after an earlier attempt, is left out.
func (u *invitations) invite(ctx context.Context, job jobs.Job) error {
	var o order
	if err := json.Unmarshal(job.Payload, &o); err != nil {
		return jobs.Permanent(err)
	}
	err := u.inviteAll(ctx, job, &o)
	if errors.Is(err, errOver) {
		u.log.Info("Nobody is invited to an incident any more: it has ended, or its channel is gone.", "incident_id", job.IncidentID)
		return nil
	}
	return err
}

func (u *invitations) inviteAll(ctx context.Context, job jobs.Job, o *order) error {
	h, err := u.ongoing(ctx, job.IncidentID)
	if err != nil {
		return err
	}
	if job.Again() {
		if postID, err := u.svc.FindPost(ctx, h.ChannelID, u.host.BotID(), job.CreateAt, invitedProp, job.Key); err != nil || postID != "" {
			return err
		}
	}
	all, err := u.data.invited(ctx, o.Invitations, target{ChannelID: h.ChannelID, TeamID: h.ChannelTeamID, Existing: o.Existing})
	if err != nil {
		return err
	}
	l := u.svc.PostLanguage()
	if o.Existing {
		return u.tell(h.ChannelID, job.Key, existingPost(l, all.absent(), all.more))
	}
	m, err := u.add(ctx, job, o, &h, &all)
	if err != nil {
		return err
	}
	// Who may not see everybody on the server must not learn the names of people outside of the team.
	named := len(m.outside) > 0 && u.host.HasPermission(o.StarterID, model.PERMISSION_VIEW_MEMBERS)
	starter := ""
	if len(m.forbidden) > 0 {
		starter = u.svc.Username(o.StarterID)
	}
	return u.tell(h.ChannelID, job.Key, missingPost(l, m, starter, named))
}

// ongoing reads the header of an incident. It is errOver if nobody is to be added to its channel any more.
func (u *invitations) ongoing(ctx context.Context, id string) (app.Header, error) {
	h, err := u.incidents.Header(ctx, id, "")
	if incident.IsKind(err, incident.NotFound) || err == nil && (!h.IsActive || h.Archived || h.ChannelTeamID == "") {
		err = errOver
	}
	return h, err
}

// absent are the people who can be in the channel and are not.
func (i *invited) absent() (all []person) {
	for _, people := range [][]person{i.users, i.members} {
		for _, p := range people {
			if p.canJoin() && !p.Here {
				all = append(all, p)
			}
		}
	}
	return all
}

// unable are those who cannot be added, whatever the starter may do.
func (i *invited) unable(o *order) *missing {
	m := &missing{more: i.more, outsideMembers: i.outside, unknown: len(o.UserIDs) - len(i.users), lostGroups: len(o.GroupIDs) - len(i.groups)}
	for _, p := range i.users {
		switch {
		case p.Bot || p.Here:
		case !p.InTeam:
			m.outside = append(m.outside, p)
		case p.Inactive:
			m.inactive = append(m.inactive, p)
		}
	}
	for _, g := range i.groups {
		if !g.usable() {
			m.groups = append(m.groups, g)
		}
	}
	return m
}

// add adds the people to the channel. It returns who is missing when it is through, else an error.
func (u *invitations) add(ctx context.Context, job jobs.Job, o *order, h *app.Header, all *invited) (*missing, error) {
	m, absent := all.unable(o), all.absent()
	if len(absent) == 0 {
		return m, nil
	}
	began, inARow, last := u.now(), 0, job.Attempts >= maxAttempts
	var failure error
	for n, p := range absent {
		if u.now().Sub(began) > budget || inARow == maxFailures {
			if !last && inARow < maxFailures {
				return nil, jobs.Later(pause)
			}
			m.failed = append(m.failed, absent[n:]...)
			break
		}
		if _, err := u.ongoing(ctx, job.IncidentID); err != nil {
			return nil, err
		}
		may, err := u.svc.MayAddNow(o.StarterID, h.ChannelID, h.Public)
		if err != nil {
			return nil, err
		}
		if !may {
			m.forbidden = absent[n:]
			break
		}
		added := u.host.AddToChannel(h.ChannelID, p.ID, u.host.BotID())
		if added == nil {
			inARow = 0
			continue
		}
		if _, refused := incident.AsError(added); refused {
			u.log.Info("Mattermost refused to add somebody who is invited to an incident.", "user_id", p.ID, "channel_id", h.ChannelID, "error", added.Error())
			m.refused, inARow = append(m.refused, p), 0
			continue
		}
		m.failed, failure = append(m.failed, p), added
		inARow++
	}
	if len(m.failed) > 0 && !last {
		return nil, failure
	}
	return m, nil
}

// tell posts a message in the channel, unless it is empty. Mattermost may have made the post although it answers with an error: the
// next attempt looks for it.
func (u *invitations) tell(channelID, key, message string) error {
	if message == "" {
		return nil
	}
	post := &model.Post{UserId: u.host.BotID(), ChannelId: channelID, Message: message}
	post.AddProp(invitedProp, key)
	_, err := u.host.CreatePost(post)
	return err
}
