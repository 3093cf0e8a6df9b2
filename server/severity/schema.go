package severity

import (
	"bytes"
	"context"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var migrations = []capability.Migration{addColumns}

// unranked is the rank of incidents without a level: the last. The worst level has rank 0.
const unranked = 100

// addColumns adds what lists sort and filter by: the place of the level among those of the incident, and its key in lower case.
func addColumns(ctx context.Context, t capability.Tables) error {
	if err := t.AddColumn(ctx, "IR_Incident", "SeverityRank", "INTEGER NOT NULL DEFAULT 100", "INT NOT NULL DEFAULT 100"); err != nil {
		return err
	}
	if err := t.AddColumn(ctx, "IR_Incident", "SeverityKey", "TEXT NOT NULL DEFAULT ''", "VARCHAR(16) NOT NULL DEFAULT ''"); err != nil {
		return err
	}
	for _, x := range []struct{ name, columns string }{
		{"IR_Incident_TeamID_SeverityRank", "TeamID, SeverityRank, ID"},
		{"IR_Incident_TeamID_IsActive_SeverityRank", "TeamID, IsActive, SeverityRank, ID"},
	} {
		if err := t.AddIndex(ctx, x.name, "IR_Incident", x.columns); err != nil {
			return err
		}
	}
	return nil
}

// writeColumns keeps the columns as the level is.
func writeColumns(ctx context.Context, tx app.Tx, c app.Change) error {
	if bytes.Equal(c.Before.Own[key], c.After.Own[key]) {
		return nil
	}
	rank, levelKey := place(&c.After)
	if beforeRank, beforeKey := place(&c.Before); rank == beforeRank && levelKey == beforeKey {
		return nil
	}
	_, err := tx.Exec(ctx, tx.Builder().Update("IR_Incident").Set("SeverityRank", rank).Set("SeverityKey", levelKey).Where(sq.Eq{"ID": c.After.ID}))
	return err
}

// place is what the columns of an incident have.
func place(inc *incident.Incident) (rank int, levelKey string) {
	state := stateOf(inc)
	level := state.chosen()
	if level == nil {
		return unranked, ""
	}
	return find(state.Levels, level.Key), strings.ToLower(level.Key)
}

// filter reads a list of keys in any letter case, separated by commas; none is incidents without a level.
func filter(value string) (sq.Sqlizer, error) {
	var keys []string
	for _, one := range strings.Split(value, ",") {
		one = strings.TrimSpace(one)
		switch {
		case strings.EqualFold(one, none):
			keys = append(keys, "")
		case keyPattern.MatchString(one):
			keys = append(keys, strings.ToLower(one))
		default:
			return nil, incident.InvalidField(key, "severity must be a list of keys of levels, separated by commas, or %s.", none)
		}
	}
	return sq.Eq{"i.SeverityKey": keys}, nil
}
