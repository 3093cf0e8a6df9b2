package store

import (
	"context"
	"encoding/json"

	sq "github.com/Masterminds/squirrel"
	"github.com/blang/semver"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// legacyMigration is one step of the schema's history up to 1.2.0.
type legacyMigration struct {
	version semver.Version
	run     func(context.Context, *schema) error
}

// legacyMigrations is the history of the schema up to 1.2.0. It is finished: later ones are in migrations. Only the primary keys
// on MySQL are not of 1.2.0: some servers take no table without one. See addPrimaryKeys.
var legacyMigrations = []legacyMigration{
	{semver.MustParse("0.1.0"), createTables},
	{semver.MustParse("0.2.0"), func(context.Context, *schema) error { return nil }},
	{semver.MustParse("0.3.0"), addActiveStageTitle},
	{semver.MustParse("0.4.0"), addStatusPosts},
	{semver.MustParse("0.5.0"), addReminders},
}

func createTables(ctx context.Context, c *schema) error {
	tables := []struct{ postgres, mysql string }{
		{`CREATE TABLE IF NOT EXISTS IR_System (
			SKey VARCHAR(64) PRIMARY KEY,
			SValue VARCHAR(1024) NULL
		)`, `CREATE TABLE IF NOT EXISTS IR_System (
			SKey VARCHAR(64) PRIMARY KEY,
			SValue VARCHAR(1024) NULL
		) DEFAULT CHARACTER SET utf8mb4`},
		{`CREATE TABLE IF NOT EXISTS IR_Incident (
			ID TEXT PRIMARY KEY,
			Name TEXT NOT NULL,
			Description TEXT NOT NULL,
			IsActive BOOLEAN NOT NULL,
			CommanderUserID TEXT NOT NULL,
			TeamID TEXT NOT NULL,
			ChannelID TEXT NOT NULL UNIQUE,
			CreateAt BIGINT NOT NULL,
			EndAt BIGINT NOT NULL DEFAULT 0,
			DeleteAt BIGINT NOT NULL DEFAULT 0,
			ActiveStage BIGINT NOT NULL,
			PostID TEXT NOT NULL DEFAULT '',
			PlaybookID TEXT NOT NULL DEFAULT '',
			ChecklistsJSON JSON NOT NULL
		)`, `CREATE TABLE IF NOT EXISTS IR_Incident (
			ID VARCHAR(26) PRIMARY KEY,
			Name VARCHAR(1024) NOT NULL,
			Description VARCHAR(4096) NOT NULL,
			IsActive BOOLEAN NOT NULL,
			CommanderUserID VARCHAR(26) NOT NULL,
			TeamID VARCHAR(26) NOT NULL,
			ChannelID VARCHAR(26) NOT NULL UNIQUE,
			CreateAt BIGINT NOT NULL,
			EndAt BIGINT NOT NULL DEFAULT 0,
			DeleteAt BIGINT NOT NULL DEFAULT 0,
			ActiveStage BIGINT NOT NULL,
			PostID VARCHAR(26) NOT NULL DEFAULT '',
			PlaybookID VARCHAR(26) NOT NULL DEFAULT '',
			ChecklistsJSON TEXT NOT NULL
		) DEFAULT CHARACTER SET utf8mb4`},
		{`CREATE TABLE IF NOT EXISTS IR_Playbook (
			ID TEXT PRIMARY KEY,
			Title TEXT NOT NULL,
			Description TEXT NOT NULL,
			TeamID TEXT NOT NULL,
			CreatePublicIncident BOOLEAN NOT NULL,
			CreateAt BIGINT NOT NULL,
			DeleteAt BIGINT NOT NULL DEFAULT 0,
			ChecklistsJSON JSON NOT NULL,
			NumStages BIGINT NOT NULL DEFAULT 0,
			NumSteps BIGINT NOT NULL DEFAULT 0
		)`, `CREATE TABLE IF NOT EXISTS IR_Playbook (
			ID VARCHAR(26) PRIMARY KEY,
			Title VARCHAR(1024) NOT NULL,
			Description VARCHAR(4096) NOT NULL,
			TeamID VARCHAR(26) NOT NULL,
			CreatePublicIncident BOOLEAN NOT NULL,
			CreateAt BIGINT NOT NULL,
			DeleteAt BIGINT NOT NULL DEFAULT 0,
			ChecklistsJSON TEXT NOT NULL,
			NumStages BIGINT NOT NULL DEFAULT 0,
			NumSteps BIGINT NOT NULL DEFAULT 0
		) DEFAULT CHARACTER SET utf8mb4`},
		{`CREATE TABLE IF NOT EXISTS IR_PlaybookMember (
			PlaybookID TEXT NOT NULL REFERENCES IR_Playbook(ID),
			MemberID TEXT NOT NULL,
			UNIQUE (PlaybookID, MemberID)
		)`, `CREATE TABLE IF NOT EXISTS IR_PlaybookMember (
			PlaybookID VARCHAR(26) NOT NULL REFERENCES IR_Playbook(ID),
			MemberID VARCHAR(26) NOT NULL,
			RowID BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY
		) DEFAULT CHARACTER SET utf8mb4`},
	}
	for _, t := range tables {
		if err := c.run(ctx, t.postgres, t.mysql); err != nil {
			return err
		}
	}
	indexes := []struct{ name, table, columns string }{
		{"IR_Incident_TeamID", "IR_Incident", "TeamID"},
		{"IR_Incident_TeamID_CommanderUserID", "IR_Incident", "TeamID, CommanderUserID"},
		{"IR_Incident_ChannelID", "IR_Incident", "ChannelID"},
		{"IR_Playbook_TeamID", "IR_Playbook", "TeamID"},
		{"IR_PlaybookMember_PlaybookID", "IR_PlaybookMember", "PlaybookID"},
		{"IR_PlaybookMember_MemberID", "IR_PlaybookMember", "MemberID"},
	}
	for _, i := range indexes {
		if err := c.index(ctx, i.name, i.table, i.columns); err != nil {
			return err
		}
	}
	return nil
}

func addActiveStageTitle(ctx context.Context, c *schema) error {
	if err := c.column(ctx, "IR_Incident", "ActiveStageTitle", "TEXT DEFAULT ''", "VARCHAR(1024) DEFAULT ''"); err != nil {
		return err
	}
	var rows []struct {
		ID             string
		ActiveStage    int64
		ChecklistsJSON string
	}
	err := c.s.selectAll(ctx, c.tx, &rows, c.s.builder.
		Select("ID AS id", "ActiveStage AS activestage", "ChecklistsJSON AS checklistsjson").From("IR_Incident"))
	if err != nil {
		return errors.Wrap(err, "read the incidents")
	}
	for _, row := range rows {
		var stages []incident.Stage
		if err := json.Unmarshal([]byte(row.ChecklistsJSON), &stages); err != nil {
			c.s.log.Warn("The stages of an incident cannot be read, its stage title stays empty", "incident_id", row.ID, "error", err.Error())
			continue
		}
		if len(stages) == 0 {
			continue
		}
		if row.ActiveStage < 0 || row.ActiveStage >= int64(len(stages)) {
			c.s.log.Warn("The active stage of an incident does not exist, its stage title stays empty", "incident_id", row.ID)
			continue
		}
		_, err := c.s.exec(ctx, c.tx, c.s.builder.Update("IR_Incident").
			Set("ActiveStageTitle", stages[row.ActiveStage].Title).Where(sq.Eq{"ID": row.ID}))
		if err != nil {
			return errors.Wrapf(err, "store the stage title of incident %s", row.ID)
		}
	}
	return nil
}

func addStatusPosts(ctx context.Context, c *schema) error {
	err := c.run(ctx, `CREATE TABLE IF NOT EXISTS IR_StatusPosts (
		IncidentID TEXT NOT NULL REFERENCES IR_Incident(ID),
		PostID TEXT NOT NULL,
		UNIQUE (IncidentID, PostID)
	)`, `CREATE TABLE IF NOT EXISTS IR_StatusPosts (
		IncidentID VARCHAR(26) NOT NULL REFERENCES IR_Incident(ID),
		PostID VARCHAR(26) NOT NULL,
		PRIMARY KEY (IncidentID, PostID),
		CONSTRAINT posts_unique UNIQUE (IncidentID, PostID)
	) DEFAULT CHARACTER SET utf8mb4`)
	if err != nil {
		return err
	}
	if err := c.index(ctx, "IR_StatusPosts_IncidentID", "IR_StatusPosts", "IncidentID"); err != nil {
		return err
	}
	if err := c.index(ctx, "IR_StatusPosts_PostID", "IR_StatusPosts", "PostID"); err != nil {
		return err
	}
	if err := c.column(ctx, "IR_Incident", "ReminderPostID", "TEXT", "VARCHAR(26)"); err != nil {
		return err
	}
	for _, table := range []string{"IR_Incident", "IR_Playbook"} {
		if err := c.column(ctx, table, "BroadcastChannelID", "TEXT DEFAULT ''", "VARCHAR(26) DEFAULT ''"); err != nil {
			return err
		}
	}
	return nil
}

func addReminders(ctx context.Context, c *schema) error {
	if err := c.column(ctx, "IR_Incident", "PreviousReminder", "BIGINT NOT NULL DEFAULT 0", "BIGINT NOT NULL DEFAULT 0"); err != nil {
		return err
	}
	for _, table := range []string{"IR_Incident", "IR_Playbook"} {
		if err := c.column(ctx, table, "ReminderMessageTemplate", "TEXT DEFAULT ''", "TEXT"); err != nil {
			return err
		}
		// A TEXT column of MySQL has no default.
		fill := "UPDATE " + table + " SET ReminderMessageTemplate = '' WHERE ReminderMessageTemplate IS NULL"
		if err := c.run(ctx, "", fill); err != nil {
			return err
		}
	}
	return c.column(ctx, "IR_Playbook", "ReminderTimerDefaultSeconds", "BIGINT NOT NULL DEFAULT 0", "BIGINT NOT NULL DEFAULT 0")
}
