package app

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Channels and posts are made by Mattermost, outside our transactions. So a clean-up job is stored before the channel or the
// post is made, and completed in the transaction that stores the incident or the status update. If that never happens, the
// job removes the channel or the post. A transaction whose job was claimed fails.

const (
	// compensateTimeout bounds what a request does to remove what it has made, after it has failed.
	compensateTimeout = 10 * time.Second
)

// propPattern is what the JSON text of a post's props contains if prop has the value.
func propPattern(prop, value string) string { return strconv.Quote(prop) + ":" + strconv.Quote(value) }

// FindPost looks for a post by userID ("" is anybody) in a channel since (Unix ms), one of whose props has the value. It returns
// "" if there is none. A post that was made a moment before by another node, whose clock differs, is found as well.
func (s *Service) FindPost(ctx context.Context, channelID, userID string, since int64, prop, value string) (postID string, err error) {
	return s.incidents.FindPost(ctx, channelID, userID, since-clockSkew.Milliseconds(), propPattern(prop, value))
}

// Compensate undoes what a failed request has made, unless it was stored after all: an error does not say whether a commit
// came through. It reports whether it was stored. If undo fails, the job tries again.
func (s *Service) Compensate(job jobs.Job, undo func() error) (stored bool) {
	ctx, cancel := context.WithTimeout(context.Background(), compensateTimeout) // the request's own may have ended
	defer cancel()
	lease := jobs.Lease{JobID: job.ID, Owner: model.NewId()}
	claimed, there, err := s.jobs.ClaimUnfinished(ctx, job.ID, lease.Owner, s.now(), s.now()+cleanUpLease.Milliseconds())
	if err == nil && !there {
		return true
	}
	if err == nil {
		err = undo() // also if another node is about to: that does no harm, and that node may come too early
	}
	if err != nil {
		s.log.Error("What a failed request has left behind could not be removed; it is tried again.",
			"incident_id", job.IncidentID, "kind", job.Kind, "error", err.Error())
		return false
	}
	if claimed {
		if err := s.jobs.Complete(ctx, lease, true, s.now()); err != nil {
			s.log.Warn("A clean-up job could not be completed; it runs once more.", "incident_id", job.IncidentID, "kind", job.Kind, "error", err.Error())
		}
	}
	return false
}

// CancelCleanUp completes job if Mattermost has refused to make what the job would remove. After any other error it may have
// been made.
func (s *Service) CancelCleanUp(job jobs.Job, err error) {
	if _, refused := incident.AsError(err); refused {
		s.Compensate(job, func() error { return nil })
	}
}

// DeleteBotPost deletes a post of the bot in an incident's channel ("" for any). Another post is left alone: version
// 1.2.0 let clients store the id of any post as that of the reminder. One that is gone is no error.
func (s *Service) DeleteBotPost(channelID, postID string) error {
	post, err := s.host.Post(postID)
	if _, refused := incident.AsError(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	if post.UserId != s.host.BotID() || channelID != "" && post.ChannelId != channelID {
		s.log.Warn("A post that was stored as an incident's reminder is none, and is left alone.", "post_id", postID, "channel_id", post.ChannelId)
		return nil
	}
	return s.host.DeletePost(postID)
}

// RemoveBotPost is DeleteBotPost for a post whose DeletePostJob is stored: a failure is logged. postID may be "".
func (s *Service) RemoveBotPost(channelID, postID string) {
	if postID == "" {
		return
	}
	err := s.DeleteBotPost(channelID, postID)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), compensateTimeout)
		defer cancel()
		err = s.jobs.Withdraw(ctx, JobDeletePost, postID)
	}
	if err != nil {
		s.log.Warn("A reminder post could not be deleted; it is tried again.", "post_id", postID, "error", err.Error())
	}
}

// deletePost deletes a reminder post that is not displayed any more.
func (s *Service) deletePost(ctx context.Context, job jobs.Job) error {
	inc, err := s.incidents.Get(ctx, job.IncidentID)
	if err != nil && !incident.IsKind(err, incident.NotFound) {
		return err
	}
	return s.DeleteBotPost(inc.ChannelID, job.Key)
}

// discardChannel archives the channel of an incident that was not stored. Another plugin may have made a channel of the same
// name at the same time: so type, header and members are compared as well. A channel that people have joined since is left
// to them.
func (s *Service) discardChannel(ctx context.Context, job jobs.Job) error {
	var orphan Orphan
	if err := json.Unmarshal(job.Payload, &orphan); err != nil {
		return jobs.Permanent(err)
	}
	orphan.From, orphan.To = job.CreateAt-clockSkew.Milliseconds(), job.CreateAt+(lateDelay+clockSkew).Milliseconds()
	found, err := s.incidents.OrphanChannels(ctx, orphan)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return LookAgain(job, s.now())
	}
	other, err := s.isStarting(ctx, job.ID, orphan)
	if err != nil {
		return err
	}
	if other {
		return jobs.Later(otherStart)
	}
	// A channel that was found may be that of a start which has stored its incident since.
	still, err := s.incidents.OrphanChannels(ctx, orphan)
	if err != nil {
		return err
	}
	for _, id := range found {
		if !slices.Contains(still, id) {
			continue
		}
		s.log.Info("A channel is archived: its incident was not started, because the server was interrupted.",
			"channel_id", id, "incident_id", job.IncidentID)
		if err := s.host.ArchiveChannel(id); err != nil {
			return err
		}
	}
	return nil
}

// isStarting reports whether a channel may be that of an incident that is being started under the same name. A start whose job was
// claimed cannot store its incident any more.
func (s *Service) isStarting(ctx context.Context, id string, o Orphan) (bool, error) {
	later := s.now() + time.Hour.Milliseconds()
	all, err := s.jobs.Due(ctx, jobs.Query{Kind: JobDiscardChannel, Now: later, Limit: 1000})
	if err != nil {
		return false, err
	}
	for _, other := range all {
		var theirs Orphan
		if other.ID == id || other.Attempts > 0 || json.Unmarshal(other.Payload, &theirs) != nil {
			continue
		}
		if theirs.TeamID == o.TeamID && len(theirs.Names) > 0 && len(o.Names) > 0 && theirs.Names[0] == o.Names[0] {
			return true, nil
		}
	}
	return false, nil
}

// Orphan describes the channel that an interrupted start has made. Only these values distinguish it from other
// channels. It is not archived and has no incident.
type Orphan struct {
	// CreatorID is the creator that the channel was given: the plugin's bot. Channels that other plugins make, or that are
	// made in local mode, have none or a person. It is "" if the start was made by a version that marked no channels.
	CreatorID string `json:"creator_id,omitempty"`
	TeamID    string `json:"team_id"`
	// Names are the names in its address that it may have.
	Names []string `json:"names"`
	// Type and Header are as it was made. An empty Type stands for both types and any header: the start was made by a version
	// that did not store them.
	Type   string `json:"type,omitempty"`
	Header string `json:"header,omitempty"`
	// Members are the only people who may be in it.
	Members []string `json:"members,omitempty"`
	// From and To (Unix ms) are the times between which it was made.
	From int64 `json:"-"`
	To   int64 `json:"-"`
}
