package archiving

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// channel is a channel as it is stored now. Mattermost's own answer may come from a cache.
type channel struct {
	// DeleteAt is when it was archived in Unix milliseconds, 0 if it is not archived.
	DeleteAt int64
	Name     string
	// Ongoing is the number of incidents that are ongoing in it.
	Ongoing int
}

// channels is what is needed of the database.
type channels interface {
	// read returns nil if the channel was deleted for good.
	read(ctx context.Context, channelID string) (*channel, error)
	// unpublished is how many jobs of the given kinds of an incident are to be done.
	unpublished(ctx context.Context, incidentID string, kinds []string) (int, error)
	// planned are the ids of the incidents of a channel that let it be archived.
	planned(ctx context.Context, channelID string) ([]string, error)
	// restore unarchives a channel that was archived at a time (Unix ms), and reports whether there was one.
	restore(ctx context.Context, channelID string, archivedAt, now int64) (bool, error)

	// members are the ids of active people in a channel, who are no bots, those first who have looked at it last, at most limit.
	members(ctx context.Context, channelID string, limit uint64) ([]string, error)
}

type database struct{ capability.Database }

func (d *database) read(ctx context.Context, channelID string) (*channel, error) {
	var found []channel
	err := d.Select(ctx, &found, d.Builder().Select("c.DeleteAt AS deleteat", "c.Name AS name",
		"(SELECT COUNT(*) FROM IR_Incident i WHERE i.ChannelID = c.Id AND i.IsActive = true AND i.DeleteAt = 0) AS ongoing").
		From("Channels c").Where(sq.Eq{"c.Id": channelID}))
	if err != nil || len(found) == 0 {
		return nil, errors.Wrap(err, "read a channel")
	}
	return &found[0], nil
}

func (d *database) unpublished(ctx context.Context, incidentID string, kinds []string) (int, error) {
	var n []int
	err := d.Select(ctx, &n, d.Builder().Select("COUNT(*)").From("IR_Job").Where(sq.Eq{"IncidentID": incidentID, "Kind": kinds, "State": "waiting"}))
	if err != nil || len(n) == 0 {
		return 0, errors.Wrap(err, "count the jobs that publish changes of an incident")
	}
	return n[0], nil
}

func (d *database) planned(ctx context.Context, channelID string) (ids []string, err error) {
	err = d.Select(ctx, &ids, d.Builder().Select("DISTINCT i.ID").From("IR_Incident i").Join("IR_Job j ON j.IncidentID = i.ID").
		Where(sq.Eq{"i.ChannelID": channelID, "j.Kind": jobArchive, "j.State": "waiting"}))
	return ids, errors.Wrap(err, "look for incidents that let their channel be archived")
}

func (d *database) members(ctx context.Context, channelID string, limit uint64) (ids []string, err error) {
	err = d.Select(ctx, &ids, d.Builder().Select("m.UserId").From("ChannelMembers m").Join("Users u ON u.Id = m.UserId").LeftJoin("Bots b ON b.UserId = u.Id").
		Where(sq.Eq{"m.ChannelId": channelID, "u.DeleteAt": 0, "b.UserId": nil}).OrderBy("m.LastViewedAt DESC", "m.UserId").Limit(limit))
	return ids, errors.Wrap(err, "read who is in a channel")
}

func (d *database) restore(ctx context.Context, channelID string, archivedAt, now int64) (restored bool, err error) {
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		restored, err = restore(ctx, tx, channelID, archivedAt, now)
		return err
	})
	return restored, err
}

// restore unarchives a channel that was archived at a time (Unix ms), and reports whether there was one. It is what Mattermost does
// when a user unarchives a channel. No version has an API for plugins that does it without damage: UpdateChannel stores the whole
// channel, and the plugin's SDK knows only the columns of version 5.28. See docs/decisions/0051-archived-channels.md.
func restore(ctx context.Context, tx app.Tx, channelID string, archivedAt, now int64) (bool, error) {
	n, err := tx.Exec(ctx, tx.Builder().Update("Channels").Set("DeleteAt", 0).Set("UpdateAt", now).Where(sq.Eq{"Id": channelID, "DeleteAt": archivedAt}))
	if err != nil || n == 0 {
		return false, errors.Wrap(err, "unarchive a channel")
	}
	_, err = tx.Exec(ctx, tx.Builder().Update("PublicChannels").Set("DeleteAt", 0).Where(sq.Eq{"Id": channelID}).Where("DeleteAt <> 0"))
	return true, errors.Wrap(err, "unarchive a public channel")
}

// isDefault reports whether a channel is one that Mattermost does not archive.
func (c *channel) isDefault() bool { return c.Name == model.DEFAULT_CHANNEL }
