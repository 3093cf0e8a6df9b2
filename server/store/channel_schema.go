package store

import (
	"context"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
)

// ongoingIndex is the unique index by which a channel has at most one ongoing incident.
const ongoingIndex = "IR_Incident_OngoingChannelID"

// allowSeveralInChannel lets a channel have several incidents, of which at most one is ongoing. The database derives that from the
// columns of version 1.2.0, so that it stays true while that version ends and restarts incidents. The rule of version 1.2.0, one
// incident for each channel, is removed last: if the migration stops half-way, the stricter rule holds.
func allowSeveralInChannel(ctx context.Context, c *schema) error {
	if err := c.column(ctx, "IR_Incident", "ExistingChannel", "BOOLEAN NOT NULL DEFAULT FALSE", "BOOLEAN NOT NULL DEFAULT FALSE"); err != nil {
		return err
	}
	if c.s.postgres {
		if err := c.run(ctx, "CREATE UNIQUE INDEX IF NOT EXISTS "+ongoingIndex+" ON IR_Incident (ChannelID) WHERE IsActive", ""); err != nil {
			return err
		}
		return c.dropUniqueChannelPostgres(ctx)
	}
	err := c.column(ctx, "IR_Incident", "OngoingChannelID", "", "VARCHAR(26) GENERATED ALWAYS AS (CASE WHEN IsActive THEN ChannelID END) STORED")
	if isSyntaxError(err) { // MySQL 5.6
		c.s.log.Warn("This database knows no generated columns, so a channel can have one incident only. Upgrade MySQL to 5.7 or later.", "error", err.Error())
		return nil
	}
	if err == nil {
		err = c.uniqueIndex(ctx, ongoingIndex, "IR_Incident", "OngoingChannelID")
	}
	if err != nil {
		return err
	}
	return c.dropUniqueChannelMySQL(ctx)
}

// dropUniqueChannelPostgres removes each unique index of the channel alone. It belongs to a constraint, or, in a database that was moved
// from MySQL, to none.
func (c *schema) dropUniqueChannelPostgres(ctx context.Context) error {
	var rows []struct {
		Name  string
		Owned bool
	}
	err := c.s.selectAll(ctx, c.tx, &rows, sq.Expr("SELECT ic.relname AS name, con.oid IS NOT NULL AS owned FROM pg_index x"+
		" JOIN pg_class t ON t.oid = x.indrelid AND t.relname = 'ir_incident' JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema()"+
		" JOIN pg_class ic ON ic.oid = x.indexrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] AND a.attname = 'channelid'"+
		" LEFT JOIN pg_constraint con ON con.conindid = x.indexrelid AND con.contype = 'u'"+
		" WHERE x.indisunique AND NOT x.indisprimary AND x.indnatts = 1 AND x.indpred IS NULL"))
	if err != nil {
		return errors.Wrap(err, "look for the unique index of channels")
	}
	for _, row := range rows {
		drop, name := "DROP INDEX ", `"`+strings.ReplaceAll(row.Name, `"`, `""`)+`"`
		if row.Owned {
			drop = "ALTER TABLE IR_Incident DROP CONSTRAINT "
		}
		if err := c.run(ctx, drop+name, ""); err != nil {
			return err
		}
	}
	return nil
}

func (c *schema) dropUniqueChannelMySQL(ctx context.Context) error {
	var names []string
	err := c.s.selectAll(ctx, c.tx, &names, c.s.builder.Select("index_name AS name").From("information_schema.statistics").
		Where("table_schema = DATABASE() AND table_name = 'IR_Incident' AND non_unique = 0").
		GroupBy("index_name").Having("COUNT(*) = 1 AND MIN(column_name) = 'ChannelID'"))
	if err != nil {
		return errors.Wrap(err, "look for the unique index of channels")
	}
	for _, name := range names {
		if err := c.run(ctx, "", "ALTER TABLE IR_Incident DROP INDEX `"+strings.ReplaceAll(name, "`", "``")+"`"); err != nil {
			return err
		}
	}
	return nil
}
