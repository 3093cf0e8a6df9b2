package followups

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

var tables = []string{"IR_FollowUp", "IR_FollowUpHistory", "IR_FollowUpCount"}

var migrations = []capability.Migration{makeTables, addTitleSort, addFoldVersion}

// addTitleSort adds the key by which titles are sorted, see package fold. Follow-ups that were stored before it come first until
// FoldTitles has made theirs.
func addTitleSort(ctx context.Context, t capability.Tables) error {
	return t.AddColumn(ctx, "IR_FollowUp", "TitleSort", "BYTEA NOT NULL DEFAULT ''", "VARBINARY(512) NOT NULL DEFAULT ''")
}

// makeTables makes the tables. IR_FollowUpCount has the last number of each incident, and its row is locked while one is
// given out. A task of an incident is carried over at most once, and a key of a user makes at most one follow-up of an
// incident.
func makeTables(ctx context.Context, t capability.Tables) error {
	err := t.AddTable(ctx, "IR_FollowUp", `
		ID VARCHAR(26) PRIMARY KEY,
		IncidentID VARCHAR(26) NOT NULL,
		Number BIGINT NOT NULL,
		Title VARCHAR(256) NOT NULL,
		Description TEXT NOT NULL,
		OwnerID VARCHAR(26) NOT NULL,
		DueAt BIGINT NOT NULL,
		State VARCHAR(16) NOT NULL,
		Reason TEXT NOT NULL,
		Link TEXT NOT NULL,
		Source VARCHAR(16) NOT NULL,
		PostID VARCHAR(26) NOT NULL,
		TaskID VARCHAR(26) NULL,
		KeyHash VARCHAR(64) NULL,
		AuthorID VARCHAR(26) NOT NULL,
		CreateAt BIGINT NOT NULL,
		UpdateAt BIGINT NOT NULL,
		ClosedAt BIGINT NOT NULL,
		Revision BIGINT NOT NULL,
		RemindAt BIGINT NOT NULL,
		OwnerTold VARCHAR(26) NOT NULL DEFAULT ''
	`)
	if err != nil {
		return err
	}
	err = t.AddTable(ctx, "IR_FollowUpHistory", `
		FollowUpID VARCHAR(26) NOT NULL,
		Revision BIGINT NOT NULL,
		ActorID VARCHAR(26) NOT NULL,
		CreateAt BIGINT NOT NULL,
		ChangesJSON MEDIUMTEXT NOT NULL,
		PRIMARY KEY (FollowUpID, Revision)
	`)
	if err != nil {
		return err
	}
	err = t.AddTable(ctx, "IR_FollowUpCount", `
		IncidentID VARCHAR(26) PRIMARY KEY,
		LastNumber BIGINT NOT NULL
	`)
	if err != nil {
		return err
	}
	for name, columns := range map[string]string{
		"IR_FollowUp_IncidentID_Number": "IncidentID, Number",
		"IR_FollowUp_IncidentID_TaskID": "IncidentID, TaskID",
		"IR_FollowUp_IncidentID_Key":    "IncidentID, AuthorID, KeyHash",
	} {
		if err := t.AddUniqueIndex(ctx, name, "IR_FollowUp", columns); err != nil {
			return err
		}
	}
	if err := t.AddIndex(ctx, "IR_FollowUp_State_IncidentID", "IR_FollowUp", "State, IncidentID"); err != nil {
		return err
	}
	return t.AddIndex(ctx, "IR_FollowUp_OwnerID_State", "IR_FollowUp", "OwnerID, State, DueAt")
}

// addFoldVersion adds the version of the rules by which TitleSort was made, so that FoldTitles finds the rows that lack it or are
// older.
func addFoldVersion(ctx context.Context, t capability.Tables) error {
	if err := t.AddColumn(ctx, "IR_FollowUp", "FoldVersion", "INTEGER NOT NULL DEFAULT 0", "INTEGER NOT NULL DEFAULT 0"); err != nil {
		return err
	}
	return t.AddIndex(ctx, "IR_FollowUp_FoldVersion", "IR_FollowUp", "FoldVersion")
}
