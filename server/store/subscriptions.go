package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

const (
	// subscriptionPrefix begins the keys of the subscriptions that version 1.2.0 has stored in the host's key-value table.
	subscriptionPrefix = "v2_subscription_"
	// adoptBatch is how many of them are looked at in one statement.
	adoptBatch = 500
)

// subscriptions implements app.Subscriptions.
type subscriptions struct {
	*Store
}

func addSubscriptions(ctx context.Context, c *schema) error {
	err := c.table(ctx, "IR_Subscription", `
		ID VARCHAR(26) PRIMARY KEY,
		UserID VARCHAR(26) NOT NULL,
		PlaybookID VARCHAR(26) NOT NULL,
		URLJSON MEDIUMTEXT NOT NULL,
		CreateAt BIGINT NOT NULL
	`)
	if err != nil {
		return err
	}
	return c.index(ctx, "IR_Subscription_UserID", "IR_Subscription", "UserID, CreateAt, ID")
}

// Add is one statement. Parallel requests of one user exceed the limit by at most one for each node.
func (s *subscriptions) Add(ctx context.Context, sub app.Subscription, now int64, limit int) error {
	target, err := json.Marshal(sub.URL)
	if err != nil {
		return errors.Wrap(err, "encode the URL of a subscription")
	}
	done, err := s.changes.Acquire(ctx, "subscriptions of "+sub.UserID)
	if err != nil {
		return err
	}
	defer done()
	from := " FROM DUAL"
	if s.postgres {
		from = ""
	}
	insert := sq.Expr(fmt.Sprintf("INSERT INTO IR_Subscription (ID, UserID, PlaybookID, URLJSON, CreateAt) SELECT ?, ?, ?, ?, %d%s"+
		" WHERE (SELECT COUNT(*) FROM IR_Subscription WHERE UserID = ?) < %d", now, from, limit),
		sub.ID, sub.UserID, sub.PlaybookID, string(target), sub.UserID)
	if s.postgres {
		insert = together(insert) // numbers the placeholders
	}
	var stored int64
	err = s.withRetry(ctx, func() (err error) {
		stored, err = s.exec(ctx, s.db, insert)
		return err
	})
	if err == nil && stored == 0 {
		return app.ErrTooManySubscriptions
	}
	return errors.Wrap(err, "store a subscription")
}

func (s *subscriptions) List(ctx context.Context, f app.SubscriptionFilter) ([]app.Subscription, int, error) {
	where := sq.Eq{"UserID": f.UserID}
	if f.PlaybookID != "" {
		where["PlaybookID"] = f.PlaybookID
	}
	var rows []struct{ ID, UserID, PlaybookID, URLJSON string }
	q, none := cut(s.builder.Select("ID AS id", "UserID AS userid", "PlaybookID AS playbookid", "URLJSON AS urljson").From("IR_Subscription").
		Where(where).OrderBy("CreateAt", "ID"), f.Skip(), f.PerPage)
	if !none {
		if err := s.selectAll(ctx, s.db, &rows, q); err != nil {
			return nil, 0, errors.Wrap(err, "list subscriptions")
		}
	}
	total, known := totalFromPage(f.Skip(), f.PerPage, len(rows))
	if !known {
		if err := s.get(ctx, s.db, &total, s.builder.Select("COUNT(*)").From("IR_Subscription").Where(where)); err != nil {
			return nil, 0, errors.Wrap(err, "count subscriptions")
		}
	}
	items := make([]app.Subscription, len(rows))
	for n, row := range rows {
		items[n] = app.Subscription{ID: row.ID, UserID: row.UserID, PlaybookID: row.PlaybookID}
		if err := json.Unmarshal([]byte(row.URLJSON), &items[n].URL); err != nil {
			s.log.Warn("The URL of a subscription cannot be read", "subscription_id", row.ID, "error", err.Error())
		}
	}
	return items, total, nil
}

func (s *subscriptions) Delete(ctx context.Context, id, userID string) (bool, error) {
	where := sq.Eq{"ID": id}
	if userID != "" {
		where["UserID"] = userID
	}
	found, err := s.deleteSubscriptions(ctx, where, id)
	return found, errors.Wrap(err, "delete a subscription")
}

