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
// whether they are ongoing. The incidents in whose channels somebody is are counted and kept in the same way, by viewer:
// what they see is the public ones and those of theirs that are not public. Neither is a permission: they hold numbers only.
//
// A tally counts for as long as its mark stays the same. The mark is read with every page and changes with every start,
// end and restart of an incident, every change of a commander, and every change of a channel that Mattermost makes. That
// of a viewer also changes when they join or leave any channel. Changes that others make by SQL are noticed when the
// tally gets old.

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

// tallies are those of all teams and viewers.
type tallies struct {
	mu     sync.Mutex
	byName map[string]*tally
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

// survey counts what f's viewer may see in f's team; viewer "" sees everything. It takes no statement if neither the
// team's tally nor what the viewer sees beyond it has to be counted anew, and the standing in f was read before.
func (s *Store) survey(ctx context.Context, f app.Filter) (survey, error) {
	standing, err := s.standingFor(ctx, f)
	if err != nil {
		return nil, err
	}
	t, err := s.tally(ctx, f.TeamID, standing.Mark)
	if err != nil {
		return nil, err
	}
	seen := survey{}
	if f.ViewerID == "" {
		for g, n := range t.numbers {
			seen[g] = n.all
		}
		return seen, nil
	}
	own, err := s.own(ctx, f.TeamID, f.ViewerID, standing)
	if err != nil {
		return nil, err
	}
	for g, n := range t.numbers {
		seen[g] = n.public
	}
	for g, n := range own.numbers {
		seen[g] += n.all - n.public
	}
	return seen, nil
}

// joined counts the incidents of f's team in whose channels f's viewer is, like survey.
func (s *Store) joined(ctx context.Context, f app.Filter) (survey, error) {
	standing, err := s.standingFor(ctx, f)
	if err != nil {
		return nil, err
	}
	own, err := s.own(ctx, f.TeamID, f.ViewerID, standing)
	if err != nil {
		return nil, err
	}
	seen := survey{}
	for g, n := range own.numbers {
		seen[g] = n.all
	}
	return seen, nil
}

func (s *Store) standingFor(ctx context.Context, f app.Filter) (app.Standing, error) {
	if f.Standing != nil {
		return f.Standing()
	}
	return s.standing(ctx, f.ViewerID, f.TeamID)
}

// inPublic tells whether the channel c of incident i is public, in the team of the incident.
const inPublic = "(c.Type = 'O' AND c.TeamId = i.TeamID)"

// mark is an expression for the present mark.
func (s *Store) mark() string {
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
	// Hashed to send less. Not with MD5, which databases in FIPS mode refuse; nobody gains by a collision.
	hash := "CRC32("
	if s.postgres {
		hash = "HASHTEXT("
	}
	return "CONCAT(" + hash + strings.Join(parts, "), ',', "+hash) + "))"
}

// memberships is a query for a number that depends on which channels the user "?" is in.
func (s *Store) memberships() string {
	hash := "CRC32(m.ChannelId)"
	if s.postgres {
		hash = "CAST(HASHTEXT(m.ChannelId) AS bigint)"
	}
	return "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(" + hash + "), 0)) FROM ChannelMembers m WHERE m.UserId = ?"
}

// own counts the incidents in whose channels the viewer is, unless that was done and neither the mark nor the viewer's
// memberships have changed since.
func (s *Store) own(ctx context.Context, teamID, viewerID string, standing app.Standing) (*tally, error) {
	return s.counted(ctx, teamID+viewerID, standing.Mark+standing.Memberships, "count the incidents in somebody's channels",
		sq.And{sq.Eq{"i.TeamID": teamID, "i.DeleteAt": 0}, sq.Expr("i.ChannelID IN (SELECT cm.ChannelId FROM ChannelMembers cm WHERE cm.UserId = ?)", viewerID)})
}

// tally is the team's tally, counted anew unless the one at hand has this mark.
func (s *Store) tally(ctx context.Context, teamID, mark string) (*tally, error) {
	return s.counted(ctx, teamID, mark, "count the incidents of a team", sq.Eq{"i.TeamID": teamID, "i.DeleteAt": 0})
}

// counted is the tally that is kept under a name, of what where selects, counted anew unless it has this mark. The mark
// was read before the count, so that a change in between makes the tally count for less time, never for more.
func (s *Store) counted(ctx context.Context, name, mark, what string, where sq.Sqlizer) (*tally, error) {
	s.tallies.mu.Lock()
	known := s.tallies.byName[name]
	s.tallies.mu.Unlock()
	if known != nil && known.mark == mark && time.Since(known.counted) < tallyLifetime {
		return known, nil
	}
	// Whoever else waits for the same count has read the same mark.
	made, err, _ := s.tallies.counts.Do(name+" "+mark, func() (interface{}, error) {
		t := &tally{mark: mark, counted: time.Now(), numbers: map[group]number{}}
		var rows []struct {
			Commander string
			Active    bool
			N, Open   int
		}
		err := s.selectPlanned(ctx, &rows, s.builder.
			Select("i.CommanderUserID AS commander", "i.IsActive AS active", "COUNT(*) AS n",
				"COUNT(CASE WHEN "+inPublic+" THEN 1 END) AS open").
			From("IR_Incident i").LeftJoin("Channels c ON c.Id = i.ChannelID").
			Where(where).GroupBy("i.CommanderUserID", "i.IsActive"))
		if err != nil {
			return nil, errors.Wrap(err, what)
		}
		for _, r := range rows {
			t.numbers[group{r.Commander, r.Active}] = number{all: r.N, public: r.Open}
		}
		s.tallies.mu.Lock()
		defer s.tallies.mu.Unlock()
		if s.tallies.byName == nil || len(s.tallies.byName) > 1000 {
			s.tallies.byName = map[string]*tally{}
		}
		s.tallies.byName[name] = t
		return t, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*tally), nil
}

// forgetTallies makes the next list count anew.
func (s *Store) forgetTallies(teamID, viewerID string) {
	s.tallies.mu.Lock()
	defer s.tallies.mu.Unlock()
	delete(s.tallies.byName, teamID)
	delete(s.tallies.byName, teamID+viewerID)
}
