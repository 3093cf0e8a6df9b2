package store

import (
	"context"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// erasedKey is the key in IR_System of the id of the incident that was deleted last. It is a part of the version of cached counts.
const erasedKey = "PluginErased"

// ofIncident are the tables of the core with rows of one incident, but for IR_Job. Those that refer to others come first.
var ofIncident = []string{"IR_StatusPosts", "IR_Event", "IR_IdempotencyKey", "IR_LooseEnd"}

// Erase waits for the changes of the incident that are under way; those that come later do not find it. Rows that a capability adds
// outside of changes are locked by its own Erase.
func (s *Store) Erase(ctx context.Context, incidentID string, outliving []string, fn func(tx capability.Transaction, inc incident.Incident) error) error {
	return s.withSlot(ctx, incidentID, func(tx *sqlx.Tx) error {
		inc, err := s.lockIncident(ctx, tx, incidentID, nil)
		if err != nil {
			return err
		}
		if err := fn(changeTx{s, tx}, inc.Incident); err != nil {
			return err
		}
		for _, c := range s.capabilities {
			if c.Erase == nil {
				continue
			}
			if err := c.Erase(ctx, changeTx{s, tx}, incidentID); err != nil {
				return errors.Wrapf(err, "delete what %s keeps of an incident", c.Capability)
			}
		}
		// Last, as all jobs of the incident are stored by then.
		jobs := s.builder.Delete("IR_Job").Where(sq.Eq{"IncidentID": incidentID}).Where(sq.Or{sq.NotEq{"Kind": outliving}, sq.NotEq{"State": jobWaiting}})
		statements := []sq.Sqlizer{jobs}
		for _, table := range ofIncident {
			statements = append(statements, s.builder.Delete(table).Where(sq.Eq{"IncidentID": incidentID}))
		}
		statements = append(statements, s.builder.Delete("IR_Incident").Where(sq.Eq{"ID": incidentID}),
			s.builder.Insert("IR_System").Columns("SKey", "SValue").Values(erasedKey, incidentID).Suffix(s.replaceValue()))
		for _, statement := range statements {
			if _, err := s.exec(ctx, tx, statement); err != nil {
				return errors.Wrap(err, "delete an incident")
			}
		}
		return nil
	})
}

// replaceValue ends an INSERT into IR_System that replaces the value of the key.
func (s *Store) replaceValue() string {
	if s.postgres {
		return "ON CONFLICT (SKey) DO UPDATE SET SValue = EXCLUDED.SValue"
	}
	return "ON DUPLICATE KEY UPDATE SValue = VALUES(SValue)"
}