// deleteSubscriptions deletes the subscriptions that where selects, whose ids are given, if there are any. It also deletes the rows of
// version 1.2.0, from which they may have been adopted.
func (s *Store) deleteSubscriptions(ctx context.Context, where sq.Eq, ids ...string) (found bool, err error) {
	keys := make([]string, len(ids))
	for n, id := range ids {
		keys[n] = subscriptionPrefix + id
	}
	err = s.inTx(ctx, func(tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, s.builder.Delete("IR_Subscription").Where(where))
		found = n > 0
		if err != nil || !found {
			return err
		}
		_, err = s.exec(ctx, tx, s.builder.Delete("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID, "PKey": keys}))
		return err
	})
	return found, err
}

// forgetSubscriptions deletes the subscriptions of accounts that were deleted for good, which nobody would see or could delete, and those to
// playbooks that were deleted. Those of deactivated accounts stay. It must run after adoptSubscriptions, which would bring them back.
func (s *Store) forgetSubscriptions(ctx context.Context) error {
	for what, exists := range map[string]string{
		"of deleted accounts":  "SELECT 1 FROM Users u WHERE u.Id = s.UserID",
		"to deleted playbooks": "SELECT 1 FROM IR_Playbook p WHERE p.ID = s.PlaybookID AND p.DeleteAt = 0",
	} {
		err := s.forget(ctx, sq.Expr("NOT EXISTS ("+exists+")"))
		if err != nil && !isMissingTable(err) { // as in adoptSubscriptions
			return errors.Wrap(err, "delete the subscriptions "+what)
		}
	}
	return nil
}

// forget deletes the subscriptions s that a condition selects.
func (s *Store) forget(ctx context.Context, gone sq.Sqlizer) error {
	for {
		var ids []string
		err := s.selectAll(ctx, s.db, &ids, s.builder.Select("s.ID").From("IR_Subscription s").Where(gone).OrderBy("s.ID").Limit(adoptBatch))
		if err != nil || len(ids) == 0 {
			return err
		}
		if _, err := s.deleteSubscriptions(ctx, sq.Eq{"ID": ids}, ids...); err != nil {
			return err
		}
		if len(ids) < adoptBatch {
			return nil
		}
	}
}

// adoptSubscriptions takes over the subscriptions that version 1.2.0 has stored. Its rows stay, so that it finds them when it runs
// again.
func (s *Store) adoptSubscriptions(ctx context.Context) error {
	old := s.builder.Select("PKey").From("PluginKeyValueStore").Where(sq.Eq{"PluginId": s.pluginID}).
		Where("PKey LIKE ? ESCAPE '!'", likeEscape(subscriptionPrefix)+"%").OrderBy("PKey").Limit(adoptBatch)
	for last := ""; ; {
		var keys []string
		err := s.selectAll(ctx, s.db, &keys, old.Where(sq.Gt{"PKey": last}))
		if isMissingTable(err) { // a database without the host's tables, as tests make
			return nil
		}
		if err != nil {
			return errors.Wrap(err, "look for subscriptions of version 1.2.0")
		}
		if len(keys) == 0 {
			return nil
		}
		last = keys[len(keys)-1]
		if err := s.adopt(ctx, keys); err != nil {
			return err
		}
	}
}

// adopt stores the subscriptions of some keys unless they are stored already.
func (s *Store) adopt(ctx context.Context, keys []string) error {
	ids := make([]string, len(keys))
	for n, key := range keys {
		ids[n] = strings.TrimPrefix(key, subscriptionPrefix)
	}
	var stored []string
	if err := s.selectAll(ctx, s.db, &stored, s.builder.Select("ID").From("IR_Subscription").Where(sq.Eq{"ID": ids})); err != nil {
		return errors.Wrap(err, "look for adopted subscriptions")
	}
	known := map[string]bool{}
	for _, id := range stored {
		known[id] = true
	}
	for n, id := range ids {
		if known[id] {
			continue
		}
		var values [][]byte
		if err := s.selectAll(ctx, s.db, &values, s.builder.Select("PValue").From("PluginKeyValueStore").
			Where(sq.Eq{"PluginId": s.pluginID, "PKey": keys[n]})); err != nil {
			return errors.Wrap(err, "read a subscription of version 1.2.0")
		}
		var sub app.Subscription
		if len(values) == 0 || json.Unmarshal(values[0], &sub) != nil || !model.IsValidId(id) || !model.IsValidId(sub.UserID) || !model.IsValidId(sub.PlaybookID) {
			s.log.Warn("A subscription of version 1.2.0 cannot be read; it is left as it is.", "key", keys[n])
			continue
		}
		target, err := json.Marshal(sub.URL)
		if err != nil {
			return errors.Wrap(err, "encode the URL of a subscription")
		}
		_, err = s.exec(ctx, s.db, s.builder.Insert("IR_Subscription").Columns("ID", "UserID", "PlaybookID", "URLJSON", "CreateAt").
			Values(id, sub.UserID, sub.PlaybookID, string(target), 0).Suffix(s.ignoreConflict()))
		if err != nil {
			return errors.Wrap(err, "adopt a subscription of version 1.2.0")
		}
	}
	return nil
}
