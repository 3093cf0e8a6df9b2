package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"
	"golang.org/x/sync/singleflight"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
)

// countCache keeps numbers of incidents by commander and status: for each team those of all its incidents, and for each
// viewer those of the incidents in whose channels they are. To count them takes 150 ms at 100,000 incidents and 20 ms at
// 1,000 channels of the viewer; to read a page takes 2 ms. The cache holds numbers, no permissions.
// See docs/decisions/0011-cached-counts.md.
//
// A count is used while its version is that of the database, which is read with every page. If the version has changed, only the
// incidents of the commanders are counted again to whom something has happened.
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
	// maxAffected bounds how many changes a count remembers, and how many commanders are counted by themselves: beyond it, all is
	// counted again.
	maxAffected = 500
)

// counts is not changed after it was stored in the cache.
type counts struct {
	version app.CountVersion
	read    time.Time
	groups  []countGroup
	// public holds incidents whose channels have changed, and whether these were public when they were counted.
	public map[string]bool
	// seen holds the events that were there when their incidents were counted.
	seen map[string]bool
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
		version := f.CountVersion
		version.Viewer = ""
		team, err := s.count(ctx, countKey{f.TeamID, ""}, version)
		if err != nil || f.ViewerID == "" {
			return team, err
		}
		for _, g := range team {
			all = append(all, countGroup{g.Commander, g.Active, g.Public, g.Public})
		}
	}
	joined, err := s.count(ctx, countKey{f.TeamID, f.ViewerID}, f.CountVersion)
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

// count returns the cached numbers for a key, brought up to date if they have another version. The version was read before
// the count: a change in between makes the count valid for a shorter time, never for a longer one.
func (s *Store) count(ctx context.Context, key countKey, version app.CountVersion) ([]countGroup, error) {
	s.cache.mu.Lock()
	known := s.cache.counts[key]
	s.cache.mu.Unlock()
	if known != nil && time.Since(known.read) >= countLifetime {
		known = nil
	}
	if known != nil && known.version == version {
		return known.groups, nil
	}
	flight := strings.Join([]string{key.teamID, key.memberID, version.Events, version.Channels, version.Viewer}, " ")
	made, err, _ := s.cache.running.Do(flight, func() (interface{}, error) {
		c, err := s.refreshed(ctx, key, known, version)
		if err != nil {
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

// refreshed returns the counts of a version. It counts only what is not in known, which may be nil.
func (s *Store) refreshed(ctx context.Context, key countKey, known *counts, version app.CountVersion) (*counts, error) {
	if known == nil || known.version.Viewer != version.Viewer {
		return s.counted(ctx, key, version)
	}
	c := &counts{version: version, read: known.read, groups: known.groups, public: maps.Clone(known.public), seen: maps.Clone(known.seen)}
	commanders, complete, err := s.affected(ctx, key.teamID, known, c)
	if err != nil {
		return nil, err
	}
	if !complete || len(commanders) > maxAffected || len(c.public)+len(c.seen) > maxAffected {
		return s.counted(ctx, key, version)
	}
	if len(commanders) == 0 {
		return c, nil
	}
	again, err := s.countGroups(ctx, key, commanders)
	if err != nil {
		return nil, err
	}
	for _, g := range known.groups {
		if !slices.Contains(commanders, g.Commander) {
			again = append(again, g)
		}
	}
	c.groups = again
	return c, nil
}

// counted counts all incidents of a key.
func (s *Store) counted(ctx context.Context, key countKey, version app.CountVersion) (*counts, error) {
	c := &counts{version: version, read: time.Now(), public: map[string]bool{}, seen: map[string]bool{}}
	var err error
	c.groups, err = s.countGroups(ctx, key, nil)
	return c, err
}

// countGroups counts the incidents of a key, of all commanders if none is named.
func (s *Store) countGroups(ctx context.Context, key countKey, commanders []string) ([]countGroup, error) {
	q := s.builder.Select("i.CommanderUserID AS commander", "i.IsActive AS active", "COUNT(*) AS n", "COUNT(c.Id) AS public").
		From("IR_Incident i").LeftJoin("Channels c ON c.Id = i.ChannelID AND c.Type = 'O' AND c.TeamId = i.TeamID").
		Where(sq.Eq{"i.TeamID": key.teamID, "i.DeleteAt": 0}).GroupBy("i.CommanderUserID", "i.IsActive")
	if key.memberID != "" {
		q = q.Where(memberOf, key.memberID)
	}
	if commanders != nil {
		q = q.Where(sq.Eq{"i.CommanderUserID": commanders})
	}
	var groups []countGroup
	err := s.selectPlanned(ctx, &groups, q)
	return groups, err
}

// forgetCounts makes the next list that f's viewer asks for count again.
func (s *Store) forgetCounts(f app.Filter) {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	delete(s.cache.counts, countKey{f.TeamID, ""})
	delete(s.cache.counts, countKey{f.TeamID, f.ViewerID})
}
