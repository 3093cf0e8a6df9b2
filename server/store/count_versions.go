package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// versionRows is how many of the newest changes of each kind make up a version. More than one, because changes may be
	// committed in another order than that of their times.
	versionRows = 20
	// versionOverlap is by how much the time of a change may lie before that of a change which was committed earlier.
	versionOverlap = time.Minute
)

// countedEvents are the events that change a count.
var countedEvents = []incident.EventType{incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventCommander}

// eventsVersion is an expression that changes with every start, end and restart of an incident, every change of a commander, and every
// incident that is deleted. It lists the time of the newest one of each kind and a checksum, and at last the id of the incident that
// was deleted last.
func (s *Store) eventsVersion() string {
	var parts []string
	for _, kind := range countedEvents {
		parts = append(parts, s.newestChanges("ID", "CreateAt", "IR_Event WHERE Type = '"+string(kind)+"'"))
	}
	parts = append(parts, "'"+erasedMark+"'", "COALESCE((SELECT SValue FROM IR_System WHERE SKey = '"+erasedKey+"'), '')")
	return "CONCAT(" + strings.Join(parts, ", ',', ") + ")"
}

// erasedMark stands before the id of the incident that was deleted last, in a version.
const erasedMark = "erased"

// lastErased is the id of the incident that was deleted last, in a version.
func lastErased(version string) string {
	_, id, _ := strings.Cut(version, erasedMark)
	return id
}

// channelsVersion is the same for the changes of channels that are no direct messages.
func (s *Store) channelsVersion() string {
	return s.newestChanges("Id", "UpdateAt", "Channels WHERE Type IN ('O', 'P')")
}

func (s *Store) newestChanges(id, at, from string) string {
	list := "GROUP_CONCAT(CONCAT(x.id, x.at) ORDER BY x.at, x.id SEPARATOR '')"
	hash := "CRC32(" // not MD5, which databases in FIPS mode refuse
	if s.postgres {
		list, hash = "STRING_AGG(CONCAT(x.id, x.at), '' ORDER BY x.at, x.id)", "HASHTEXT("
	}
	return "(SELECT CONCAT(COALESCE(MAX(x.at), 0), ' ', COALESCE(" + hash + list + "), 0)) FROM (SELECT " + id + " AS id, " + at + " AS at FROM " +
		from + " ORDER BY " + at + " DESC LIMIT " + strconv.Itoa(versionRows) + ") x)"
}

// viewerVersion is a query for a text that changes when the user "?" joins or leaves a channel.
func (s *Store) viewerVersion() string {
	hash := "CRC32(m.ChannelId)"
	if s.postgres {
		hash = "CAST(HASHTEXT(m.ChannelId) AS bigint)"
	}
	return "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(" + hash + "), 0)) FROM ChannelMembers m WHERE m.UserId = ?"
}

// newestChange is the time (Unix ms) of the newest change in a version.
func newestChange(version string) int64 {
	var newest int64
	version, _, _ = strings.Cut(version, erasedMark)
	for part := range strings.SplitSeq(version, ",") {
		at, _, _ := strings.Cut(part, " ")
		n, _ := strconv.ParseInt(at, 10, 64)
		newest = max(newest, n)
	}
	return newest
}

// affected returns the commanders whose numbers in a team may differ between two versions, and notes in now what has
// happened. It is not complete if something else has happened than new changes, such as that a channel is gone.
func (s *Store) affected(ctx context.Context, teamID string, known, now *counts) (commanders []string, complete bool, err error) {
	if known.version.Channels != now.version.Channels {
		since := newestChange(known.version.Channels)
		if newestChange(now.version.Channels) <= since {
			return nil, false, nil
		}
		var rows []struct {
			ID, Commander string // a channel may have several incidents, each with its commander
			Public        bool
		}
		err := s.selectPlanned(ctx, &rows, s.builder.Select("i.ID AS id", "i.CommanderUserID AS commander").
			Column("CASE WHEN c.Type = 'O' AND c.TeamId = i.TeamID THEN true ELSE false END AS public").
			From("Channels c").Join("IR_Incident i ON i.ChannelID = c.Id").
			Where(sq.Eq{"i.TeamID": teamID, "i.DeleteAt": 0}).
			Where(sq.GtOrEq{"c.UpdateAt": since - versionOverlap.Milliseconds()}).Limit(2*maxAffected))
		if err != nil || len(rows) == 2*maxAffected {
			return nil, false, errors.Wrap(err, "look for channels that have changed")
		}
		for _, row := range rows {
			if public, seen := now.public[row.ID]; !seen || public != row.Public {
				now.public[row.ID] = row.Public
				commanders = append(commanders, row.Commander)
			}
		}
	}
	if lastErased(known.version.Events) != lastErased(now.version.Events) { // nothing is left that says whose it was
		return nil, false, nil
	}
	if known.version.Events != now.version.Events {
		since := newestChange(known.version.Events)
		if newestChange(now.version.Events) <= since {
			return nil, false, nil
		}
		var rows []struct{ ID, Type, BeforeJSON, Commander string }
		err := s.selectPlanned(ctx, &rows, s.builder.Select("e.ID AS id", "e.Type AS type", "e.BeforeJSON AS beforejson", "i.CommanderUserID AS commander").
			From("IR_Event e").Join("IR_Incident i ON i.ID = e.IncidentID").Where(sq.Eq{"i.TeamID": teamID, "e.Type": countedEvents}).
			Where(sq.GtOrEq{"e.CreateAt": since - versionOverlap.Milliseconds()}).Limit(2*maxAffected))
		if err != nil || len(rows) == 2*maxAffected {
			return nil, false, errors.Wrap(err, "look for incidents that have changed")
		}
		for _, row := range rows {
			if now.seen[row.ID] {
				continue
			}
			now.seen[row.ID] = true
			commanders = append(commanders, row.Commander)
			if before, ok := incident.DecodePayload(incident.EventType(row.Type), []byte(row.BeforeJSON), []byte("null")).(incident.CommanderChanged); ok {
				commanders = append(commanders, before.CommanderUserID.Before)
			}
		}
	}
	slices.Sort(commanders)
	return slices.Compact(commanders), true, nil
}
