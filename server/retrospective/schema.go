package retrospective

import (
	"context"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

var tables = []string{"IR_Retrospective", "IR_RetrospectiveSection", "IR_RetrospectiveTemplate"}

var migrations = []capability.Migration{makeTables}

// makeTables makes the tables. A retrospective that has State none only knows when it is due.
func makeTables(ctx context.Context, t capability.Tables) error {
	documents := `CREATE TABLE IF NOT EXISTS IR_Retrospective (
		IncidentID VARCHAR(26) PRIMARY KEY,
		State VARCHAR(16) NOT NULL,
		Revision BIGINT NOT NULL DEFAULT 0,
		DueAt BIGINT NOT NULL DEFAULT 0,
		CreateAt BIGINT NOT NULL DEFAULT 0,
		CreatedByID VARCHAR(26) NOT NULL DEFAULT '',
		UpdateAt BIGINT NOT NULL DEFAULT 0,
		UpdatedByID VARCHAR(26) NOT NULL DEFAULT '',
		DraftedAt BIGINT NOT NULL DEFAULT 0,
		PublishedAt BIGINT NOT NULL DEFAULT 0,
		PublishedByID VARCHAR(26) NOT NULL DEFAULT ''
	)`
	// MadeJSON are the lines that were generated last, with their links.
	sections := func(text string) string {
		return `CREATE TABLE IF NOT EXISTS IR_RetrospectiveSection (
		IncidentID VARCHAR(26) NOT NULL,
		SectionKey VARCHAR(32) NOT NULL,
		Position BIGINT NOT NULL,
		Heading VARCHAR(128) NOT NULL,
		QuestionsJSON ` + text + ` NOT NULL,
		Draft VARCHAR(32) NOT NULL,
		Origin VARCHAR(16) NOT NULL,
		Content ` + text + ` NOT NULL,
		MadeJSON ` + text + ` NOT NULL,
		Revision BIGINT NOT NULL,
		UpdateAt BIGINT NOT NULL,
		UpdatedByID VARCHAR(26) NOT NULL DEFAULT '',
		PRIMARY KEY (IncidentID, SectionKey)
	)`
	}
	templates := func(text string) string {
		return `CREATE TABLE IF NOT EXISTS IR_RetrospectiveTemplate (
		PlaybookID VARCHAR(26) PRIMARY KEY,
		Revision BIGINT NOT NULL,
		UpdateAt BIGINT NOT NULL,
		UpdatedByID VARCHAR(26) NOT NULL DEFAULT '',
		Remind BOOLEAN NOT NULL,
		DueWorkingDays BIGINT NOT NULL,
		Broadcast BOOLEAN NOT NULL,
		SectionsJSON ` + text + ` NOT NULL
	)`
	}
	const text, mediumText, charset = "TEXT", "MEDIUMTEXT", " DEFAULT CHARACTER SET utf8mb4"
	for _, x := range []struct{ postgres, mysql string }{
		{documents, documents}, {sections(text), sections(mediumText)}, {templates(text), templates(mediumText)},
	} {
		if err := t.Run(ctx, x.postgres, x.mysql+charset); err != nil {
			return err
		}
	}
	return nil
}
