package timeline

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// tables are the tables of the timeline. Rows of IR_TimelineVersion are only ever added.
var tables = []string{"IR_Timeline", "IR_TimelineEntry", "IR_TimelineVersion"}

var migrations = []capability.Migration{makeTables, addStarIndex}

// makeTables makes the tables.
//   - IR_Timeline: the number of entries that people have added. Its row is locked by everybody who adds one to the incident.
//   - IR_TimelineEntry: a row of Kind event has the star of an own event, and the event's ID. UniqueKey keeps a post from being added
//     twice, RequestKey is the hash of user and Idempotency-Key.
//   - IR_TimelineVersion: Content is NULL where the text is that of the version before.
func makeTables(ctx context.Context, t capability.Tables) error {
	for _, x := range []struct{ name, columns string }{
		{"IR_Timeline", `
		IncidentID VARCHAR(26) PRIMARY KEY,
		Entries BIGINT NOT NULL
	`}, {"IR_TimelineEntry", `
		ID VARCHAR(26) PRIMARY KEY,
		IncidentID VARCHAR(26) NOT NULL,
		Kind VARCHAR(16) NOT NULL,
		HappenedAt BIGINT NOT NULL,
		Seq BIGINT NOT NULL,
		RecordedAt BIGINT NOT NULL,
		AuthorID VARCHAR(26) NOT NULL DEFAULT '',
		AuthorName VARCHAR(64) NOT NULL DEFAULT '',
		AddedByID VARCHAR(26) NOT NULL DEFAULT '',
		ChannelID VARCHAR(26) NOT NULL DEFAULT '',
		ChannelName VARCHAR(64) NOT NULL DEFAULT '',
		PostID VARCHAR(26) NOT NULL DEFAULT '',
		PostEditAt BIGINT NOT NULL DEFAULT 0,
		Content MEDIUMTEXT NOT NULL,
		FilesJSON MEDIUMTEXT NOT NULL,
		Starred BOOLEAN NOT NULL DEFAULT FALSE,
		Lost BOOLEAN NOT NULL DEFAULT FALSE,
		Version BIGINT NOT NULL,
		EditedAt BIGINT NOT NULL DEFAULT 0,
		EditedByID VARCHAR(26) NOT NULL DEFAULT '',
		DeleteAt BIGINT NOT NULL DEFAULT 0,
		DeletedByID VARCHAR(26) NOT NULL DEFAULT '',
		EventType VARCHAR(64) NOT NULL DEFAULT '',
		UniqueKey VARCHAR(64),
		RequestKey VARCHAR(64)
	`}, {"IR_TimelineVersion", `
		EntryID VARCHAR(26) NOT NULL,
		Version BIGINT NOT NULL,
		IncidentID VARCHAR(26) NOT NULL,
		Action VARCHAR(16) NOT NULL,
		ActorID VARCHAR(26) NOT NULL DEFAULT '',
		CreateAt BIGINT NOT NULL,
		HappenedAt BIGINT NOT NULL,
		Content MEDIUMTEXT,
		PRIMARY KEY (EntryID, Version)
	`},
	} {
		if err := t.AddTable(ctx, x.name, x.columns); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		add                  func(ctx context.Context, name, table, columns string) error
		name, table, columns string
	}{
		{t.AddIndex, "IR_TimelineEntry_Happened", "IR_TimelineEntry", "IncidentID, HappenedAt, Seq, ID"},
		{t.AddUniqueIndex, "IR_TimelineEntry_UniqueKey", "IR_TimelineEntry", "IncidentID, UniqueKey"},
		{t.AddUniqueIndex, "IR_TimelineEntry_RequestKey", "IR_TimelineEntry", "IncidentID, RequestKey"},
		{t.AddIndex, "IR_TimelineEntry_PostID", "IR_TimelineEntry", "PostID"},
		{t.AddIndex, "IR_TimelineVersion_IncidentID", "IR_TimelineVersion", "IncidentID"},
		// The core reads events by revision, a timeline by time.
		{t.AddIndex, "IR_Event_IncidentID_CreateAt", "IR_Event", "IncidentID, CreateAt, Revision"},
	} {
		if err := x.add(ctx, x.name, x.table, x.columns); err != nil {
			return err
		}
	}
	return nil
}

// addStarIndex lets a page of key moments read these alone.
func addStarIndex(ctx context.Context, t capability.Tables) error {
	return t.AddIndex(ctx, "IR_TimelineEntry_Starred", "IR_TimelineEntry", "Starred, IncidentID, HappenedAt, Seq, ID")
}
