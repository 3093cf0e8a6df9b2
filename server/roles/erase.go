package roles

import (
	"context"
	"encoding/json"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// jobEraseBriefs deletes the direct messages about the handoffs of an incident that was deleted. The key is the id of one of the handoffs,
// the payload names all of them, and the job names no incident.
const jobEraseBriefs = "handoff_erase"

// briefs is the payload of jobEraseBriefs.
type briefs struct {
	Handoffs []Handoff `json:"handoffs"`
}

func (u *roles) eraseKind() jobs.Kind {
	return jobs.Kind{Name: jobEraseBriefs, Poll: 2 * time.Second, Concurrency: 1, Lease: time.Minute, Timeout: 40 * time.Second,
		Backoff: 5 * time.Second, MaxBackoff: 5 * time.Minute, MaxAttempts: 300, // for about a day
		Run: u.eraseBriefs}
}

// erase stores the job that deletes the direct messages about handoffs of an incident, in the transaction that deletes the incident.
func erase(ctx context.Context, tx app.Tx, incidentID string) error {
	var stored []string
	err := tx.Select(ctx, &stored, tx.Builder().Select("AfterJSON").From("IR_Event").Where(sq.Eq{"IncidentID": incidentID, "Type": string(EventOffered)}).OrderBy("Revision"))
	if err != nil {
		return errors.Wrap(err, "look for handoffs")
	}
	var all briefs
	for _, after := range stored {
		h, _ := incident.DecodePayload(EventOffered, []byte("{}"), []byte(after)).(HandoffEvent) // one that is damaged is left out
		if h.ID != "" && model.IsValidId(h.ToUserID) {
			all.Handoffs = append(all.Handoffs, Handoff{ID: h.ID, ToUserID: h.ToUserID, At: h.At})
		}
	}
	if len(all.Handoffs) == 0 {
		return nil
	}
	payload, err := incident.Marshal(all)
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	_, err = tx.Exec(ctx, tx.InsertJob(jobs.Job{ID: model.NewId(), Kind: jobEraseBriefs, Key: all.Handoffs[0].ID, Payload: payload,
		DueAt: now, NextAttemptAt: now, CreateAt: now}))
	return errors.Wrap(err, "plan to delete the messages about handoffs")
}

// eraseBriefs deletes the messages. One that is gone, or whose receiver cannot be written to, is no error.
func (u *roles) eraseBriefs(ctx context.Context, job jobs.Job) error {
	var all briefs
	if err := json.Unmarshal(job.Payload, &all); err != nil {
		return jobs.Permanent(err)
	}
	for _, h := range all.Handoffs {
		direct, err := u.host.DirectChannel(h.ToUserID)
		if _, refused := incident.AsError(err); refused {
			continue
		}
		if err != nil {
			return err
		}
		postID, err := u.svc.FindPost(ctx, direct.Id, u.host.BotID(), h.At, handoffProp, h.ID)
		if err == nil && postID != "" {
			err = u.svc.DeleteBotPost(direct.Id, postID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
