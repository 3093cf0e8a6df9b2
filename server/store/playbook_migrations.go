package store

import (
	"context"

	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"
)

// addPlaybookRevisions adds a revision to each playbook, and who made it. 1.2.0 leaves both alone.
func addPlaybookRevisions(ctx context.Context, c *schema) error {
	if err := c.column(ctx, "IR_Playbook", "Revision", "BIGINT NOT NULL DEFAULT 0", "BIGINT NOT NULL DEFAULT 0"); err != nil {
		return err
	}
	if err := c.column(ctx, "IR_Playbook", "CreatorID", "TEXT NOT NULL DEFAULT ''", "VARCHAR(26) NOT NULL DEFAULT ''"); err != nil {
		return err
	}
	return c.index(ctx, "IR_Playbook_CreatorID", "IR_Playbook", "CreatorID")
}

// addPlaybookUse adds the table of the last start of each user from each playbook. It is filled with
// the commanders of the incidents so far, who nearly always started them.
func addPlaybookUse(ctx context.Context, c *schema) error {
	err := c.table(ctx, "IR_PlaybookUse", `
		PlaybookID VARCHAR(26) NOT NULL,
		UserID VARCHAR(26) NOT NULL,
		UsedAt BIGINT NOT NULL,
		PRIMARY KEY (PlaybookID, UserID)
	`)
	if err != nil {
		return err
	}
	const fill = `INSERT INTO IR_PlaybookUse (PlaybookID, UserID, UsedAt)
		SELECT i.PlaybookID, i.CommanderUserID, MAX(i.CreateAt) FROM IR_Incident i
		WHERE i.PlaybookID <> '' AND NOT EXISTS (SELECT 1 FROM IR_PlaybookUse u WHERE u.PlaybookID = i.PlaybookID AND u.UserID = i.CommanderUserID)
		GROUP BY i.PlaybookID, i.CommanderUserID`
	return c.run(ctx, fill, fill)
}

// usePlaybook records that a user has started an incident from a playbook at now (Unix ms).
func (s *Store) usePlaybook(ctx context.Context, tx *sqlx.Tx, playbookID, userID string, now int64) error {
	newer := "ON DUPLICATE KEY UPDATE UsedAt = VALUES(UsedAt)"
	if s.postgres {
		newer = "ON CONFLICT (PlaybookID, UserID) DO UPDATE SET UsedAt = EXCLUDED.UsedAt"
	}
	q := s.builder.Insert("IR_PlaybookUse").Columns("PlaybookID", "UserID", "UsedAt").Values(playbookID, userID, now).Suffix(newer)
	_, err := s.exec(ctx, tx, q)
	return errors.Wrap(err, "note the use of a playbook")
}
