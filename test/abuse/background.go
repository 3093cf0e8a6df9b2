package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// longNumbers sends numbers of a million digits and reads what it may not. It prints what came into the log.
func longNumbers(ctx context.Context, s *site) error {
	size := func() (n int64) {
		if info, err := os.Stat(s.server.LogPath); err == nil {
			n = info.Size()
		}
		return n
	}
	before := size()
	body := `{"active_stage": ` + strings.Repeat("1", 1_000_000) + `}`
	for range 150 {
		request, err := http.NewRequestWithContext(ctx, http.MethodPatch, s.url("/incidents/"+s.attacker.incident), strings.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+s.attacker.token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
	}
	numbers := size()
	for range 200 {
		if err := s.call(ctx, s.attacker, "GET", "/incidents/"+model.NewId(), nil, nil); err == nil {
			return errors.New("an incident that does not exist was read")
		}
	}
	fmt.Printf("the log grew by %d KB for 150 numbers of 1,000,000 digits, by %d KB for 200 refused reads\n", (numbers-before)/1000, (size()-numbers)/1000)
	return nil
}

// pending puts ongoing incidents with a pending reminder into the database; at is when the reminders are due.
func (s *site) pending(ctx context.Context, prefix string, n int, at time.Time) error {
	channel := func(k int) string { return padded(prefix+"c", k) }
	for _, x := range []struct {
		table, columns string
		row            func(k int) string
	}{
		{"IR_Incident", "ID, Name, Description, IsActive, CommanderUserID, TeamID, ChannelID, CreateAt, ActiveStage, ChecklistsJSON, ReminderPostID, ReminderMessageTemplate",
			func(k int) string {
				return fmt.Sprintf("'%s', 'Reminded', '', true, '%s', '%s', '%s', %d, 0, '[]', '', ''", padded(prefix, k), s.attacker.id, s.team, channel(k), k+1)
			}},
		{"Channels", "Id, CreateAt, UpdateAt, DeleteAt, TeamId, Type, DisplayName, Name, Header, Purpose, LastPostAt, TotalMsgCount, TotalMsgCountRoot, ExtraUpdateAt, CreatorId",
			func(k int) string {
				return fmt.Sprintf("'%[1]s', 1, 1, 0, '%[2]s', 'P', 'Reminded', '%[1]s', '', '', 0, 0, 0, 0, ''", channel(k), s.team)
			}},
		{"ChannelMembers", "ChannelId, UserId, Roles, LastViewedAt, MsgCount, MsgCountRoot, MentionCount, MentionCountRoot, NotifyProps, LastUpdateAt, SchemeUser, SchemeAdmin, SchemeGuest",
			func(k int) string {
				return fmt.Sprintf("'%s', '%s', '', 0, 0, 0, 0, 0, '{}', 1, true, false, false", channel(k), s.attacker.id)
			}},
		{"PluginKeyValueStore", "PluginId, PKey, PValue, ExpireAt", func(k int) string {
			return fmt.Sprintf(`'%s', 'once_%s', '{"Key":"%[2]s","RunAt":"%s"}', 0`, s.pluginID, padded(prefix, k), at.UTC().Format(time.RFC3339))
		}},
	} {
		if err := s.insert(ctx, x.table, x.columns, n, 500, x.row); err != nil {
			return err
		}
	}
	return nil
}

// number reads one number from the database.
func (s *site) number(ctx context.Context, query string) (n int, err error) {
	db, err := s.database.Open()
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	return n, db.QueryRowContext(ctx, query).Scan(&n)
}

// until waits until a query gives at least n.
func (s *site) until(ctx context.Context, query string, n int) error {
	for deadline := time.Now().Add(10 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		have, err := s.number(ctx, query)
		if err != nil || have >= n {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d, want %d: %s", have, n, query)
		}
	}
}

// dueReminders lets 3,000 reminders be due, and prints how late that of a bystander comes which is set meanwhile.
func dueReminders(ctx context.Context, s *site) error {
	if err := s.pending(ctx, "due", 3000, time.Now().Add(-time.Hour)); err != nil {
		return err
	}
	const reminders = "SELECT COUNT(*) FROM IR_Event WHERE Type = 'update_overdue' AND IncidentID LIKE 'due0%'"
	if err := s.until(ctx, reminders, 10); err != nil { // they are being posted
		return err
	}
	late := time.Duration(0)
	for n := range 3 {
		body := object{"submission": object{"message": "all well", "reminder": "1"}}
		if err := s.call(ctx, s.bystander, "POST", "/incidents/"+s.bystander.incident+"/update-status-dialog", body, nil); err != nil {
			return err
		}
		due := time.Now().Add(time.Second)
		if err := s.until(ctx, "SELECT COUNT(*) FROM IR_Event WHERE Type = 'update_overdue' AND IncidentID = '"+s.bystander.incident+"'", n+1); err != nil {
			return err
		}
		late = max(late, time.Since(due))
	}
	done, err := s.number(ctx, reminders)
	if err != nil {
		return err
	}
	fmt.Printf("a bystander's reminder was at most %d ms late behind 3,000 due ones, of which %d were posted by then\n", late.Milliseconds(), done)
	return s.until(ctx, reminders, 3000)
}

// pendingReminders prints what 20,000 reminders cost that are due tomorrow: while their incidents, which version 1.2.0 has left, get their
// clocks, and when all have one.
func pendingReminders(ctx context.Context, s *site) error {
	pid, err := s.server.PluginPID(s.pluginID)
	if err != nil {
		return err
	}
	measure := func(what string) error {
		const window = 30 * time.Second // three looks for what version 1.2.0 has stored
		before, err := cpuTime(pid)
		if err != nil {
			return err
		}
		time.Sleep(window)
		after, err := cpuTime(pid)
		fmt.Printf("the plugin took %.1f %% of a core %s, beside a bystander\n", 100*(after-before).Seconds()/window.Seconds(), what)
		return err
	}
	if err := measure("without pending reminders"); err != nil {
		return err
	}
	at := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	if err := s.pending(ctx, "later", 20000, at); err != nil {
		return err
	}
	begin := time.Now()
	if err := s.until(ctx, "SELECT COUNT(*) FROM IR_Job WHERE Kind = 'reminder' AND IncidentID LIKE 'later0%'", 20000); err != nil {
		return err
	}
	fmt.Printf("20,000 pending reminders of version 1.2.0 had a job after %.1f s\n", time.Since(begin).Seconds())
	if err := measure("while some of their incidents got a clock"); err != nil {
		return err
	}
	clocks, err := s.number(ctx, "SELECT COUNT(*) FROM IR_Incident WHERE ID LIKE 'later0%' AND OwnJSON <> ''")
	if err != nil {
		return err
	}
	fmt.Printf("%d of 20,000 have a clock; the others get one as the plugin would store it\n", clocks)
	err = s.exec(ctx, fmt.Sprintf(`UPDATE IR_Incident SET OwnJSON = '{"clock":{"next_update_at":%d}}' WHERE ID LIKE 'later0%%'`, at.UnixMilli()))
	if err != nil {
		return err
	}
	return measure("with 20,000 pending reminders")
}

// cpuTime is the processor time that a process has taken.
func cpuTime(pid int) (time.Duration, error) {
	content, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("the processor time of the plugin cannot be read")
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, nil // ticks, of which a second has a hundred
}
