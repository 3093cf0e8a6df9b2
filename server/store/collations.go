package store

import (
	"context"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
)

// collatedColumn is a column of a table on MySQL or MariaDB.
type collatedColumn struct{ Tab, Name, Collation string }

// charsetOf is the character set of a collation.
func charsetOf(collation string) string {
	charset, _, _ := strings.Cut(collation, "_")
	return charset
}

// compares reports whether MySQL compares columns of two collations. It does if one is binary, and if the character sets differ:
// utf8mb4, which our tables have, then wins over those that older servers had.
func compares(ours, theirs string) bool {
	return ours == theirs || charsetOf(ours) != charsetOf(theirs) || strings.HasSuffix(ours, "_bin") || strings.HasSuffix(theirs, "_bin")
}

// ourMySQLTables selects the tables of the plugin, those of capabilities included.
const ourMySQLTables = "table_schema = DATABASE() AND table_name LIKE 'IR!_%' ESCAPE '!'"

// checkCollations fails if MySQL or MariaDB would refuse to compare ids in our tables with those in Mattermost's, or with each other,
// as after a conversion of Mattermost's tables alone. The error has the statements to run: to convert tables may take long, and
// MySQL cannot take it back half-way.
func (s *Store) checkCollations(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	columns := s.builder.Select("table_name AS tab", "column_name AS name", "COALESCE(collation_name, '') AS collation").From("information_schema.columns")
	var theirs, ours []collatedColumn
	err := s.selectAll(ctx, s.db, &theirs, columns.Where("table_schema = DATABASE()").Where(sq.Eq{"table_name": "Channels", "column_name": "Id"}))
	if err == nil && len(theirs) > 0 {
		err = s.selectAll(ctx, s.db, &ours, columns.Where(ourMySQLTables).Where(sq.Eq{"column_type": "varchar(26)"}).OrderBy("table_name"))
	}
	if err != nil {
		return errors.Wrap(err, "compare the collations of the tables")
	}
	var different []string
	for _, c := range ours {
		if !compares(c.Collation, theirs[0].Collation) && (len(different) == 0 || different[len(different)-1] != c.Tab) {
			different = append(different, c.Tab)
		}
	}
	if len(different) == 0 {
		return nil
	}
	statements, err := s.conversion(ctx, different, theirs[0].Collation)
	if err != nil {
		return err
	}
	return errors.Errorf("the ids in the plugin's tables (%s) have another collation than those in Mattermost's (%s), so the database refuses to compare them. "+
		"Make a backup, run these statements in Mattermost's database, then enable the plugin again: %s",
		strings.Join(different, ", "), theirs[0].Collation, strings.Join(statements, "; ")+";")
}

// conversion are the statements that give some of our tables a collation. Foreign keys forbid it, so they are dropped and created again.
// Columns that are compared byte by byte stay so.
func (s *Store) conversion(ctx context.Context, tables []string, collation string) ([]string, error) {
	var keys []struct{ Name, Tab, Col, Target, TargetCol string }
	err := s.selectAll(ctx, s.db, &keys, s.builder.Select("constraint_name AS name", "table_name AS tab", "column_name AS col",
		"referenced_table_name AS target", "referenced_column_name AS targetcol").
		From("information_schema.key_column_usage").Where(ourMySQLTables).Where("referenced_table_name IS NOT NULL").OrderBy("table_name"))
	if err != nil {
		return nil, errors.Wrap(err, "read the foreign keys of the tables")
	}
	var binary []struct{ Tab, Name, Type, Nullable string }
	err = s.selectAll(ctx, s.db, &binary, s.builder.Select("table_name AS tab", "column_name AS name", "column_type AS type", "is_nullable AS nullable").
		From("information_schema.columns").Where(ourMySQLTables).Where(sq.Eq{"table_name": tables, "collation_name": "utf8mb4_bin"}).OrderBy("table_name", "column_name"))
	if err != nil {
		return nil, errors.Wrap(err, "read the columns that are compared byte by byte")
	}
	var drop, convert, add []string
	for _, k := range keys {
		drop = append(drop, "ALTER TABLE "+k.Tab+" DROP FOREIGN KEY "+k.Name)
		add = append(add, "ALTER TABLE "+k.Tab+" ADD CONSTRAINT "+k.Name+" FOREIGN KEY ("+k.Col+") REFERENCES "+k.Target+" ("+k.TargetCol+")")
	}
	for _, table := range tables {
		convert = append(convert, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET "+charsetOf(collation)+" COLLATE "+collation)
	}
	for _, c := range binary {
		null := " NOT NULL"
		if c.Nullable == "YES" {
			null = ""
		}
		convert = append(convert, "ALTER TABLE "+c.Tab+" MODIFY "+c.Name+" "+c.Type+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"+null)
	}
	return append(append(drop, convert...), add...), nil
}
