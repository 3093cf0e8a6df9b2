package store

import (
	"context"
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

// countCache keeps numbers of incidents by commander and status: for each team those of all its incidents, and for each
// viewer those of the incidents in whose channels they are. To count them takes 150 ms at 100,000 incidents and 20 ms at
// 1,000 channels of the viewer; to read a page takes 2 ms. The cache holds numbers, no permissions.
// See docs/decisions/0011-cached-counts.md.
//
// A count is used while its version is that of the database, which is read with every page.
type countCache struct {
	mu      sync.Mutex
	counts  map[countKey]*counts
	running singleflight.Group
}

// countKey is a team, and the viewer in whose channels the incidents are, or "".
type countKey struct{ teamID, memberID string }

const (
	// countLifetime bounds how long changes that others make by SQL are not noticed.
	countLifetime = time.Minute
	// maxCounts bounds the memory of the cache: beyond it, all is counted again.
	maxCounts = 1000
	// versionRows is how many of the newest changes of each kind make up a version. More than one, because changes may be
	// committed in another order than that of their times.
	versionRows = 20
)

// countedEvents are the events that change a count.
var countedEvents = []incident.EventType{incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventCommander}

type counts struct {
	version string
	read    time.Time
	groups  []countGroup
}

// countGroup is the number of incidents of one commander that are ongoing, or that are not, and how many of them are in
// public channels.
type countGroup struct {
	Commander string
	Active    bool
	N, Public int
}

// visible returns the groups of incidents that f's viewer sees in f's team, of which f.MemberID may be the viewer. A group
// may be there twice.
func (s *Store) visible(ctx context.Context, f app.Filter) ([]countGroup, error) {
	var all []countGroup
	if !onlyOwn(f) {
		team, err := s.count(ctx, countKey{f.TeamID, ""}, f.CountVersion.Team)
		if err != nil || f.ViewerID == "" {
			return team, err
		}
		for _, g := range team {
			all = append(all, countGroup{g.Commander, g.Active, g.Public, g.Public})
		}
	}
	joined, err := s.count(ctx, countKey{f.TeamID, f.ViewerID}, f.CountVersion.Team+" "+f.CountVersion.Viewer)
	for _, g := range joined {
		if !onlyOwn(f) {
			g.N -= g.Public // counted with the team's
		}
		all = append(all, g)
	}
	return all, err
}

// onlyOwn reports whether f is limited to incidents in whose channels the viewer is.
func onlyOwn(f app.Filter) bool {
	return f.ViewerID != "" && (f.OnlyMember || f.MemberID == f.ViewerID)
}

// teamVersion is an expression that changes with every start, end and restart of an incident, every change of a commander,
// and every change of a channel that is no direct message.
func (s *Store) teamVersion() string {
	list := "GROUP_CONCAT(CONCAT(x.id, x.at) ORDER BY x.at, x.id SEPARATOR '')"
	hash := "CRC32("
	if s.postgres {
		list, hash = "STRING_AGG(CONCAT(x.id, x.at), '' ORDER BY x.at, x.id)", "HASHTEXT("
	}
	newest := func(id, at, from string) string {
		return "COALESCE((SELECT " + list + " FROM (SELECT " + id + " AS id, " + at + " AS at FROM " + from +
			" ORDER BY " + at + " DESC LIMIT " + strconv.Itoa(versionRows) + ") x), '')"
	}
	parts := []string{newest("Id", "UpdateAt", "Channels WHERE Type IN ('O', 'P')")}
	for _, kind := range countedEvents {
		parts = append(parts, newest("ID", "CreateAt", "IR_Event WHERE Type = '"+string(kind)+"'"))
	}
	// Hashed to send less. Not with MD5, which databases in FIPS mode refuse.
	return "CONCAT(" + hash + strings.Join(parts, "), ',', "+hash) + "))"
}

// viewerVersion is a query for a text that changes when the user "?" joins or leaves a channel.
func (s *Store) viewerVersion() string {
	hash := "CRC32(m.ChannelId)"
	if s.postgres {
		hash = "CAST(HASHTEXT(m.ChannelId) AS bigint)"
	}
	return "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(" + hash + "), 0)) FROM ChannelMembers m WHERE m.UserId = ?"
}

// count returns the cached numbers for a key, counted again unless they have this version. The version was read before the
// count: a change in between makes the count valid for a shorter time, never for a longer one.
func (s *Store) count(ctx context.Context, key countKey, version string) ([]countGroup, error) {
	s.cache.mu.Lock()
	known := s.cache.counts[key]
	s.cache.mu.Unlock()
	if known != nil && known.version == version && time.Since(known.read) < countLifetime {
		return known.groups, nil
	}
	made, err, _ := s.cache.running.Do(key.teamID+" "+key.memberID+" "+version, func() (interface{}, error) {
		c := &counts{version: version, read: time.Now()}
		q := s.builder.Select("i.CommanderUserID AS commander", "i.IsActive AS active", "COUNT(*) AS n", "COUNT(c.Id) AS public").
			From("IR_Incident i").LeftJoin("Channels c ON c.Id = i.ChannelID AND c.Type = 'O' AND c.TeamId = i.TeamID").
			Where(sq.Eq{"i.TeamID": key.teamID, "i.DeleteAt": 0}).GroupBy("i.CommanderUserID", "i.IsActive")
		if key.memberID != "" {
			q = q.Where(memberOf, key.memberID)
		}
		if err := s.selectPlanned(ctx, &c.groups, q); err != nil {
			return nil, errors.Wrap(err, "count incidents")
		}
		s.cache.mu.Lock()
		defer s.cache.mu.Unlock()
		if s.cache.counts == nil || len(s.cache.counts) >= maxCounts {
			s.cache.counts = map[countKey]*counts{}
		}
		s.cache.counts[key] = c
		return c.groups, nil
	})
	if err != nil {
		return nil, err
	}
	return made.([]countGroup), nil
}

// forgetCounts makes the next list that f's viewer asks for count again.
func (s *Store) forgetCounts(f app.Filter) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	delete(s.cache.counts, countKey{f.TeamID, ""})
	delete(s.cache.counts, countKey{f.TeamID, f.ViewerID})
}
