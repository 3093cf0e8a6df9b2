package status

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

const (
	// followPeriod is how often a node looks for status updates that were edited or deleted, as Mattermost 5.28 has no hook for
	// deleted posts, and none is called for a post that was removed from the database.
	followPeriod = 15 * time.Second
	// followFor is how long the copy of a status update follows it.
	followFor = 30 * 24 * time.Hour
	// followPage is how many copies are read at once.
	followPage = 100
	// eraseBatch is how many copies are deleted with one statement.
	eraseBatch = 500
)

// copied is the copy of a status update in the broadcast channel.
type copied struct {
	// StatusPostID is the post of the update, PostID the copy.
	StatusPostID, PostID string
	// EditAt is when the update was edited that the copy repeats, CreateAt when the copy was made, both in Unix milliseconds.
	EditAt, CreateAt int64
}

// copies stores the copies of status updates.
type copies interface {
	add(ctx context.Context, c copied) error
	// stale lists at most followPage copies, made since (Unix ms), of updates that were edited or are gone, by the ids of the updates,
	// with ids greater than after. statusPostID, if it is not "", names the only one that is looked at.
	stale(ctx context.Context, statusPostID, after string, since int64) ([]copied, error)
	// repeats stores which edit a copy repeats.
	repeats(ctx context.Context, statusPostID string, editAt int64) error
	remove(ctx context.Context, statusPostID string) error
}

// postUpdated is called after a post was edited. Posts of status updates have a mark.
func (u *updates) postUpdated(ctx context.Context, post, _ *model.Post) {
	if post == nil || post.GetProp(postProp) == nil {
		return
	}
	if err := u.followUpdates(ctx, post.Id); err != nil {
		u.log.Warn("The copy of an edited status update could not be changed; it is tried again.", "post_id", post.Id, "error", err.Error())
	}
}

func (u *updates) follow(ctx context.Context) error { return u.followUpdates(ctx, "") }

// followUpdates lets copies follow their status updates. Each step can be repeated, also by several nodes at once. Copies that cannot be
// changed, such as those in an archived channel, do not keep it from those behind them.
func (u *updates) followUpdates(ctx context.Context, statusPostID string) error {
	var failed error
	for after := ""; ; {
		stale, err := u.copies.stale(ctx, statusPostID, after, u.now()-followFor.Milliseconds())
		if err != nil {
			return err
		}
		for _, c := range stale {
			if err := u.followOne(ctx, c); err != nil && failed == nil {
				failed = errors.Wrapf(err, "follow the status update %s", c.StatusPostID)
			}
			after = c.StatusPostID
		}
		if len(stale) < followPage || ctx.Err() != nil {
			return failed
		}
	}
}

func (u *updates) followOne(ctx context.Context, c copied) error {
	post, err := u.host.Post(c.StatusPostID)
	if _, refused := incident.AsError(err); refused || err == nil && post.DeleteAt != 0 {
		if err := u.core.DeleteBotPost("", c.PostID); err != nil {
			return err
		}
		return u.copies.remove(ctx, c.StatusPostID)
	}
	if err != nil {
		return err
	}
	repeated, err := u.host.Post(c.PostID)
	if _, refused := incident.AsError(err); refused || err == nil && (repeated.DeleteAt != 0 || repeated.UserId != u.host.BotID()) {
		return u.copies.remove(ctx, c.StatusPostID) // somebody has deleted it
	}
	if err != nil {
		return err
	}
	head, _, found := strings.Cut(repeated.Message, broadcastLine)
	if found {
		edited := repeated.Clone()
		edited.Message = text.Shorten(head+broadcastLine+post.Message, incident.MaxMessage)
		if _, err = u.host.UpdatePost(edited); err != nil {
			if _, refused := incident.AsError(err); !refused {
				return err
			}
			u.log.Info("Mattermost does not allow to change the copy of an edited status update.", "post_id", c.PostID, "error", err.Error())
		}
	}
	return u.copies.repeats(ctx, c.StatusPostID, post.EditAt)
}

const copyTable = "IR_StatusCopy"

