package store

import (
	"context"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
)

// tablesWithIDs are the tables of 1.2.0 whose ids are compared with those in Mattermost's tables.
var tablesWithIDs = []string{"IR_Incident", "IR_Playbook", "IR_PlaybookMember", "IR_StatusPosts"}

// checkCollations fails if MySQL or MariaDB would refuse to compare ids in our tables with those in Mattermost's, as after
// a conversion of Mattermost's tables alone. The error has the statements to run: to convert tables may take long, and
// MySQL cannot take it back half-way.
func (s *Store) checkCollations(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	var columns []struct{ Name, Collation string }
	err := s.selectAll(ctx, s.db, &columns, s.builder.Select("table_name AS name", "COALESCE(collation_name, '') AS collation").Distinct().
		From("information_schema.columns").Where("table_schema = DATABASE()").
		Where(sq.Or{sq.Eq{"table_name": "Channels", "column_name": "Id"}, sq.Eq{"table_name": tablesWithIDs, "column_type": "varchar(26)"}}).
		OrderBy("table_name"))
	if err != nil {
		return errors.Wrap(err, "compare the collations of the tables")
	}
	theirs := ""
	for _, c := range columns {
		if c.Name == "Channels" {
			theirs = c.Collation
		}
	}
	var different []string
	for _, c := range columns {
		if c.Collation != theirs && (len(different) == 0 || different[len(different)-1] != c.Name) {
			different = append(different, c.Name)
		}
	}
	if theirs == "" || len(different) == 0 {
		return nil
	}
	statements, err := s.conversion(ctx, theirs)
	if err != nil {
		return err
	}
	return errors.Errorf("the ids in the plugin's tables (%s) have another collation than those in Mattermost's (%s), so the database refuses to compare them. "+
		"Make a backup, run these statements in Mattermost's database, then enable the plugin again: %s",
		strings.Join(different, ", "), theirs, strings.Join(statements, "; ")+";")
}

// conversion are the statements that give our tables a collation. Foreign keys forbid it, so they are dropped and created again.
func (s *Store) conversion(ctx context.Context, collation string) ([]string, error) {
	var keys []struct{ Name, Tab, Col, Target, TargetCol string }
	err := s.selectAll(ctx, s.db, &keys, s.builder.Select("constraint_name AS name", "table_name AS tab", "column_name AS col",
		"referenced_table_name AS target", "referenced_column_name AS targetcol").
		From("information_schema.key_column_usage").Where("table_schema = DATABASE() AND referenced_table_name IS NOT NULL").
		Where(sq.Eq{"table_name": tablesWithIDs}).OrderBy("table_name"))
	if err != nil {
		return nil, errors.Wrap(err, "read the foreign keys of the tables")
	}
	charset, _, _ := strings.Cut(collation, "_")
	var drop, convert, add []string
	for _, k := range keys {
		drop = append(drop, "ALTER TABLE "+k.Tab+" DROP FOREIGN KEY "+k.Name)
		add = append(add, "ALTER TABLE "+k.Tab+" ADD CONSTRAINT "+k.Name+" FOREIGN KEY ("+k.Col+") REFERENCES "+k.Target+" ("+k.TargetCol+")")
	}
	for _, table := range tablesWithIDs {
		convert = append(convert, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET "+charset+" COLLATE "+collation)
	}
	return append(append(drop, convert...), add...), nil
}
