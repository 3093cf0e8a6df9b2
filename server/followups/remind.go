package followups

import (
	"context"
	"fmt"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Kinds of jobs.
const (
	// JobReminder reminds an owner by a direct message; the key is reminderKey.
	JobReminder = "followup_reminder"
	// JobOwners looks once a day for owners who were lost; the key is the day.
	JobOwners = "followup_owners"
	// JobLost tells a commander of an owner who was lost; the key is the incident's id and the owner's.
	JobLost = "followup_owner_lost"
)

const (
	// reminderProp and lostProp mark the posts with the keys of their jobs, so that another attempt finds the post that may have
	// been made.
	reminderProp = "incident_followup_reminder"
	lostProp     = "incident_followup_owner"
	week         = 7 * 24 * time.Hour
	day          = 24 * time.Hour
	// remindHour is the hour of the due day at which the owner is reminded, in their time zone, if it is not due earlier.
	remindHour = 9
	// maxLostShown is how many follow-ups of a lost owner a message names.
	maxLostShown = 10
)

func (f *followups) jobKinds() []jobs.Kind {
	posting := jobs.Kind{Poll: 2 * time.Second, Concurrency: 2, Lease: time.Minute, Timeout: 40 * time.Second,
		Backoff: 5 * time.Second, MaxBackoff: 5 * time.Minute, MaxAttempts: 300} // for about a day
	remind, lost, owners := posting, posting, posting
	remind.Name, remind.Run = JobReminder, f.remind
	lost.Name, lost.Run = JobLost, f.tellLost
	owners.Name, owners.Run, owners.Poll, owners.Concurrency = JobOwners, f.checkOwners, 10*time.Second, 1
	return []jobs.Kind{remind, lost, owners}
}

func newJob(kind, key, incidentID string, due, now int64) jobs.Job {
	return jobs.Job{ID: newID(), Kind: kind, Key: key, IncidentID: incidentID, DueAt: due, NextAttemptAt: due, CreateAt: now}
}

func reminderKey(f *FollowUp) string { return fmt.Sprint(f.ID, ":", f.RemindAt) }

func reminderJob(f *FollowUp, now int64) jobs.Job {
	return newJob(JobReminder, reminderKey(f), f.IncidentID, f.RemindAt, now)
}

// ownersJob is the look of the next day. There is one for each day.
func ownersJob(now int64) jobs.Job {
	due := now + day.Milliseconds()
	return newJob(JobOwners, time.UnixMilli(due).UTC().Format("2006-01-02"), "", due, now)
}

func lostJob(incidentID, ownerID string, now int64) jobs.Job {
	return newJob(JobLost, incidentID+":"+ownerID, incidentID, now, now)
}

// schedule returns when the owner is to be reminded of a follow-up that was changed at now, 0 for never.
func schedule(before, after *FollowUp, zone *time.Location, now int64) int64 {
	wanted := func(f *FollowUp) bool { return f.State == Open && f.OwnerID != "" && f.DueAt != 0 }
	switch {
	case !wanted(after):
		return 0
	case wanted(before) && before.OwnerID == after.OwnerID && before.DueAt == after.DueAt && before.RemindAt != 0:
		return before.RemindAt
	}
	return firstReminder(after.DueAt, zone, now)
}

// firstReminder is nine o'clock on the day at which something is due, in the zone of the owner. If it is due earlier, or that
// time has passed, it is the due time itself, and at once if that has passed as well.
func firstReminder(due int64, zone *time.Location, now int64) int64 {
	at := time.UnixMilli(due).In(zone)
	nine := time.Date(at.Year(), at.Month(), at.Day(), remindHour, 0, 0, 0, zone).UnixMilli()
	if nine > now && nine < due {
		return nine
	}
	return max(due, now)
}

// nextReminder is a whole number of weeks after the last one, and later than now.
func nextReminder(last, now int64) int64 {
	weeks := max((now-last)/week.Milliseconds(), 0) + 1
	return last + weeks*week.Milliseconds()
}

// remind reminds the owner of a follow-up, if it is still to be done. An owner who is deactivated or cannot read the incident
// is not written to, but reminded a week later if they are back.
func (f *followups) remind(ctx context.Context, job jobs.Job) error {
	id, _, _ := cut(job.Key)
	item, err := f.data.Get(ctx, id, "", f.now())
	if incident.IsKind(err, incident.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	pending := item.State == Open && item.RemindAt == job.DueAt && item.OwnerID != ""
	reachable := false
	if pending {
		if reachable, err = f.mayBeTold(ctx, item.OwnerID, item.IncidentID); err != nil {
			return err
		}
	}
	postID, channelID := "", ""
	if reachable || job.Again() && item.OwnerID != "" {
		channel, err := f.host.DirectChannel(item.OwnerID)
		switch {
		case incident.IsKind(err, incident.NotFound):
			f.log.Info("The owner of a follow-up cannot be written to.", "user_id", item.OwnerID, "error", err.Error())
			reachable = false
		case err != nil:
			return err
		default:
			channelID = channel.Id
		}
	}
	if channelID != "" {
		if postID, err = f.earlier(ctx, channelID, reminderProp, job); err != nil {
			return err
		}
	}
	if !pending {
		return f.retract(postID)
	}
	if reachable && postID == "" {
		post := &model.Post{UserId: f.host.BotID(), ChannelId: channelID, Message: f.reminderText(&item)}
		post.AddProp(reminderProp, job.Key)
		made, err := f.host.CreatePost(post)
		if err != nil {
			return err
		}
		postID = made.Id
	}
	now := f.now()
	stored, err := f.data.Reminded(ctx, id, job.DueAt, nextReminder(job.DueAt, now), now)
	if incident.IsKind(err, incident.NotFound) {
		err = nil
	}
	if err != nil || stored {
		return err
	}
	return f.retract(postID) // closed, or given another date, while the post was being made
}

// cut splits a key of two ids.
func cut(key string) (first, second string, ok bool) {
	if len(key) < 27 || key[26] != ':' {
		return key, "", false
	}
	return key[:26], key[27:], true
}

// earlier looks for the post that an earlier attempt of the job may have made.
func (f *followups) earlier(ctx context.Context, channelID, prop string, job jobs.Job) (postID string, err error) {
	if !job.Again() {
		return "", nil
	}
	return f.svc.FindPost(ctx, channelID, f.host.BotID(), max(job.DueAt, job.CreateAt), prop, job.Key)
}

func (f *followups) retract(postID string) error {
	if postID == "" {
		return nil
	}
	return f.host.DeletePost(postID)
}

// mayBeTold reports whether a user is active and can read an incident.
func (f *followups) mayBeTold(ctx context.Context, userID, incidentID string) (bool, error) {
	user, err := f.host.User(userID)
	if _, refused := incident.AsError(err); refused || err == nil && user.DeleteAt != 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	h, err := f.incidents.Header(ctx, incidentID, userID)
	if incident.IsKind(err, incident.NotFound) {
		return false, nil
	}
	return err == nil && f.rules.ViewIncident(userID, h.ChannelAccess()), err
}

// checkOwners looks for owners who were lost, and stores the look of the next day.
func (f *followups) checkOwners(ctx context.Context, _ jobs.Job) error {
	now := f.now()
	owned, err := f.data.TellLost(ctx, now)
	if err != nil || !owned {
		return err
	}
	return f.jobs.Add(ctx, ownersJob(now))
}

// tellLost sends the commander a message that an owner of open follow-ups was lost. If the commander is that owner, or was lost as
// well, the message goes to the incident's channel.
func (f *followups) tellLost(ctx context.Context, job jobs.Job) error {
	incidentID, ownerID, _ := cut(job.Key)
	items, err := f.data.OpenOf(ctx, incidentID, ownerID, maxLostShown+1, f.now())
	if err != nil || len(items) == 0 || items[0].OwnerState == "" {
		return err
	}
	channelID, commander := items[0].ChannelID, items[0].commanderID
	language := f.svc.PostLanguage()
	if commander != "" && commander != ownerID {
		reachable, err := f.mayBeTold(ctx, commander, incidentID)
		if err != nil {
			return err
		}
		if reachable {
			direct, err := f.host.DirectChannel(commander)
			if err != nil {
				return err
			}
			channelID, language = direct.Id, f.svc.Language(commander)
		}
	}
	found, err := f.earlier(ctx, channelID, lostProp, job)
	if err != nil || found != "" {
		return err
	}
	post := &model.Post{UserId: f.host.BotID(), ChannelId: channelID, Message: f.lostText(language, items)}
	post.AddProp(lostProp, job.Key)
	_, err = f.host.CreatePost(post)
	if incident.IsKind(err, incident.NotFound) { // the channel was deleted for good
		return nil
	}
	return err
}
