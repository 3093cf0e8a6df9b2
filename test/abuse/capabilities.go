package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"
)

// longest is the longest text that a message may have, in letters of three bytes.
var longest = strings.Repeat("障", 16383)

func padded(prefix string, n int) string {
	return prefix + fmt.Sprintf("%0*d", 26-len(prefix), n)
}

// insert stores rows, a few at a time.
func (s *site) insert(ctx context.Context, table, columns string, n, batch int, row func(n int) string) error {
	for from := 0; from < n; from += batch {
		var rows []string
		for k := from; k < min(from+batch, n); k++ {
			rows = append(rows, "("+row(k)+")")
		}
		if err := s.exec(ctx, "INSERT INTO "+table+" ("+columns+") VALUES "+strings.Join(rows, ", ")); err != nil {
			return err
		}
	}
	return nil
}

// longTimeline puts messages of the greatest length on the timeline of the attacker's incident, and reads all pages of it 20 times at once.
func longTimeline(ctx context.Context, s *site) error {
	incident := s.attacker.incident
	err := s.insert(ctx, "IR_TimelineEntry", "ID, IncidentID, Kind, HappenedAt, Seq, RecordedAt, AuthorID, Content, FilesJSON, Version, UniqueKey", 300, 20, func(n int) string {
		return fmt.Sprintf("'%s', '%s', 'message', %d, %d, %d, '%s', '%s', '', 1, 'message:%[1]s'", padded("long", n), incident, model.GetMillis()+int64(n), n+1, n+1, s.attacker.id, longest)
	})
	if err != nil {
		return err
	}
	if err := s.parallel(20, func(int) error { return s.read(ctx, "/incidents/"+incident+"/timeline?per_page=100&direction=desc") }); err != nil {
		return err
	}
	return s.read(ctx, "/incidents/"+incident+"/export?format=csv&section=timeline")
}

// manyVersions gives one entry of a timeline all versions that it may have, each of the greatest length, and reads it 20 times at once.
func manyVersions(ctx context.Context, s *site) error {
	entry := padded("versions", 1)
	err := s.exec(ctx, fmt.Sprintf("INSERT INTO IR_TimelineEntry (ID, IncidentID, Kind, HappenedAt, Seq, RecordedAt, AuthorID, Content, FilesJSON, Version, UniqueKey) VALUES "+
		"('%s', '%s', 'message', 5, 1, 1, '%s', '%s', '', 1000, 'message:%[1]s')", entry, s.attacker.incident, s.attacker.id, longest))
	if err == nil {
		err = s.insert(ctx, "IR_TimelineVersion", "EntryID, Version, IncidentID, Action, ActorID, CreateAt, HappenedAt, Content", 1000, 20, func(n int) string {
			return fmt.Sprintf("'%s', %d, '%s', 'post_edited', '%s', %d, 5, '%s'", entry, n+1, s.attacker.incident, s.attacker.id, n+1, longest)
		})
	}
	if err != nil {
		return err
	}
	return s.parallel(20, func(int) error { return s.read(ctx, "/incidents/"+s.attacker.incident+"/timeline/"+entry) })
}

// longFollowUps gives the attacker's incident all follow-ups that it may have, of the greatest length, and lists them 20 times at once.
func longFollowUps(ctx context.Context, s *site) error {
	text := strings.Repeat("障", 8000)
	err := s.insert(ctx, "IR_FollowUp", "ID, IncidentID, Number, Title, Description, OwnerID, DueAt, State, Reason, Link, Source, PostID, AuthorID, CreateAt, UpdateAt, ClosedAt, Revision, RemindAt",
		500, 20, func(n int) string {
			return fmt.Sprintf("'%s', '%s', %d, 'long', '%s', '', 0, 'open', '', '', 'rest', '', '%s', 1, 1, 0, 1, 0", padded("long", n), s.attacker.incident, n+1, text, s.attacker.id)
		})
	if err != nil {
		return err
	}
	if err := s.parallel(20, func(int) error { return s.read(ctx, "/followups?incident_id="+s.attacker.incident) }); err != nil {
		return err
	}
	return s.read(ctx, "/incidents/"+s.attacker.incident+"/export?format=json")
}
