package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

const (
	commanders   = 20
	password     = "Passw0rd!-bench"
	tasks        = 20 // of each incident, in two stages
	privateShare = 10 // every tenth channel is private
	memberShare  = 100
	// searched is part of the name of one incident in a hundred.
	searched = "payment gateway"
)

// person is somebody who is logged in.
type person struct {
	*model.Client4
	id string
}

// people makes the team, an ordinary user and commanders. The administrator is in the team as well.
func (s *site) people() error {
	admin := s.server.Admin
	team, response := admin.CreateTeam(&model.Team{Name: "bench", DisplayName: "Bench", Type: model.TEAM_OPEN})
	if response.Error != nil {
		return response.Error
	}
	s.team = team.Id
	for n := range commanders + 1 {
		name := fmt.Sprintf("person-%d", n)
		user, response := admin.CreateUser(&model.User{Username: name, Email: name + "@example.com", Password: password})
		if response.Error != nil {
			return response.Error
		}
		if _, response = admin.AddTeamMember(s.team, user.Id); response.Error != nil {
			return response.Error
		}
		if n < commanders {
			s.commanders = append(s.commanders, user.Id)
			continue
		}
		s.anna = person{model.NewAPIv4Client(s.server.URL), user.Id}
		if _, response = s.anna.Login(name, password); response.Error != nil {
			return response.Error
		}
	}
	return nil
}

