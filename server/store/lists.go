package store

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/fold"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// likeEscape takes the meaning from characters that are special in LIKE with ESCAPE '!'. An exclamation mark escapes
// because a backslash in a literal means different things to the databases.
func likeEscape(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

var incidentSorts = map[string]string{
	"":                  "i.CreateAt",
	"id":                "i.ID",
	"name":              "i.NameSort",
	"is_active":         "i.IsActive",
	"create_at":         "i.CreateAt",
	"end_at":            "i.EndAt",
	"team_id":           "i.TeamID",
	"commander_user_id": "i.CommanderUserID",
}

// sortColumn is the column by which incidents are sorted under a name, which may be one of a capability.
func (s *Store) sortColumn(name string) (string, bool) {
	if column, ok := incidentSorts[name]; ok {
		return column, true
	}
	for _, c := range s.capabilities {
		if column, ok := c.ListSorts[name]; ok {
			return "i." + column, true
		}
	}
	return "", false
}

// Written as values and not with EXISTS: for that PostgreSQL collects all public channels first, to show ten. And not
// compared with 1, which it takes to be true of so few that it looks at all incidents.
const (
	inPublic = "(SELECT 1 FROM Channels c WHERE c.Id = i.ChannelID AND c.Type = 'O' AND c.TeamId = i.TeamID) IS NOT NULL"
	isMember = "(SELECT 1 FROM ChannelMembers cm WHERE cm.ChannelId = i.ChannelID AND cm.UserId = ?) IS NOT NULL"
	// memberOf is isMember for few channels of many: it begins with them.
	memberOf = "i.ChannelID IN (SELECT cm.ChannelId FROM ChannelMembers cm WHERE cm.UserId = ?)"
)

// maxFewChannels is in how many channels a viewer is at most for a list of their own incidents to begin with the channels. Of more, one
// that goes along the index of its order may find ten incidents sooner.
const maxFewChannels = 500

// fewChannels reports whether f lists the incidents of a viewer's own channels, which are few.
func fewChannels(f app.Filter) bool {
	count, _, _ := strings.Cut(f.CountVersion.Viewer, " ") // see viewerVersion
	channels, err := strconv.Atoi(count)
	return err == nil && channels <= maxFewChannels && onlyOwn(f) && (f.MemberID == "" || f.MemberID == f.ViewerID)
}

// inFewChannels selects IR_Incident i by the channels of a user, on PostgreSQL. It looks the incidents up channel by channel, whatever the number
// of channels that are expected, so that one plan fits all users.
func inFewChannels(q sq.SelectBuilder, userID string) sq.SelectBuilder {
	return q.From("ChannelMembers m").JoinClause("CROSS JOIN LATERAL (SELECT * FROM IR_Incident o WHERE o.ChannelID = m.ChannelId OFFSET 0) i").
		Where("m.UserId = (SELECT CAST(? AS TEXT))", userID)
}

// filter restricts a query over IR_Incident i. It is the one rule for pages and for their totals.
func (s *Store) filter(q sq.SelectBuilder, f app.Filter) sq.SelectBuilder {
	few := s.postgres && fewChannels(f)
	if few {
		q = inFewChannels(q, f.ViewerID)
	} else {
		q = q.From("IR_Incident i")
	}
	q = q.Where(sq.Eq{"i.TeamID": f.TeamID, "i.DeleteAt": 0})
	switch {
	case f.ViewerID == "" || few:
	case f.OnlyMember && f.MemberID != f.ViewerID:
		q = q.Where(memberOf, f.ViewerID)
	case f.MemberID != f.ViewerID: // users see the incidents in whose channels they are
		q = q.Where("("+inPublic+" OR "+isMember+")", f.ViewerID)
	}
	q = s.readableOnly(q, f)
	if f.Active != nil {
		q = q.Where(sq.Eq{"i.IsActive": *f.Active})
	}
	if f.CommanderUserID != "" {
		q = q.Where(sq.Eq{"i.CommanderUserID": f.CommanderUserID})
		if !s.postgres { // see sameCase
			q = q.Where(sq.Eq{s.exact("i.CommanderUserID"): f.CommanderUserID})
		}
	}
	if f.MemberID != "" && !few {
		q = q.Where(memberOf, f.MemberID)
	}
	if f.SearchTerm != "" {
		q = q.Where(s.nameContains(f.SearchTerm))
	}
	for _, condition := range f.Where {
		q = q.Where(condition)
	}
	return q
}

// ordered sorts by a column and, where that is the same, by another one.
func ordered(column, tiebreak string, descending bool) []string {
	direction := " ASC"
	if descending {
		direction = " DESC"
	}
	if column == tiebreak {
		return []string{column + direction}
	}
	return []string{column + direction, tiebreak + direction}
}

// sorted orders a query and cuts a page out of it; none means that the page lies beyond any possible row.
func sorted(q sq.SelectBuilder, column, tiebreak string, descending bool, skip, perPage int) (out sq.SelectBuilder, none bool) {
	return cut(q.OrderBy(ordered(column, tiebreak, descending)...), skip, perPage)
}

// cut cuts a page out of an ordered query, see sorted.
func cut(q sq.SelectBuilder, skip, perPage int) (out sq.SelectBuilder, none bool) {
	if skip == math.MaxInt {
		return q, true
	}
	return q.Limit(uint64(max(perPage, 1))).Offset(uint64(skip)), false
}

// totalFromPage returns the number of all matches if the page is the last one.
func totalFromPage(skip, perPage, found int) (int, bool) {
	if found < perPage && (found > 0 || skip <= 0) {
		return max(skip, 0) + found, true
	}
	return 0, false
}

// cached reports whether the total of f can come from the cached counts. They have status and commander. Searches and filters by
// another member are counted directly: there are indexes for them. So are lists of a viewer who may not read all their channels.
func cached(f app.Filter) bool {
	return len(f.Hidden) == 0 && len(f.Where) == 0 && f.CountVersion.Events != "" && f.SearchTerm == "" && (f.MemberID == "" || f.MemberID == f.ViewerID)
}

// total is the number of all incidents that match f, of which found are on the page.
func (s *Store) total(ctx context.Context, f app.Filter, found int) (int, error) {
	if n, ok := totalFromPage(f.Skip(), f.PerPage, found); ok {
		return n, nil
	}
	if !cached(f) {
		var n []int
		if err := s.selectPlanned(ctx, &n, s.filter(s.builder.Select("COUNT(*)"), f)); err != nil {
			return 0, errors.Wrap(err, "count incidents")
		}
		return n[0], nil
	}
	for attempt := 0; ; attempt++ {
		groups, err := s.visible(ctx, f)
		if err != nil {
			return 0, err
		}
		n := 0
		for _, g := range groups {
			if (f.Active == nil || *f.Active == g.Active) && (f.CommanderUserID == "" || f.CommanderUserID == g.Commander) {
				n += g.N
			}
		}
		if attempt > 0 || found == 0 || n >= f.Skip()+found {
			return n, nil
		}
		s.forgetCounts(f) // the page shows more
	}
}

// The stages and the template of an incident may be long. The first statement of a list reads only those that are not
// longer than an equal share of pageBudget, or than smallShare, so that it reads at most about 8 MiB.
const (
	pageBudget = 4 << 20
	smallShare = 8 << 10
)

// longBytes is how many bytes the long columns take.
func (s *Store) longBytes() string {
	stages := "i.ChecklistsJSON"
	if s.postgres {
		stages = "CAST(i.ChecklistsJSON AS text)"
	}
	return "(OCTET_LENGTH(" + stages + ") + OCTET_LENGTH(COALESCE(i.ReminderMessageTemplate, '')) + OCTET_LENGTH(COALESCE(i.OwnJSON, '')))"
}

// selectListed selects incidents for a list, without what is longer than share bytes. A negative one leaves it out of all.
func (s *Store) selectListed(share int) sq.SelectBuilder {
	q := s.builder.Select()
	for _, column := range incidentColumns {
		value, name, _ := strings.Cut(column, " AS ")
		switch name {
		case "checklistsjson":
			if s.postgres {
				value = "CAST(" + value + " AS text)"
			}
			q = q.Column("CASE WHEN "+s.longBytes()+" <= ? THEN "+value+" ELSE 'null' END AS "+name, share)
		case "remindermessagetemplate":
			q = q.Column("CASE WHEN "+s.longBytes()+" <= ? THEN "+value+" ELSE '' END AS "+name, share)
		case "ownjson":
			if share >= 0 { // rows without stages have a part of it
				q = q.Column("CASE WHEN "+s.longBytes()+" <= ? THEN "+value+" ELSE '' END AS "+name, share)
				continue
			}
			q = q.Column(column)
		default:
			q = q.Column(column)
		}
	}
	q = q.Column(s.longBytes() + " AS bytes")
	if share < 0 {
		return q.Column("'' AS statusposts").Column(lastStatusAt)
	}
	return q.Column(s.posts()).Column("0 AS laststatusat")
}

// lastStatusAt is when the newest status update was posted that was not deleted.
const lastStatusAt = "COALESCE((SELECT MAX(p.CreateAt) FROM IR_StatusPosts sp JOIN Posts p ON p.Id = sp.PostID " +
	"WHERE sp.IncidentID = i.ID AND COALESCE(p.DeleteAt, 0) = 0), 0) AS laststatusat"

// pageQuery is the query of a page, and whether one plan fits whatever the values in it are. none means that the page lies beyond any possible row.
func (s *incidents) pageQuery(f app.Filter, share int) (q sq.SelectBuilder, onePlan, none bool, err error) {
	column, ok := s.sortColumn(f.Sort)
	if !ok {
		return q, false, false, badSort(f.Sort)
	}
	// The page is found first and read then: what is skipped on the way to a later page is not read.
	page, none := sorted(s.filter(sq.Select("i.ID", column+" AS SortedBy"), f), column, "i.ID", f.Descending, f.Skip(), f.PerPage)
	q = s.selectListed(share).FromSelect(page, "x").Join("IR_Incident i ON i.ID = x.ID").
		OrderBy(ordered("x.SortedBy", "x.ID", f.Descending)...)
	if f.ViewerID != "" {
		q = q.Columns("COALESCE(c.TeamId, '') AS channelteamid", isPublic+" AS public", plainMember+" AS plain", memberRoles+" AS roles").
			LeftJoin("Channels c ON c.Id = i.ChannelID").
			LeftJoin("ChannelMembers cm ON cm.ChannelId = i.ChannelID AND cm.UserId = ?", f.ViewerID)
	}
	// Of first pages, one index fits all values, or the viewer's channels do. Planning takes longer than reading.
	onePlan = f.Skip() == 0 && f.SearchTerm == "" && len(f.Where) == 0 && (f.MemberID == "" && !f.OnlyMember || fewChannels(f))
	return q, onePlan, none, nil
}

func (s *incidents) List(ctx context.Context, f app.Filter) ([]app.Listed, int, error) {
	share := max(pageBudget/max(f.PerPage, 1), smallShare)
	if f.Summary {
		share = -1
	}
	q, onePlan, none, err := s.pageQuery(f, share)
	if err != nil {
		return nil, 0, err
	}
	var rows []struct {
		incidentRow
		Bytes         int
		LastStatusAt  int64
		ChannelTeamID string
		Public, Plain bool
		Roles         string
	}
	if !none {
		read := s.selectPlanned
		if onePlan {
			read = s.selectPrepared
		}
		if err := read(ctx, &rows, q); err != nil {
			return nil, 0, errors.Wrap(err, "list incidents")
		}
	}
	total, err := s.total(ctx, f, len(rows))
	if err != nil {
		return nil, 0, err
	}
	items := make([]app.Listed, len(rows))
	for n := range rows {
		inc, err := s.incident(&rows[n].incidentRow)
		if err != nil {
			return nil, 0, err
		}
		inc.LastStatusAt = rows[n].LastStatusAt
		if f.Summary {
			inc.Own = inc.Own.Row()
		}
		items[n] = app.Listed{Incident: inc.Incident, Bytes: rows[n].Bytes, Partial: rows[n].Bytes > share,
			Channel: app.ListedChannel{TeamID: rows[n].ChannelTeamID, Public: rows[n].Public, Plain: rows[n].Plain, Roles: rows[n].Roles}}
		rows[n].ChecklistsJSON, rows[n].OwnJSON = "", "" // decoded
	}
	return items, total, nil
}

func (s *incidents) GetMany(ctx context.Context, ids []string) (map[string]incident.Incident, error) {
	var rows []incidentRow
	if err := s.selectPlanned(ctx, &rows, s.selectIncidents().Where(sq.Eq{"i.ID": ids})); err != nil {
		return nil, errors.Wrap(err, "read the incidents of a list")
	}
	found := make(map[string]incident.Incident, len(rows))
	for n := range rows {
		inc, err := s.incident(&rows[n])
		if err != nil {
			return nil, err
		}
		found[inc.ID] = inc.Incident
	}
	return found, nil
}

func (s *incidents) ChannelIDs(ctx context.Context, f app.Filter) ([]string, error) {
	column, ok := s.sortColumn(f.Sort)
	if !ok {
		return nil, badSort(f.Sort)
	}
	ids := []string{}
	q, none := sorted(s.filter(s.builder.Select("i.ChannelID"), f), column, "i.ID", f.Descending, f.Skip(), f.PerPage)
	if none {
		return ids, nil
	}
	return ids, errors.Wrap(s.selectPlanned(ctx, &ids, q), "list incident channels")
}

func (s *incidents) Commanders(ctx context.Context, f app.Filter) ([]app.CommanderInfo, error) {
	q := s.builder.Select("u.Id AS userid", "u.Username AS username").From("Users u")
	if cached(f) {
		groups, err := s.visible(ctx, f)
		if err != nil {
			return nil, err
		}
		ids := []string{}
		for _, g := range groups {
			if g.N > 0 && !slices.Contains(ids, g.Commander) {
				ids = append(ids, g.Commander)
			}
		}
		q = q.Where(sq.Eq{"u.Id": ids})
	} else {
		q = q.JoinClause(s.filter(sq.Select("DISTINCT i.CommanderUserID AS id"), f).Prefix("JOIN (").Suffix(") x ON x.id = u.Id"))
	}
	var rows []struct{ UserID, Username string }
	if err := s.selectPlanned(ctx, &rows, q); err != nil {
		return nil, errors.Wrap(err, "list commanders")
	}
	out := make([]app.CommanderInfo, len(rows))
	for n, r := range rows {
		out[n] = app.CommanderInfo{UserID: r.UserID, Username: r.Username}
	}
	slices.SortFunc(out, func(a, b app.CommanderInfo) int {
		return cmp.Or(bytes.Compare(fold.SortKey(a.Username), fold.SortKey(b.Username)), cmp.Compare(a.UserID, b.UserID))
	})
	return out, nil
}

func badSort(name string) error {
	return incident.InvalidField("sort", "sort cannot be %q.", name)
}
