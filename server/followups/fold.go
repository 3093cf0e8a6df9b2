package followups

import (
	"context"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/fold"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Titles are sorted by keys that are stored beside them, see docs/decisions/0034-folded-names.md.

const (
	// foldPeriod is how often a node looks for titles without a key, which an older version of the plugin has stored.
	foldPeriod = 10 * time.Minute
	// foldBatch is how many of them are read at once.
	foldBatch = 250
)

func (f *followups) periodic() []jobs.Periodic {
	return []jobs.Periodic{{Name: "fold_followup_titles", Every: foldPeriod, Run: f.data.FoldTitles}}
}

// FoldTitles stores the sort keys of titles that have none, or one of older rules. It is one query if there is nothing to do.
func (d *database) FoldTitles(ctx context.Context) error {
	for {
		var rows []struct{ ID, Title string }
		old := sq.Lt{"FoldVersion": fold.Version}
		if err := d.Select(ctx, &rows, d.Builder().Select("ID AS id", "Title AS title").From("IR_FollowUp").Where(old).Limit(foldBatch)); err != nil {
			return errors.Wrap(err, "look for titles of follow-ups without a sort key")
		}
		for _, row := range rows {
			// A title that was changed meanwhile has its key already.
			_, err := d.Exec(ctx, d.Builder().Update("IR_FollowUp").Set("TitleSort", fold.SortKey(row.Title)).Set("FoldVersion", fold.Version).
				Where(sq.Eq{"ID": row.ID}).Where(old))
			if err != nil {
				return errors.Wrap(err, "store the sort key of a follow-up's title")
			}
		}
		if len(rows) < foldBatch {
			return nil
		}
	}
}