// seed puts incidents with their channels, members, posts and status updates into the database: by SQL, because by
// REST 100,000 of them would take hours. Of each hundred incidents the first is one that the ordinary user is in.
func (s *site) seed(ctx context.Context) error {
	db, err := s.database.Open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	stages, err := stageTemplate()
	if err != nil {
		return err
	}
	postgres := s.database.Driver == testenv.Postgres
	numbers := fmt.Sprintf("generate_series(CAST(0 AS bigint), %d) AS n", s.size-1)
	if !postgres {
		if _, err := db.ExecContext(ctx, "SET GLOBAL max_recursive_iterations = 10000000"); err != nil { // MariaDB
			return err
		}
		numbers = fmt.Sprintf("(WITH RECURSIVE x AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM x WHERE n < %d) SELECT n FROM x) AS x", s.size-1)
	}
	id := func(kind string) string {
		return "SUBSTR(CONCAT(MD5(CONCAT('" + kind + "', n)), MD5(CONCAT(n, '" + kind + "'))), 1, 26)"
	}
	commander := make([]string, 0, commanders)
	for n, c := range s.commanders {
		commander = append(commander, fmt.Sprintf("WHEN %d THEN '%s'", n, c))
	}
	hash := "MOD(n * 7919, 10007)" // looks like chance, and is the same each time
	start := time.Now().Add(-365 * 24 * time.Hour).UnixMilli()
	replaced := map[string]string{
		"{channel}": id("channel"), "{incident}": id("incident"), "{post}": id("post"), "{update}": id("update"),
		"{numbers}": numbers, "{team}": "'" + s.team + "'", "{anna}": "'" + s.anna.id + "'",
		"{at}":        fmt.Sprintf("(%d + n * %d)", start, (364*24*time.Hour).Milliseconds()/int64(s.size)),
		"{type}":      fmt.Sprintf("CASE WHEN MOD(n, %d) = 7 THEN 'P' ELSE 'O' END", privateShare),
		"{active}":    "MOD(" + hash + ", 10) = 3",
		"{commander}": fmt.Sprintf("CASE MOD(%s, %d) %s END", hash, commanders, strings.Join(commander, " ")),
		"{name}": "CONCAT(CASE MOD(" + hash + ", 100) WHEN 5 THEN 'Outage of the " + searched + " ' WHEN 6 THEN 'Disk full on the build farm ' " +
			"ELSE CONCAT('Slow answers of service ', MOD(" + hash + ", 97), ' ') END, n)",
		// One in a hundred, spread over the private and the public channels alike.
		"{member}": fmt.Sprintf("MOD(n, %d) = MOD(FLOOR(n / %d), 10)", memberShare, memberShare),
		"{stages}": "REPLACE('" + strings.ReplaceAll(stages, "'", "''") + "', '" + idMark + "', SUBSTR(MD5(CONCAT('task', n)), 1, 24))",
	}
	if postgres {
		replaced["{stages}"] = "CAST(" + replaced["{stages}"] + " AS json)"
		replaced["{member}"] = strings.Replace(replaced["{member}"], "FLOOR", "", 1) // whole numbers divide to whole numbers
	}
	props := `'{"desktop":"default","email":"default","ignore_channel_mentions":"default","mark_unread":"all","push":"default"}'`
	member := func(user, where string) []string {
		return []string{"INSERT INTO ChannelMembers (ChannelId, UserId, Roles, LastViewedAt, MsgCount, MentionCount, NotifyProps, LastUpdateAt, " +
			"SchemeUser, SchemeAdmin, SchemeGuest, MentionCountRoot, MsgCountRoot) SELECT {channel}, " + user + ", '', {at}, 1, 0, " + props +
			", {at}, true, false, false, 0, 1 FROM {numbers} WHERE " + where,
			"INSERT INTO ChannelMemberHistory (ChannelId, UserId, JoinTime) SELECT {channel}, " + user + ", {at} FROM {numbers} WHERE " + where}
	}
	statements := []string{
		"INSERT INTO Channels (Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, Header, Purpose, LastPostAt, TotalMsgCount, " +
			"ExtraUpdateAt, CreatorId, TotalMsgCountRoot) SELECT {channel}, {at}, {at}, 0, {team}, {type}, {name}, CONCAT('bench-', n), '', '', {at}, 1, 0, '', 1 FROM {numbers}",
		"INSERT INTO PublicChannels (Id, DeleteAt, TeamId, DisplayName, Name, Header, Purpose) SELECT {channel}, 0, {team}, {name}, " +
			"CONCAT('bench-', n), '', '' FROM {numbers} WHERE {type} = 'O'",
		"INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, IsPinned, UserId, ChannelId, RootId, ParentId, OriginalId, Message, Type, Props, " +
			"Hashtags, Filenames, FileIds, HasReactions) SELECT {post}, {at}, {at}, 0, 0, false, {commander}, {channel}, '', '', '', 'It has begun.', '', '{}', '', '[]', '[]', false FROM {numbers}",
		"INSERT INTO Posts (Id, CreateAt, UpdateAt, EditAt, DeleteAt, IsPinned, UserId, ChannelId, RootId, ParentId, OriginalId, Message, Type, Props, " +
			"Hashtags, Filenames, FileIds, HasReactions) SELECT {update}, {at} + 60000, {at} + 60000, 0, 0, false, {commander}, {channel}, '', '', '', 'We are on it.', '', '{}', '', '[]', '[]', false FROM {numbers} WHERE MOD(n, 5) = 0",
		"INSERT INTO IR_Incident (ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, EndAt, DeleteAt, ActiveStage, " +
			"PostID, PlaybookID, ChecklistsJSON, ActiveStageTitle, ReminderPostID, BroadcastChannelID, PreviousReminder, ReminderMessageTemplate) " +
			"SELECT {incident}, {name}, 'What happened and what was done about it.', {active}, {commander}, {team}, {channel}, {at}, " +
			"CASE WHEN {active} THEN 0 ELSE {at} + 3600000 END, 0, 0, '', '', {stages}, 'First', '', '', 0, '' FROM {numbers}",
		"INSERT INTO IR_StatusPosts (IncidentID, PostID) SELECT {incident}, {update} FROM {numbers} WHERE MOD(n, 5) = 0",
	}
	statements = append(statements, member("{commander}", "n >= 0")...)
	statements = append(statements, member("{anna}", "{member}")...)
	if postgres {
		statements = append(statements, "VACUUM ANALYZE")
	} else {
		statements = append(statements, "ANALYZE TABLE IR_Incident, Channels, ChannelMembers, Posts, IR_StatusPosts, Users")
	}
	for _, statement := range statements {
		for mark, text := range replaced {
			statement = strings.ReplaceAll(statement, mark, text)
		}
		// A second time for marks within what was put in.
		for mark, text := range replaced {
			statement = strings.ReplaceAll(statement, mark, text)
		}
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.120s…: %w", statement, err)
		}
	}
	if _, response := s.server.Admin.InvalidateCaches(); response.Error != nil {
		return response.Error
	}
	return s.choose(ctx, db)
}

// idMark stands in the stages' template for the part of the ids that differs between incidents.
const idMark = "@@@@@@@@@@@@@@@@@@@@@@@@"

func stageTemplate() (string, error) {
	stages := []incident.Stage{{ID: idMark + "s0", Title: "First"}, {ID: idMark + "s1", Title: "Second"}}
	for n := range tasks {
		stage := &stages[n*2/tasks]
		stage.Tasks = append(stage.Tasks, incident.Task{ID: fmt.Sprintf("%s%02d", idMark, n), Title: fmt.Sprintf("Task %d: look at the dashboards", n),
			Description: "Write down what you see."})
	}
	content, err := json.Marshal(stages)
	return string(content), err
}

