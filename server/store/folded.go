package store

import (
	"context"
	"strconv"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/fold"
)

// Names are searched and sorted by forms that we store beside them, because what the databases make of case and accents
// depends on their locale, their collations and their version. See docs/decisions/0034-folded-names.md.

// foldBatch is how many rows one statement folds.
const foldBatch = 250

// foldName sets the columns of IR_Incident that follow from the name.
func foldName(set map[string]interface{}, name string) {
	set["NameFolded"], set["NameSort"], set["FoldVersion"] = fold.Text(name), fold.SortKey(name), fold.Version
}

// foldTitle sets the columns of IR_Playbook that follow from the title. Version 1.2.0 may change the title and leave them alone,
// so they include the title itself.
func foldTitle(set map[string]interface{}, title string) {
	set["TitleSort"], set["TitleSortOf"], set["FoldVersion"] = fold.SortKey(title), title, fold.Version
}

// nameContains is the condition that the name of IR_Incident i contains a term, without regard to case and accents.
func (s *Store) nameContains(term string) sq.Sqlizer {
	column := "i.NameFolded"
	folded := fold.Text(term)
	if folded == "" { // the term has only accents and invisible characters
		folded, column = term, "i.Name"
	}
	if s.postgres {
		return sq.Expr(column+" LIKE ? ESCAPE '!'", "%"+likeEscape(folded)+"%")
	}
	// The default collation of Name would take all emoji for the same.
	return sq.Expr("CONVERT("+column+" USING utf8mb4) COLLATE utf8mb4_bin LIKE CONVERT(? USING utf8mb4) COLLATE utf8mb4_bin ESCAPE '!'",
		"%"+likeEscape(folded)+"%")
}

// FoldNames is one query for each table if there is nothing to do.
func (s *Store) FoldNames(ctx context.Context) error { return s.foldAll(ctx, s.db) }

func (s *Store) foldAll(ctx context.Context, on sqlx.ExtContext) error {
	old := "FoldVersion < " + strconv.Itoa(fold.Version)
	title, of := s.exact("Title"), s.exact("TitleSortOf")
	for _, t := range []struct {
		table, source, stale string
		columns              []string
		set                  func(set map[string]interface{}, name string)
	}{
		{"IR_Incident", "Name", old, []string{"NameFolded", "NameSort"}, foldName},
		{"IR_Playbook", "Title", "(" + old + " OR TitleSortOf IS NULL OR " + of + " <> " + title + ")", []string{"TitleSort", "TitleSortOf"}, foldTitle},
	} {
		for {
			var rows []struct{ ID, Name string }
			q := s.builder.Select("ID AS id", t.source+" AS name").From(t.table).Where(t.stale).Limit(foldBatch)
			if err := s.selectAll(ctx, on, &rows, q); err != nil {
				return errors.Wrapf(err, "look for names of %s to fold", t.table)
			}
			if len(rows) == 0 {
				break
			}
			ids := make([]string, len(rows))
			values := map[string]*caseOfID{}
			for n, row := range rows {
				ids[n] = row.ID
				set := map[string]interface{}{}
				t.set(set, row.Name)
				for _, column := range t.columns {
					if values[column] == nil {
						values[column] = &caseOfID{}
					}
					values[column].add(s, row.ID, set[column])
				}
			}
			update := s.builder.Update(t.table).Set("FoldVersion", fold.Version).Where(sq.Eq{"ID": ids}).Where(t.stale)
			for _, column := range t.columns {
				update = update.Set(column, values[column].end())
			}
			err := s.withRetry(ctx, func() error {
				_, err := s.exec(ctx, on, update)
				return err
			})
			if err != nil {
				return errors.Wrapf(err, "fold the names of %s", t.table)
			}
			if len(rows) < foldBatch {
				break
			}
		}
	}
	return nil
}

// caseOfID is an expression that has another value for each id.
type caseOfID struct {
	text strings.Builder
	args []interface{}
}

func (c *caseOfID) add(s *Store, id string, value interface{}) {
	mark := "?"
	if _, binary := value.([]byte); binary && s.postgres {
		mark = "CAST(? AS bytea)"
	}
	c.text.WriteString(" WHEN ? THEN " + mark)
	c.args = append(c.args, id, value)
}

func (c *caseOfID) end() sq.Sqlizer { return sq.Expr("CASE ID"+c.text.String()+" END", c.args...) }

// addFoldedNames adds the columns. Version 1.2.0 leaves them alone: it stores rows without them.
func addFoldedNames(ctx context.Context, c *schema) error {
	const key = "VARBINARY(512)"
	for _, x := range []struct{ table, name, postgres, mysql string }{
		{"IR_Incident", "NameFolded", "TEXT", "TEXT"},
		{"IR_Incident", "NameSort", "BYTEA", key},
		{"IR_Incident", "FoldVersion", "INTEGER NOT NULL DEFAULT 0", "INTEGER NOT NULL DEFAULT 0"},
		{"IR_Playbook", "TitleSort", "BYTEA", key},
		{"IR_Playbook", "TitleSortOf", "TEXT", "TEXT"},
		{"IR_Playbook", "FoldVersion", "INTEGER NOT NULL DEFAULT 0", "INTEGER NOT NULL DEFAULT 0"},
	} {
		if err := c.column(ctx, x.table, x.name, x.postgres, x.mysql); err != nil {
			return err
		}
	}
	return c.index(ctx, "IR_Incident_FoldVersion", "IR_Incident", "FoldVersion")
}

// foldStoredNames fills the columns, before there are indexes on them.
func foldStoredNames(ctx context.Context, c *schema) error { return c.s.foldAll(ctx, c.tx) }

// addFoldedIndexes adds indexes on the folded forms in place of those on the names themselves, which nothing uses any more.
func addFoldedIndexes(ctx context.Context, c *schema) error {
	for _, x := range []struct{ name, columns string }{
		{"IR_Incident_TeamID_NameSort", "TeamID, NameSort, ID"},
		{"IR_Incident_TeamID_IsActive_NameSort", "TeamID, IsActive, NameSort, ID"},
		{"IR_Incident_TeamID_Commander_NameSort", "TeamID, CommanderUserID, NameSort, ID"},
		{"IR_Incident_TeamID_Commander_IsActive_NameSort", "TeamID, CommanderUserID, IsActive, NameSort, ID"},
	} {
		if err := c.index(ctx, x.name, "IR_Incident", x.columns); err != nil {
			return err
		}
	}
	if !c.s.postgres {
		return nil // parts of words cannot be indexed there
	}
	for _, name := range []string{"TeamID_Name", "TeamID_IsActive_Name", "TeamID_Commander_Name", "TeamID_Commander_IsActive_Name", "LowerName"} {
		if err := c.run(ctx, "DROP INDEX IF EXISTS IR_Incident_"+name, ""); err != nil {
			return err
		}
	}
	const extension, indexed = "CREATE EXTENSION IF NOT EXISTS pg_trgm",
		"CREATE INDEX IF NOT EXISTS IR_Incident_NameFolded ON IR_Incident USING gin (NameFolded gin_trgm_ops)"
	return c.optional(ctx, "Searching incidents by name will be slow with many incidents, since PostgreSQL's extension pg_trgm could not be set up. "+
		"All else works. To make it fast, run these statements in Mattermost's database as its owner or as a superuser: "+extension+"; "+indexed+";",
		extension, indexed)
}
