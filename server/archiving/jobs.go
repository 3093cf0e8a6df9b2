package archiving

import (
	"context"
	"fmt"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

const (
	// jobArchive warns the channel, and archives it later; the key is state.key.
	jobArchive = "channel_archive"
	// jobRestored tells of a channel that a restart has brought back.
	jobRestored = "channel_restored"
	// publishWait is the wait for posts that are still to be made in the channel. Their jobs are parked in the end.
	publishWait = 2 * time.Second
	// maxRefreshed is for how many members Mattermost is asked to look up their channels again, refreshTime for how long. Each takes two or three
	// statements and a message to each node.
	maxRefreshed = 1000
	refreshTime  = 20 * time.Second
)

var errStillThere = errors.New("Mattermost has not archived the channel")

func (a *archiving) jobKinds() []jobs.Kind {
	kind := func(name string, run func(context.Context, jobs.Job) error) jobs.Kind {
		return jobs.Kind{Name: name, Poll: 2 * time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 40 * time.Second,
			Backoff: 5 * time.Second, MaxBackoff: 10 * time.Minute, MaxAttempts: 300, Run: run} // for about two days
	}
	return []jobs.Kind{kind(jobArchive, a.archiveLater), kind(jobRestored, a.tellRestored)}
}

// planOf returns the plan of an incident if it is the one of the job.
func planOf(inc *incident.Incident, job jobs.Job) (s state, current bool) {
	s = stateOf(inc)
	return s, !inc.IsActive && s.ArchiveAt != 0 && s.key(inc.ID) == job.Key
}

// archiveLater makes the next step of a plan.
func (a *archiving) archiveLater(ctx context.Context, job jobs.Job) error {
	inc, err := a.incidents.Get(ctx, job.IncidentID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := a.db.read(ctx, inc.ChannelID)
	if err != nil {
		return err
	}
	s, current := planOf(&inc, job)
	archived := job.Again() && c != nil && c.DeleteAt >= job.DueAt // by an earlier attempt, which was interrupted
	if !current {
		if archived && inc.IsActive {
			return a.bringBack(ctx, &inc, c.DeleteAt)
		}
		return nil
	}
	switch {
	case c == nil || c.isDefault():
		return a.dismiss(ctx, job, BecauseGone)
	case c.DeleteAt != 0 && !(s.warned() && archived):
		return a.dismiss(ctx, job, BecauseArchived)
	case c.Ongoing > 0:
		if archived {
			if err := a.bringBack(ctx, &inc, c.DeleteAt); err != nil {
				return err
			}
		}
		return a.dismiss(ctx, job, BecauseOngoing)
	case !s.warned():
		return a.warn(ctx, job)
	}
	return a.archive(ctx, &inc, c, job)
}

// warn tells the channel when it will be archived.
func (a *archiving) warn(ctx context.Context, job jobs.Job) error {
	return a.change(ctx, job, func(i *incident.Incident, s state, now int64) incident.OwnPayload {
		s.WarnedAt, s.ArchiveAt = now, max(s.ArchiveAt, now+leastWarning.Milliseconds())
		s.store(i)
		return Announced{ArchiveAt: s.ArchiveAt, AfterDays: s.AfterDays}
	})
}

// dismiss gives up a plan, because the channel is not to be archived any more. The next end may plan again.
func (a *archiving) dismiss(ctx context.Context, job jobs.Job, why Reason) error {
	return a.change(ctx, job, func(i *incident.Incident, s state, _ int64) incident.OwnPayload {
		state{AfterDays: s.AfterDays}.store(i)
		return Kept{ArchiveAt: s.ArchiveAt, Because: why}
	})
}

// change changes an incident unless the plan of the job is another one by now.
func (a *archiving) change(ctx context.Context, job jobs.Job, fn func(i *incident.Incident, s state, now int64) incident.OwnPayload) error {
	_, err := a.core.Change(ctx, app.AsPlugin(job.IncidentID), func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		s, current := planOf(i, job)
		if !current {
			return nil, nil
		}
		return i.ChangeOwn(fn(i, s, now)), nil
	})
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}

// archive archives the channel, and then stores when: so it is known whether it is still the plugin that has archived it. An attempt that is
// interrupted in between is found by the next one.
func (a *archiving) archive(ctx context.Context, inc *incident.Incident, c *channel, job jobs.Job) error {
	if c.DeleteAt == 0 {
		waiting, err := a.db.unpublished(ctx, inc.ID, a.publishing())
		if err != nil {
			return err
		}
		if waiting > 0 {
			return jobs.Later(publishWait)
		}
		refused := a.host.ArchiveChannel(inc.ChannelID)
		if c, err = a.db.read(ctx, inc.ChannelID); err != nil {
			return err
		}
		switch {
		case c == nil:
			return a.dismiss(ctx, job, BecauseGone)
		case c.DeleteAt == 0 && refused == nil:
			return errStillThere
		case c.DeleteAt == 0:
			return refused
		}
	}
	changed, err := a.core.Change(ctx, app.AsPlugin(inc.ID), func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		s, current := planOf(i, job)
		if !current {
			return nil, nil
		}
		s.ArchiveAt, s.ArchivedAt, s.WarnedAt = 0, c.DeleteAt, 0
		s.store(i)
		because := BecausePlaybook
		if s.ByUserID != "" {
			because = BecauseChoice
		}
		return i.ChangeOwn(Archived{ArchivedAt: c.DeleteAt, Because: because, ByUserID: s.ByUserID}), nil
	})
	switch {
	case incident.IsKind(err, incident.NotFound):
		return nil
	case err != nil:
		return err
	case stateOf(&changed.After).ArchivedAt != c.DeleteAt: // restarted or kept meanwhile
		return a.bringBack(ctx, &changed.After, c.DeleteAt)
	}
	return nil
}

