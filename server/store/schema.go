package store

import (
	"context"
	"regexp"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"
)

// schema changes tables within one migration step. Each of its methods skips what is there already.
type schema struct {
	s  *Store
	tx *sqlx.Tx
}

// run executes the statement for the database at hand.
func (c *schema) run(ctx context.Context, postgres, mysql string) error {
	statement := mysql
	if c.s.postgres {
		statement = postgres
	}
	if statement == "" {
		return nil
	}
	if !c.s.postgres && strings.HasSuffix(statement, mysqlCharset) {
		collation, err := c.collation(ctx)
		if err != nil {
			return err
		}
		if strings.HasPrefix(collation, "utf8mb4_") {
			statement += " COLLATE " + collation
		}
	}
	_, err := c.tx.ExecContext(ctx, statement)
	return errors.Wrap(err, statement)
}

// table makes a table unless it is there. columns have MySQL's types of texts, VARCHAR(n), TEXT and MEDIUMTEXT; on PostgreSQL all
// of them are TEXT.
func (c *schema) table(ctx context.Context, name, columns string) error {
	begin := "CREATE TABLE IF NOT EXISTS " + name + " ("
	return c.run(ctx, begin+mysqlTexts.ReplaceAllString(columns, "TEXT")+")", begin+columns+") "+mysqlCharset)
}

var mysqlTexts = regexp.MustCompile(`\b(VARCHAR\(\d+\)|MEDIUMTEXT)`)

// mysqlCharset ends the statements that make tables.
const mysqlCharset = "DEFAULT CHARACTER SET utf8mb4"

// collation is that of the tables which a new table is joined with, "" if there is none yet. A server that was upgraded,
// from MySQL 5.7 to 8.0 say, has another default than its older tables, and MySQL refuses to compare ids of both.
func (c *schema) collation(ctx context.Context) (string, error) {
	var found []string
	err := c.s.selectAll(ctx, c.tx, &found, c.s.builder.Select("COALESCE(collation_name, '')").From("information_schema.columns").
		Where("table_schema = DATABASE()").
		Where(sq.Or{sq.Eq{"table_name": "IR_Incident", "column_name": "ID"}, sq.Eq{"table_name": "Channels", "column_name": "Id"}}).
		OrderBy("table_name = 'IR_Incident' DESC").Limit(1))
	if err != nil || len(found) == 0 {
		return "", errors.Wrap(err, "read the collation of the tables")
	}
	return found[0], nil
}

// column adds a column unless the table has it.
func (c *schema) column(ctx context.Context, table, name, postgres, mysql string) error {
	q := c.s.builder.Select("COUNT(*)").From("information_schema.columns")
	if c.s.postgres {
		// Not with LOWER: in a Turkish locale it makes another letter of I.
		q = q.Where("table_schema = current_schema()").Where(sq.Eq{"table_name": strings.ToLower(table), "column_name": strings.ToLower(name)})
	} else {
		q = q.Where(sq.Eq{"table_name": table, "column_name": name}).Where("table_schema = DATABASE()")
	}
	var n int
	if err := c.s.get(ctx, c.tx, &n, q); err != nil {
		return errors.Wrapf(err, "look for column %s.%s", table, name)
	}
	if n > 0 {
		return nil
	}
	add := "ALTER TABLE " + table + " ADD COLUMN " + name + " "
	return c.run(ctx, add+postgres, add+mysql)
}

// index makes an index unless it is there.
func (c *schema) index(ctx context.Context, name, table, columns string) error {
	return c.makeIndex(ctx, "INDEX", name, table, columns)
}

// uniqueIndex makes a unique index unless it is there.
func (c *schema) uniqueIndex(ctx context.Context, name, table, columns string) error {
	return c.makeIndex(ctx, "UNIQUE INDEX", name, table, columns)
}

func (c *schema) makeIndex(ctx context.Context, kind, name, table, columns string) error {
	on := name + " ON " + table + " (" + columns + ")"
	if c.s.postgres {
		return c.run(ctx, "CREATE "+kind+" IF NOT EXISTS "+on, "")
	}
	var n int
	err := c.s.get(ctx, c.tx, &n, c.s.builder.Select("COUNT(*)").From("information_schema.statistics").
		Where(sq.Eq{"table_name": table, "index_name": name}).Where("table_schema = DATABASE()"))
	if err != nil {
		return errors.Wrapf(err, "look for index %s", name)
	}
	if n > 0 {
		return nil
	}
	return c.run(ctx, "", "CREATE "+kind+" "+on)
}

