package store

import (
	"context"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
)

// addPrimaryKeys gives a primary key to the two tables that have none in 1.2.0. Without one PostgreSQL refuses to delete
// from a table that is published, and MariaDB and MySQL refuse the table where they are set up to demand keys.
//
// On MySQL 1.2.0 stores a member as often as a client names it, and takes letter cases for the same. So the key there is
// a number of its own: neither version notices it.
func addPrimaryKeys(ctx context.Context, c *schema) error {
	if !c.s.postgres {
		err := c.column(ctx, "IR_PlaybookMember", "RowID", "", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY")
		if err != nil {
			return err
		}
		return c.primaryKey(ctx, "IR_StatusPosts", "IncidentID", "PostID")
	}
	if err := c.primaryKey(ctx, "IR_PlaybookMember", "PlaybookID", "MemberID"); err != nil {
		return err
	}
	return c.primaryKey(ctx, "IR_StatusPosts", "IncidentID", "PostID")
}

// primaryKey makes a primary key of two columns unless the table has one. Of equal rows one is kept.
func (c *schema) primaryKey(ctx context.Context, table, first, second string) error {
	q := c.s.builder.Select("COUNT(*)").From("information_schema.table_constraints").Where(sq.Eq{"constraint_type": "PRIMARY KEY"})
	if c.s.postgres {
		q = q.Where("table_schema = current_schema()").Where(sq.Eq{"table_name": strings.ToLower(table)})
	} else {
		q = q.Where("table_schema = DATABASE()").Where(sq.Eq{"table_name": table})
	}
	var n int
	if err := c.s.get(ctx, c.tx, &n, q); err != nil {
		return errors.Wrapf(err, "look for the primary key of %s", table)
	}
	if n > 0 {
		return nil
	}
	if err := c.removeEqualRows(ctx, table, first, second); err != nil {
		return err
	}
	add := "ALTER TABLE " + table + " ADD PRIMARY KEY (" + first + ", " + second + ")"
	return c.run(ctx, add, add)
}

// removeEqualRows keeps one of equal rows, on PostgreSQL. There are some only if somebody has dropped the unique key of
// 1.2.0, or restored the table without it. MySQL cannot tell such rows apart.
func (c *schema) removeEqualRows(ctx context.Context, table, first, second string) error {
	if !c.s.postgres {
		return nil
	}
	same := "FROM " + table + " a JOIN " + table + " b ON a." + first + " = b." + first + " AND a." + second + " = b." + second + " AND a.ctid > b.ctid"
	var n int
	if err := c.s.get(ctx, c.tx, &n, sq.Expr("SELECT COUNT(*) "+same)); err != nil || n == 0 {
		return errors.Wrapf(err, "look for equal rows of %s", table)
	}
	c.s.log.Warn("Equal rows are removed, so that the table can have a primary key.", "table", table, "rows", n)
	for _, statement := range []string{
		"ALTER TABLE " + table + " REPLICA IDENTITY FULL", // else nothing can be deleted if the table is published
		"DELETE FROM " + table + " WHERE ctid IN (SELECT a.ctid " + same + ")",
		"ALTER TABLE " + table + " REPLICA IDENTITY DEFAULT",
	} {
		if err := c.run(ctx, statement, ""); err != nil {
			return err
		}
	}
	return nil
}