// bringBack unarchives a channel that was archived at a time (Unix ms) although nobody wants it any more. The post lets Mattermost
// forget what it has cached of the channel.
func (a *archiving) bringBack(ctx context.Context, inc *incident.Incident, archivedAt int64) error {
	restored, err := a.db.restore(ctx, inc.ChannelID, archivedAt, a.now().UnixMilli())
	if err != nil || !restored {
		return err
	}
	a.refresh(ctx, inc)
	_, err = a.host.CreatePost(&model.Post{UserId: a.host.BotID(), ChannelId: inc.ChannelID,
		Message: restoredPost(a.core.PostLanguage(), nil, nil)})
	if err != nil {
		a.log.Warn("A channel was brought back, but the post about it failed.", "incident_id", inc.ID, "channel_id", inc.ChannelID, "error", err.Error())
	}
	return nil
}

// publishing are the kinds of jobs that post about changes.
func (a *archiving) publishing() (names []string) {
	for _, kind := range a.core.JobKinds() {
		if kind.Ordered {
			names = append(names, kind.Name)
		}
	}
	return names
}

// restoredJob tells of a channel that was archived at a time and is back at now, both in Unix ms.
func restoredJob(incidentID string, archivedAt, now int64) jobs.Job {
	return jobs.Job{ID: model.NewId(), Kind: jobRestored, Key: fmt.Sprint(incidentID, ":", archivedAt), IncidentID: incidentID, DueAt: archivedAt, NextAttemptAt: now, CreateAt: now}
}

// refresh lets the members of a channel that is back hear of it. Mattermost remembers, for half an hour and more, of which channels a connected
// client gets the events, and archived ones are none. What fails costs somebody no more than that, and is logged.
func (a *archiving) refresh(ctx context.Context, inc *incident.Incident) {
	ctx, cancel := context.WithTimeout(ctx, refreshTime)
	defer cancel()
	ids, err := a.db.members(ctx, inc.ChannelID, maxRefreshed)
	failed := 0
	for _, id := range ids {
		if ctx.Err() != nil {
			err = ctx.Err()
			break
		}
		if refused := a.host.RefreshMember(inc.ChannelID, id); refused != nil {
			err = refused
			failed++
		}
	}
	if err != nil {
		a.log.Warn("A channel is back, but some of its members may see new messages only when they load Mattermost again.",
			"incident_id", inc.ID, "channel_id", inc.ChannelID, "failed", failed, "error", err.Error())
	}
}

// tellRestored tells once of a channel that is back, after its members can hear of it. Its post lets Mattermost forget what it has cached of the
// channel.
func (a *archiving) tellRestored(ctx context.Context, job jobs.Job) error {
	inc, err := a.incidents.Get(ctx, job.IncidentID)
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a.refresh(ctx, &inc)
	r := app.AsPlugin(job.IncidentID)
	r.InTx = func(ctx context.Context, tx app.Tx, _ app.Change) error {
		n, err := tx.Exec(ctx, tx.DropJob(job.Kind, job.Key))
		if err == nil && n == 0 {
			err = app.ErrUnchanged
		}
		return err
	}
	_, err = a.core.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		return i.ChangeOwn(Restored{ArchivedAt: job.DueAt}), nil
	})
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	return err
}