// migrations are the changes of the schema since 1.2.0, in order. Never change or remove one: append.
// Our tables have no foreign keys, because nuke-db of 1.2.0 drops its tables without knowing ours.
var migrations = []func(context.Context, *schema) error{
	addRevisions,
	addLooseEnds,
	addListIndexes,
	addCombinedListIndexes,
	addPrimaryKeys,
	addPlaybookRevisions,
	addPlaybookUse,
	addJobs,
	addFoldedNames,
	foldStoredNames,
	addFoldedIndexes,
	addSubscriptions,
	addOwn,
	allowSeveralInChannel,
}

// addOwn adds what capabilities keep with incidents and playbooks. MySQL has no defaults of long texts, so the columns are NULL where
// older versions write.
func addOwn(ctx context.Context, c *schema) error {
	for _, table := range []string{"IR_Incident", "IR_Playbook"} {
		if err := c.column(ctx, table, "OwnJSON", "TEXT NULL", "MEDIUMTEXT NULL"); err != nil {
			return err
		}
	}
	return nil
}

// addListIndexes adds an index for each way to filter and sort the list of a team's incidents. Checking off tasks
// touches none of their columns.
func addListIndexes(ctx context.Context, c *schema) error {
	for _, x := range []struct{ name, table, columns string }{
		{"IR_Incident_TeamID_ID", "IR_Incident", "TeamID, ID"},
		{"IR_Incident_TeamID_EndAt", "IR_Incident", "TeamID, EndAt, ID"},
		{"IR_Incident_TeamID_Commander_ID", "IR_Incident", "TeamID, CommanderUserID, ID"},
		{"IR_Incident_TeamID_Commander_CreateAt", "IR_Incident", "TeamID, CommanderUserID, CreateAt, ID"},
		{"IR_Incident_TeamID_IsActive_ID", "IR_Incident", "TeamID, IsActive, ID"},
		{"IR_Incident_TeamID_IsActive_CreateAt", "IR_Incident", "TeamID, IsActive, CreateAt, ID"},
		{"IR_Incident_TeamID_IsActive_EndAt", "IR_Incident", "TeamID, IsActive, EndAt, ID"},
		{"IR_Incident_ChannelID_Counted", "IR_Incident", "ChannelID, TeamID, DeleteAt, IsActive, CommanderUserID"},
		{"IR_Event_Type_CreateAt", "IR_Event", "Type, CreateAt, ID"},
	} {
		if err := c.index(ctx, x.name, x.table, x.columns); err != nil {
			return err
		}
	}
	if !c.s.postgres {
		return nil // names may be too long for an index there, and parts of words cannot be indexed
	}
	return c.index(ctx, "IR_Incident_TeamID_Name", "IR_Incident", "TeamID, Name, ID")
}

// addCombinedListIndexes adds those for combinations of filters and sorts. Without them the database walks along a sort
// order until it has found ten, which may be never: the commander of only ongoing incidents has no ended ones.
func addCombinedListIndexes(ctx context.Context, c *schema) error {
	indexes := []struct{ name, columns string }{
		{"IR_Incident_TeamID_IsActive_Commander", "TeamID, IsActive, CommanderUserID, ID"},
		{"IR_Incident_TeamID_Commander_EndAt", "TeamID, CommanderUserID, EndAt, ID"},
		{"IR_Incident_TeamID_Commander_IsActive_ID", "TeamID, CommanderUserID, IsActive, ID"},
		{"IR_Incident_TeamID_Commander_IsActive_CreateAt", "TeamID, CommanderUserID, IsActive, CreateAt, ID"},
		{"IR_Incident_TeamID_Commander_IsActive_EndAt", "TeamID, CommanderUserID, IsActive, EndAt, ID"},
	}
	if c.s.postgres { // see addListIndexes
		indexes = append(indexes, []struct{ name, columns string }{
			{"IR_Incident_TeamID_IsActive_Name", "TeamID, IsActive, Name, ID"},
			{"IR_Incident_TeamID_Commander_Name", "TeamID, CommanderUserID, Name, ID"},
			{"IR_Incident_TeamID_Commander_IsActive_Name", "TeamID, CommanderUserID, IsActive, Name, ID"},
		}...)
	}
	for _, x := range indexes {
		if err := c.index(ctx, x.name, "IR_Incident", x.columns); err != nil {
			return err
		}
	}
	return nil
}