// choose picks the incidents that the operations work on.
func (s *site) choose(ctx context.Context, db *sql.DB) error {
	pick := func(into *[]target, limit int, condition string) error {
		rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT i.ID, i.ChannelID FROM IR_Incident i JOIN Channels c ON c.Id = i.ChannelID "+
			"WHERE %s ORDER BY i.ID LIMIT %d", condition, limit))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var t target
			if err := rows.Scan(&t.id, &t.channel); err != nil {
				return err
			}
			*into = append(*into, t)
		}
		return rows.Err()
	}
	member := "EXISTS (SELECT 1 FROM ChannelMembers m WHERE m.ChannelId = i.ChannelID AND m.UserId = '" + s.anna.id + "')"
	if err := pick(&s.own, 50, member); err != nil {
		return err
	}
	if err := pick(&s.foreign, 50, "c.Type = 'O' AND NOT "+member); err != nil {
		return err
	}
	if len(s.own) == 0 || len(s.foreign) == 0 {
		return fmt.Errorf("the seed is wrong: %d incidents with and %d without the ordinary user", len(s.own), len(s.foreign))
	}
	return s.story(ctx, db)
}

// story gives the first of the incidents in which the ordinary user is a timeline of 10,000 entries by hand and as many own events.
func (s *site) story(ctx context.Context, db *sql.DB) error {
	const entries = 10000
	numbers := fmt.Sprintf("generate_series(1, %d) AS n", entries)
	if s.database.Driver != testenv.Postgres {
		numbers = fmt.Sprintf("(WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x WHERE n < %d) SELECT n FROM x) AS x", entries)
	}
	begin := time.Now().Add(-24 * time.Hour).UnixMilli()
	s.middle = begin + entries/2*1000
	at := fmt.Sprintf("%d + n * 1000", begin)
	for _, statement := range []string{
		"INSERT INTO IR_TimelineEntry (ID, IncidentID, Kind, HappenedAt, Seq, RecordedAt, AuthorID, AddedByID, Content, FilesJSON, Version, Starred) " +
			"SELECT SUBSTR(MD5(CONCAT('entry', n)), 1, 26), {incident}, 'manual', {at}, {at}, {at}, {anna}, {anna}, 'We looked at the dashboards.', '', 1, MOD(n, 50) = 0 FROM " + numbers,
		"INSERT INTO IR_Event (ID, IncidentID, Revision, Type, ActorID, CreateAt, BeforeJSON, AfterJSON) " +
			"SELECT SUBSTR(MD5(CONCAT('event', n)), 1, 26), {incident}, 1000 + n, 'task_state_changed', {anna}, {at}, '{}', '{}' FROM " + numbers,
	} {
		statement = strings.NewReplacer("{incident}", "'"+s.own[0].id+"'", "{at}", at, "{anna}", "'"+s.anna.id+"'").Replace(statement)
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("make a timeline: %w", err)
		}
	}
	if err := s.followUps(ctx, db); err != nil {
		return err
	}
	// A database that is in use has statistics: PostgreSQL makes them within a minute or two of such changes.
	tables := "IR_TimelineEntry, IR_Event, IR_FollowUp, IR_FollowUpCount"
	statement := "ANALYZE TABLE " + tables
	if s.database.Driver == testenv.Postgres {
		statement = "VACUUM ANALYZE " + tables
	}
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("make statistics: %w", err)
	}
	return nil
}

// followUps gives that incident 500 follow-ups, and 20 to each of the others that the operations work on. Every second is the ordinary
// user's, every third is done.
func (s *site) followUps(ctx context.Context, db *sql.DB) error {
	for k, t := range slices.Concat(s.own, s.foreign) {
		count := 20
		if k == 0 {
			count = perIncident
		}
		numbers := fmt.Sprintf("generate_series(1, %d) AS n", count)
		if s.database.Driver != testenv.Postgres {
			numbers = fmt.Sprintf("(WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x WHERE n < %d) SELECT n FROM x) AS x", count)
		}
		for _, statement := range []string{
			"INSERT INTO IR_FollowUp (ID, IncidentID, Number, Title, Description, OwnerID, DueAt, State, Reason, Link, Source, PostID, AuthorID, CreateAt, UpdateAt, " +
				"ClosedAt, Revision, RemindAt) SELECT SUBSTR(MD5(CONCAT({incident}, n)), 1, 26), {incident}, n, 'Watch the disk', 'It was full once.', " +
				"CASE WHEN MOD(n, 2) = 0 THEN {anna} ELSE '' END, {at} + n * 1000, CASE WHEN MOD(n, 3) = 0 THEN 'done' ELSE 'open' END, '', '', 'rest', '', {anna}, {at}, {at}, " +
				"0, 1, 0 FROM " + numbers,
			fmt.Sprintf("INSERT INTO IR_FollowUpCount (IncidentID, LastNumber) VALUES ({incident}, %d)", count),
		} {
			statement = strings.NewReplacer("{incident}", "'"+t.id+"'", "{at}", fmt.Sprint(time.Now().UnixMilli()), "{anna}", "'"+s.anna.id+"'").Replace(statement)
			if _, err := db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("make follow-ups: %w", err)
			}
		}
	}
	return nil
}