// addCopies makes the table of copies.
func addCopies(ctx context.Context, t capability.Tables) error {
	err := t.AddTable(ctx, "IR_StatusCopy", `StatusPostID VARCHAR(26) PRIMARY KEY, PostID VARCHAR(26) NOT NULL,
		EditAt BIGINT NOT NULL, CreateAt BIGINT NOT NULL`)
	if err != nil {
		return err
	}
	return t.AddIndex(ctx, "IR_StatusCopy_CreateAt", copyTable, "CreateAt")
}

// add stores nothing if the status update is gone, because its incident was deleted. It waits for who is deleting it: MySQL locks what
// an INSERT reads.
func (d *database) add(ctx context.Context, c copied) error {
	update := sq.Select("p.PostID").Column("?", c.PostID).Column(strconv.FormatInt(c.EditAt, 10)).Column(strconv.FormatInt(c.CreateAt, 10)).
		From("IR_StatusPosts p").Where(sq.Eq{"p.PostID": c.StatusPostID}).Limit(1)
	suffix := "ON DUPLICATE KEY UPDATE " + copyTable + ".PostID = VALUES(PostID)" // both tables have a PostID
	if d.Postgres() {
		suffix = "ON CONFLICT (StatusPostID) DO UPDATE SET PostID = EXCLUDED.PostID"
		update = update.Suffix("FOR KEY SHARE")
	}
	return d.InTransaction(ctx, func(tx capability.Transaction) error { // which runs again if both meet
		_, err := tx.Exec(ctx, d.Builder().Insert(copyTable).Columns("StatusPostID", "PostID", "EditAt", "CreateAt").Select(update).Suffix(suffix))
		return errors.Wrap(err, "store the copy of a status update")
	})
}

// erase deletes what is kept of the status updates of an incident that is being deleted, and its reminder. Who stores a copy
// waits for the lock.
func (d *database) erase(ctx context.Context, tx app.Tx, incidentID string) error {
	var ids []string
	if err := tx.Select(ctx, &ids, d.Builder().Select("PostID").From("IR_StatusPosts").Where(sq.Eq{"IncidentID": incidentID}).Suffix("FOR UPDATE")); err != nil {
		return errors.Wrap(err, "lock the status updates of an incident")
	}
	for some := range slices.Chunk(ids, eraseBatch) {
		if _, err := tx.Exec(ctx, d.Builder().Delete(copyTable).Where(sq.Eq{"StatusPostID": some})); err != nil {
			return errors.Wrap(err, "delete the copies of status updates")
		}
	}
	return d.set(ctx, tx, incidentID, 0)
}

func (d *database) stale(ctx context.Context, statusPostID, after string, since int64) ([]copied, error) {
	query := d.Builder().Select("c.StatusPostID AS statuspostid", "c.PostID AS postid", "c.EditAt AS editat", "c.CreateAt AS createat").
		From(copyTable + " c").LeftJoin("Posts p ON p.Id = c.StatusPostID").
		Where("(p.Id IS NULL OR p.DeleteAt <> 0 OR p.EditAt > c.EditAt)").Where(sq.GtOrEq{"c.CreateAt": since}).
		Where(sq.Gt{"c.StatusPostID": after}).OrderBy("c.StatusPostID").Limit(followPage)
	if statusPostID != "" {
		query = query.Where(sq.Eq{"c.StatusPostID": statusPostID})
	}
	var found []copied
	err := d.Select(ctx, &found, query)
	return found, errors.Wrap(err, "look for edited status updates")
}

func (d *database) repeats(ctx context.Context, statusPostID string, editAt int64) error {
	_, err := d.Exec(ctx, d.Builder().Update(copyTable).Set("EditAt", editAt).Where(sq.Eq{"StatusPostID": statusPostID}))
	return errors.Wrap(err, "store that a copy was changed")
}

func (d *database) remove(ctx context.Context, statusPostID string) error {
	_, err := d.Exec(ctx, d.Builder().Delete(copyTable).Where(sq.Eq{"StatusPostID": statusPostID}))
	return errors.Wrap(err, "forget the copy of a status update")
}