// optional executes statements without which the plugin works as well. If one fails, none has an effect and the reason
// is logged.
func (c *schema) optional(ctx context.Context, otherwise string, statements ...string) error {
	if _, err := c.tx.ExecContext(ctx, "SAVEPOINT optional"); err != nil {
		return errors.Wrap(err, "set a savepoint")
	}
	for _, statement := range statements {
		if _, err := c.tx.ExecContext(ctx, statement); err != nil {
			c.s.log.Warn(otherwise, "error", err.Error())
			_, err = c.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT optional")
			return errors.Wrap(err, "return to a savepoint")
		}
	}
	_, err := c.tx.ExecContext(ctx, "RELEASE SAVEPOINT optional")
	return errors.Wrap(err, "release a savepoint")
}

func addRevisions(ctx context.Context, c *schema) error {
	for _, name := range []string{"Revision", "PostRevision", "ReminderClaimedAt"} {
		if err := c.column(ctx, "IR_Incident", name, "BIGINT NOT NULL DEFAULT 0", "BIGINT NOT NULL DEFAULT 0"); err != nil {
			return err
		}
	}
	for _, table := range []string{"IR_Incident", "IR_Playbook"} {
		// TEXT ends at 64 KB on MySQL.
		if err := c.run(ctx, "", "ALTER TABLE "+table+" MODIFY ChecklistsJSON MEDIUMTEXT NOT NULL"); err != nil {
			return err
		}
	}
	err := c.table(ctx, "IR_Event", `
		ID VARCHAR(26) PRIMARY KEY,
		IncidentID VARCHAR(26) NOT NULL,
		Revision BIGINT NOT NULL,
		Type VARCHAR(64) NOT NULL,
		ActorID VARCHAR(26) NOT NULL,
		CreateAt BIGINT NOT NULL,
		BeforeJSON MEDIUMTEXT NOT NULL,
		AfterJSON MEDIUMTEXT NOT NULL,
		PostID VARCHAR(26) NOT NULL DEFAULT ''
	`)
	if err != nil {
		return err
	}
	err = c.run(ctx, `CREATE TABLE IF NOT EXISTS IR_IdempotencyKey (
		ActorID TEXT NOT NULL,
		RequestKey VARCHAR(128) NOT NULL,
		IncidentID TEXT NOT NULL,
		CreateAt BIGINT NOT NULL,
		PRIMARY KEY (ActorID, RequestKey)
	)`, `CREATE TABLE IF NOT EXISTS IR_IdempotencyKey (
		ActorID VARCHAR(26) NOT NULL,
		RequestKey VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
		IncidentID VARCHAR(26) NOT NULL,
		CreateAt BIGINT NOT NULL,
		PRIMARY KEY (ActorID, RequestKey)
	) DEFAULT CHARACTER SET utf8mb4`)
	if err != nil {
		return err
	}
	if err := c.uniqueIndex(ctx, "IR_Event_IncidentID_Revision", "IR_Event", "IncidentID, Revision"); err != nil {
		return err
	}
	if err := c.index(ctx, "IR_IdempotencyKey_CreateAt", "IR_IdempotencyKey", "CreateAt"); err != nil {
		return err
	}
	return c.index(ctx, "IR_Incident_TeamID_CreateAt", "IR_Incident", "TeamID, CreateAt, ID")
}

// addLooseEnds makes a table that addJobs empties. It is kept because migrations only add.
func addLooseEnds(ctx context.Context, c *schema) error {
	err := c.run(ctx, `CREATE TABLE IF NOT EXISTS IR_LooseEnd (
		ID VARCHAR(26) PRIMARY KEY,
		Kind VARCHAR(32) NOT NULL,
		IncidentID VARCHAR(26) NOT NULL,
		Content TEXT NOT NULL,
		CreateAt BIGINT NOT NULL,
		TakenAt BIGINT NOT NULL DEFAULT 0
	)`, `CREATE TABLE IF NOT EXISTS IR_LooseEnd (
		ID VARCHAR(26) PRIMARY KEY,
		Kind VARCHAR(32) NOT NULL,
		IncidentID VARCHAR(26) NOT NULL,
		Content TEXT NOT NULL,
		CreateAt BIGINT NOT NULL,
		TakenAt BIGINT NOT NULL DEFAULT 0
	) DEFAULT CHARACTER SET utf8mb4`)
	if err != nil {
		return err
	}
	return c.index(ctx, "IR_LooseEnd_CreateAt", "IR_LooseEnd", "CreateAt")
}
