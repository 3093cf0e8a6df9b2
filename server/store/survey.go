package store

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
	"golang.org/x/sync/singleflight"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// How many incidents there are to see is asked with every page, and to count 100,000 of them takes longer than all else
// together. So each process keeps a tally of each team: how many incidents are in public channels, by commander and by
// whether they are ongoing. It is no permission: it does not depend on who asks, and holds numbers only. What somebody
// sees beyond that, the incidents of private channels that they are in, is counted each time.
//
// A tally counts for as long as its mark stays the same. The mark is read with every page and changes with every start,
// end and restart of an incident, every change of a commander, and every change of a channel that Mattermost makes.
// Changes that others make by SQL are noticed when the tally gets old.

// tallyLifetime is how long a tally may be used without being counted anew.
const tallyLifetime = time.Minute

// recent is how many of the newest changes of each kind make up a mark. More than one, because changes may be committed
// in another order than that of their times.
const recent = 20

// tallied are the types of events that change a tally.
var tallied = []incident.EventType{incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventCommander}

// group is what incidents are counted by.
type group struct {
	commander string
	active    bool
}

// number is how many incidents of a group there are, and how many of them in public channels.
type number struct{ all, public int }

type tally struct {
	mark    string
	counted time.Time
	numbers map[group]number
}

// tallies are those of all teams.
type tallies struct {
	mu     sync.Mutex
	byTeam map[string]*tally
	counts singleflight.Group
}

// survey is what a viewer may see in a team: numbers by group.
type survey map[group]int

// total is the number of incidents that match f, of which only status and commander are considered.
func (s survey) total(f app.Filter) int {
	n := 0
	for g, count := range s {
		if (f.Active == nil || *f.Active == g.active) && (f.CommanderUserID == "" || f.CommanderUserID == g.commander) {
			n += count
		}
	}
	return n
}

// commanders are the ids of all who command one of the incidents, in order.
func (s survey) commanders() []string {
	seen := map[string]bool{}
	var ids []string
	for g, count := range s {
		if count > 0 && !seen[g.commander] {
			seen[g.commander] = true
			ids = append(ids, g.commander)
		}
	}
	sort.Strings(ids)
	return ids
}

// survey counts what the viewer may see in a team; viewerID "" sees everything. It is one statement, and another one
// if the team's tally has to be counted anew.
func (s *Store) survey(ctx context.Context, teamID, viewerID string) (survey, error) {
	mark, own, err := s.markAndOwn(ctx, teamID, viewerID)
	if err != nil {
		return nil, err
	}
	t, err := s.tally(ctx, teamID, mark)
	if err != nil {
		return nil, err
	}
	for g, n := range t.numbers {
		if viewerID == "" {
			own[g] += n.all
		} else {
			own[g] += n.public
		}
	}
	return own, nil
}

// inPublic tells whether the channel c of incident i is public, in the team of the incident.
const inPublic = "(c.Type = 'O' AND c.TeamId = i.TeamID)"

// markAndOwn reads the present mark, and counts the incidents that only members see and the viewer is a member of.
func (s *Store) markAndOwn(ctx context.Context, teamID, viewerID string) (string, survey, error) {
	const latest = "SELECT %id% AS id, %at% AS at FROM %from% ORDER BY %at% DESC LIMIT %recent%"
	joined := "GROUP_CONCAT(CONCAT(x.id, x.at) ORDER BY x.at, x.id SEPARATOR '')"
	if s.postgres {
		joined = "STRING_AGG(CONCAT(x.id, x.at), '' ORDER BY x.at, x.id)"
	}
	part := func(id, at, from string) string {
		return "COALESCE((SELECT " + joined + " FROM (" + strings.NewReplacer("%id%", id, "%at%", at, "%from%", from,
			"%recent%", strconv.Itoa(recent)).Replace(latest) + ") x), '')"
	}
	parts := []string{part("Id", "UpdateAt", "Channels")}
	for _, kind := range tallied {
		parts = append(parts, part("ID", "CreateAt", "IR_Event WHERE Type = '"+string(kind)+"'"))
	}
	q := s.builder.Select("MD5(CONCAT("+strings.Join(parts, ", ',', ")+")) AS commander", "false AS active", "-1 AS n")
	if viewerID != "" {
		// The channel is looked up as a value: so it is done for each membership and before anything else, because most
		// channels that somebody is in are public.
		q = q.Suffix("UNION ALL SELECT i.CommanderUserID, i.IsActive, COUNT(*) FROM ChannelMembers cm"+
			" JOIN IR_Incident i ON i.ChannelID = cm.ChannelId WHERE cm.UserId = ?"+
			" AND COALESCE((SELECT CASE WHEN c.Type = 'O' AND c.TeamId = ? THEN 1 ELSE 0 END FROM Channels c WHERE c.Id = cm.ChannelId), 0) = 0"+
			" AND i.TeamID = ? AND i.DeleteAt = 0 GROUP BY i.CommanderUserID, i.IsActive", viewerID, teamID, teamID)
	}
	var rows []struct {
		Commander string
		Active    bool
		N         int
	}
	if err := selectAll(ctx, s.db, &rows, q); err != nil {
		return "", nil, errors.Wrap(err, "look for changes of the lists")
	}
	mark, own := "", survey{}
	for _, r := range rows {
		if r.N < 0 {
			mark = r.Commander
			continue
		}
		own[group{r.Commander, r.Active}] += r.N
	}
	return mark, own, nil
}

// tally is the team's tally, counted anew unless the one at hand has this mark. The mark was read before the count, so
// that a change in between makes the tally count for less time, never for more.
func (s *Store) tally(ctx context.Context, teamID, mark string) (*tally, error) {
	s.tallies.mu.Lock()
	known := s.tallies.byTeam[teamID]
	s.tallies.mu.Unlock()
	if known != nil && known.mark == mark && time.Since(known.counted) < tallyLifetime {
		return known, nil
	}
	// Whoever else waits for the same count has read the same mark.
	made, err, _ := s.tallies.counts.Do(teamID+mark, func() (interface{}, error) {
		t := &tally{mark: mark, counted: time.Now(), numbers: map[group]number{}}
		var rows []struct {
			Commander string
			Active    bool
			N, Open   int
		}
		err := selectAll(ctx, s.db, &rows, s.builder.
			Select("i.CommanderUserID AS commander", "i.IsActive AS active", "COUNT(*) AS n",
				"COUNT(CASE WHEN "+inPublic+" THEN 1 END) AS open").
			From("IR_Incident i").LeftJoin("Channels c ON c.Id = i.ChannelID").
			Where(sq.Eq{"i.TeamID": teamID, "i.DeleteAt": 0}).GroupBy("i.CommanderUserID", "i.IsActive"))
		if err != nil {
			return nil, errors.Wrap(err, "count the incidents of a team")
		}
		for _, r := range rows {
			t.numbers[group{r.Commander, r.Active}] = number{all: r.N, public: r.Open}
		}
		s.tallies.mu.Lock()
		defer s.tallies.mu.Unlock()
		if s.tallies.byTeam == nil || len(s.tallies.byTeam) > 1000 {
			s.tallies.byTeam = map[string]*tally{}
		}
		s.tallies.byTeam[teamID] = t
		return t, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*tally), nil
}

// forgetTally makes the next list count anew.
func (s *Store) forgetTally(teamID string) {
	s.tallies.mu.Lock()
	defer s.tallies.mu.Unlock()
	delete(s.tallies.byTeam, teamID)
}
