package store

import (
	"context"
	"database/sql/driver"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pkg/errors"
)

// explain puts before an error of a migration what an administrator can do about it.
func (s *Store) explain(err error) error {
	if err == nil {
		return nil
	}
	if advice := s.advice(err); advice != "" {
		return errors.Errorf("%s. Then enable the plugin again. The database said: %v", advice, err)
	}
	return err
}

func (s *Store) advice(err error) string {
	state, number := codes(err)
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case state == "42501" && strings.Contains(err.Error(), "must be owner"):
		return "The plugin's tables (IR_…) belong to another database user than the one in Mattermost's SqlSettings.DataSource, so they cannot be brought up to date. " +
			"Give them to that user, as in ALTER TABLE IR_Incident OWNER TO mmuser, for each of them"
	case state == "42501":
		return "The database user in Mattermost's SqlSettings.DataSource may not create or change tables. " +
			"Grant it that, as in GRANT USAGE, CREATE ON SCHEMA public TO mmuser, or make it the owner of the schema"
	case number == 1044, number == 1142, number == 1227, number == 1370:
		return "The database user in Mattermost's SqlSettings.DataSource may not create or change tables. " +
			"Grant it that, as in GRANT ALL PRIVILEGES ON mattermost.* TO 'mmuser'@'%'"
	case state == "25006", number == 1290, number == 1836, number == 1792:
		return "The database in Mattermost's SqlSettings.DataSource is read-only. Name the primary server there, not a replica, and look whether it was set to read-only"
	case state == "53100", number == 1021, number == 1114, number == 3:
		return "The disk of the database is full. Make room on it"
	case state == "53300", number == 1040, number == 1203:
		return "The database takes no more connections. The plugin needs up to 10 of its own on each server beside Mattermost's: raise max_connections of the database, or lower SqlSettings.MaxOpenConns of Mattermost"
	case state == "28P01", state == "28000", number == 1045:
		return "The database refuses the user or the password in Mattermost's SqlSettings.DataSource. Correct them there"
	case state == "3D000", number == 1049:
		return "The database in Mattermost's SqlSettings.DataSource does not exist. Correct it there"
	case number == 1173, number == 3750:
		return "The database demands primary keys and refuses a table of the plugin. Update the plugin"
	case number == 1267:
		return "Tables of Mattermost and of the plugin have different collations. Convert the plugin's tables to the collation of Mattermost's, as in ALTER TABLE IR_Incident CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
	case errors.Is(err, context.DeadlineExceeded), state == "55P03", number == 1205:
		return "The database did not finish in time. Another server may be bringing the tables up to date, or a long transaction or a backup may hold a lock on them: wait for it or end it"
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn):
		return "The database in Mattermost's SqlSettings.DataSource cannot be reached by the plugin. Look whether it runs and whether a firewall or a limit of connections is in the way"
	}
	return ""
}
