package followups

import (
	"context"
	"encoding/json"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// Shown is a follow-up with what is shown beside it.
type Shown struct {
	FollowUp
	IncidentName string `json:"incident_name"`
	TeamID       string `json:"team_id"`
	ChannelID    string `json:"channel_id"`
	PlaybookID   string `json:"playbook_id"`
	// OwnerUsername is "" without an owner, and for a removed account.
	OwnerUsername string `json:"owner_username"`
	// OwnerState is OwnerDeactivated, OwnerNoAccess or "".
	OwnerState string `json:"owner_state"`
	Overdue    bool   `json:"overdue"`
	// CanEdit: the viewer may change it.
	CanEdit bool `json:"can_edit"`
	// TextOmitted: Text is left out of a list.
	TextOmitted bool `json:"text_omitted,omitempty"`

	commanderID           string
	teamName, channelName string
	joined                bool
}

// Counts are numbers of follow-ups.
type Counts struct {
	Open    int `json:"open"`
	Overdue int `json:"overdue"`
	Done    int `json:"done"`
	Dropped int `json:"dropped"`
	// Mine and MineOverdue count the open ones of the viewer.
	Mine        int `json:"mine"`
	MineOverdue int `json:"mine_overdue"`
}

// Filter selects follow-ups. The zero value of each optional field does not restrict.
type Filter struct {
	// IncidentID selects those of one incident, which the viewer may see. Without it Visible decides.
	IncidentID string
	Visible    app.Visible
	ViewerID   string
	TeamID     string
	PlaybookID string
	// Mine selects those of the viewer, Overdue the open ones that were due before Now.
	Mine, Overdue bool
	State         State
	// Sort is one of the keys of sorts.
	Sort       string
	Descending bool
	// Page counts from 0; PerPage is at least 1.
	Page, PerPage int
	// MaxText is how many bytes the texts of a page have: those behind it are left out. 0 is no limit.
	MaxText int
	Now     int64
}

// sorts are the columns by which lists are sorted. Follow-ups that are never due come last.
var sorts = map[string][]string{
	"due_at":    {"CASE WHEN f.DueAt = 0 THEN 1 ELSE 0 END", "f.DueAt"},
	"create_at": {"f.CreateAt"},
	"update_at": {"f.UpdateAt"},
	"title":     {"f.TitleSort"},
	"state":     {"f.State"},
	"incident":  {"i.NameSort"},
	"number":    {"f.Number"},
}

// database is the follow-ups in the database.
type database struct{ capability.Database }

// deactivated and reads are conditions on the owner u of follow-up f of incident i with channel c, as far as the database
// knows. reads is what access.Rules.ViewIncident allows where no scheme says otherwise. Its subqueries are values: with EXISTS PostgreSQL
// reads all members of all channels first.
const (
	deactivated = "(u.Id IS NULL OR u.DeleteAt <> 0)"
	reads       = "(u.Roles LIKE '%system_admin%'" +
		" OR (SELECT 1 FROM ChannelMembers om WHERE om.ChannelId = c.Id AND om.UserId = u.Id) IS NOT NULL" +
		" OR c.Type = 'O' AND c.TeamId = i.TeamID AND (SELECT 1 FROM TeamMembers ot WHERE ot.TeamId = i.TeamID AND ot.UserId = u.Id" +
		" AND ot.DeleteAt = 0 AND COALESCE(ot.SchemeGuest, false) = false) IS NOT NULL)"
	ownerState = "CASE WHEN f.OwnerID = '' THEN '' WHEN " + deactivated + " THEN '" + OwnerDeactivated + "' WHEN " + reads +
		" THEN '' ELSE '" + OwnerNoAccess + "' END"
	overdue = "f.State = 'open' AND f.DueAt > 0 AND f.DueAt < ?"
)

var columns = []string{"f.ID AS id", "f.IncidentID AS incidentid", "f.Number AS number", "f.Title AS title", "f.OwnerID AS ownerid",
	"f.DueAt AS dueat", "f.State AS state", "f.Reason AS reason", "f.Link AS link", "f.Source AS source", "f.PostID AS postid",
	"COALESCE(f.TaskID, '') AS taskid", "f.AuthorID AS authorid", "f.CreateAt AS createat", "f.UpdateAt AS updateat", "f.ClosedAt AS closedat",
	"f.Revision AS revision", "f.RemindAt AS remindat"}

// numericColumns are the names of those of columns that are numbers.
var numericColumns = []string{"number", "dueat", "createat", "updateat", "closedat", "revision", "remindat"}

// shownColumns are what is shown beside a follow-up, see joinShown.
var shownColumns = []string{"i.Name AS incidentname", "i.TeamID AS teamid", "i.ChannelID AS channelid", "i.PlaybookID AS playbookid", "i.CommanderUserID AS commanderid",
	"COALESCE(u.Username, '') AS ownerusername", ownerState + " AS ownerstate", "COALESCE(t.Name, '') AS teamname", "COALESCE(c.Name, '') AS channelname",
	"CASE WHEN cm.UserId IS NULL THEN false ELSE true END AS joined"}

// joinShown joins what is shown beside a follow-up f of incident i for a viewer, who may be "". each makes of a table with an alias and its
// condition what is joined.
func joinShown(q sq.SelectBuilder, viewerID string, each func(join string) string) sq.SelectBuilder {
	return q.LeftJoin(each("Channels c ON c.Id = i.ChannelID")).LeftJoin(each(capability.TeamOfChannel)).LeftJoin(each("Users u ON u.Id = f.OwnerID")).
		LeftJoin(each("ChannelMembers cm ON cm.ChannelId = c.Id AND cm.UserId = ?"), viewerID)
}

// asTables joins tables; statement.LookUp is the other way.
func asTables(join string) string { return join }

// followUpRow has the names of columns.
type followUpRow struct {
	ID, IncidentID                            string
	Number                                    int64
	Title, Text, OwnerID, State, Reason, Link string
	Source, PostID, TaskID, AuthorID          string
	DueAt, CreateAt, UpdateAt, ClosedAt       int64
	Revision, RemindAt                        int64
}

func (r *followUpRow) followUp() FollowUp {
	return FollowUp{ID: r.ID, IncidentID: r.IncidentID, Number: r.Number, Title: r.Title, Text: r.Text, OwnerID: r.OwnerID, DueAt: r.DueAt,
		State: State(r.State), Reason: r.Reason, Link: r.Link, Source: Source(r.Source), PostID: r.PostID, TaskID: r.TaskID, AuthorID: r.AuthorID,
		CreateAt: r.CreateAt, UpdateAt: r.UpdateAt, ClosedAt: r.ClosedAt, Revision: r.Revision, RemindAt: r.RemindAt}
}

type shownRow struct {
	followUpRow
	IncidentName, TeamID, ChannelID, PlaybookID, CommanderID string
	OwnerUsername, OwnerState, TeamName, ChannelName         string
	Joined                                                   bool
	Bytes                                                    int
}

func (r *shownRow) shown(now int64) Shown {
	f := r.followUp()
	return Shown{FollowUp: f, IncidentName: r.IncidentName, TeamID: r.TeamID, ChannelID: r.ChannelID, PlaybookID: r.PlaybookID,
		OwnerUsername: r.OwnerUsername, OwnerState: r.OwnerState, Overdue: f.overdue(now),
		commanderID: r.CommanderID, teamName: r.TeamName, channelName: r.ChannelName, joined: r.Joined}
}

func (f *FollowUp) overdue(now int64) bool { return f.State == Open && f.DueAt > 0 && f.DueAt < now }

// selectShown reads follow-ups f for a viewer, who may be "".
func (d *database) selectShown(viewerID string) sq.SelectBuilder {
	return d.selectWithoutText(viewerID).Column("f.Description AS text")
}

// selectWithoutText is selectShown without the texts.
func (d *database) selectWithoutText(viewerID string) sq.SelectBuilder {
	return joinShown(d.Builder().Select(columns...).Columns(shownColumns...).
		From("IR_FollowUp f").Join("IR_Incident i ON i.ID = f.IncidentID"), viewerID, asTables)
}

func (d *database) read(ctx context.Context, now int64, q sq.Sqlizer) ([]Shown, error) {
	var rows []shownRow
	if err := d.Select(ctx, &rows, q); err != nil {
		return nil, errors.Wrap(err, "read follow-ups")
	}
	return allShown(rows, now), nil
}

func allShown(rows []shownRow, now int64) []Shown {
	all := make([]Shown, len(rows))
	for n := range rows {
		all[n] = rows[n].shown(now)
	}
	return all
}

// readWithin reads a page, of whose texts the first maxText bytes, see fitting.
func (d *database) readWithin(ctx context.Context, f Filter, q sq.SelectBuilder) ([]Shown, error) {
	var rows []shownRow
	err := d.Select(ctx, &rows, q.Column("CASE WHEN OCTET_LENGTH(f.Description) <= ? THEN f.Description ELSE '' END AS text", f.share()).
		Column("OCTET_LENGTH(f.Description) AS bytes"))
	if err != nil {
		return nil, errors.Wrap(err, "read follow-ups")
	}
	return d.fitting(ctx, f, rows)
}

// fitting leaves out the texts that do not fit. Texts that are longer than an equal share are read in a second statement, so that no
// more is read than is shown.
func (d *database) fitting(ctx context.Context, f Filter, rows []shownRow) ([]Shown, error) {
	all, total, long := allShown(rows, f.Now), 0, map[string]*Shown{}
	var ids []string
	for n := range all {
		item := &all[n]
		if total += rows[n].Bytes; rows[n].Bytes > 0 && total > f.MaxText {
			item.Text, item.TextOmitted = "", true
		} else if rows[n].Bytes > f.share() {
			long[item.ID], ids = item, append(ids, item.ID)
		}
	}
	if len(ids) == 0 {
		return all, nil
	}
	var texts []struct{ ID, Text string }
	err := d.Select(ctx, &texts, d.Builder().Select("ID AS id", "Description AS text").From("IR_FollowUp").Where(sq.Eq{"ID": ids}))
	if err != nil {
		return nil, errors.Wrap(err, "read the texts of follow-ups")
	}
	for _, t := range texts {
		if item := long[t.ID]; item != nil {
			item.Text = t.Text
		}
	}
	return all, nil
}

// Get reads one follow-up, or errUnknown.
func (d *database) Get(ctx context.Context, id, viewerID string, now int64) (Shown, error) {
	found, err := d.read(ctx, now, d.selectShown(viewerID).Where(sq.Eq{"f.ID": id}))
	if err != nil {
		return Shown{}, err
	}
	if len(found) == 0 || found[0].ID != id { // MySQL takes letter cases for the same
		return Shown{}, errUnknown
	}
	return found[0], nil
}

// ByNumber is the id of the follow-up of an incident with a number, "" if there is none.
func (d *database) ByNumber(ctx context.Context, incidentID string, number int64) (string, error) {
	var ids []string
	err := d.Select(ctx, &ids, d.Builder().Select("ID").From("IR_FollowUp").Where(sq.Eq{"IncidentID": incidentID, "Number": number}))
	if err != nil || len(ids) == 0 {
		return "", errors.Wrap(err, "look for a follow-up")
	}
	return ids[0], nil
}

// GetMany reads follow-ups by their ids, in order of their numbers.
func (d *database) GetMany(ctx context.Context, ids []string, viewerID string, now int64) ([]Shown, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return d.read(ctx, now, d.selectShown(viewerID).Where(sq.Eq{"f.ID": ids}).OrderBy("f.Number"))
}

// History is the newest changes of a follow-up, newest first, at most limit.
func (d *database) History(ctx context.Context, id string, limit int) ([]Entry, error) {
	var rows []struct {
		Revision, CreateAt int64
		ActorID, Changes   string
	}
	err := d.Select(ctx, &rows, d.Builder().Select("Revision AS revision", "ActorID AS actorid", "CreateAt AS createat", "ChangesJSON AS changes").
		From("IR_FollowUpHistory").Where(sq.Eq{"FollowUpID": id}).OrderBy("Revision DESC").Limit(uint64(max(limit, 0))))
	if err != nil {
		return nil, errors.Wrap(err, "read the history of a follow-up")
	}
	entries := make([]Entry, len(rows))
	for n, r := range rows {
		changes := json.RawMessage(r.Changes)
		if !json.Valid(changes) { // damaged
			changes = json.RawMessage("{}")
		}
		entries[n] = Entry{Revision: r.Revision, ActorID: r.ActorID, CreateAt: r.CreateAt, Changes: changes}
	}
	return entries, nil
}

// within restricts a query over follow-ups f of incidents i to those that f's tabs count.
func (d *database) within(q sq.SelectBuilder, f Filter) sq.SelectBuilder {
	q = q.From("IR_FollowUp f").Join("IR_Incident i ON i.ID = f.IncidentID")
	if f.IncidentID != "" {
		q = q.Where(sq.Eq{"f.IncidentID": f.IncidentID})
	} else {
		q = q.Where(d.VisibleIncidents(f.Visible))
	}
	if f.TeamID != "" {
		q = q.Where(sq.Eq{"i.TeamID": f.TeamID})
	}
	if f.PlaybookID != "" {
		q = q.Where(sq.Eq{"i.PlaybookID": f.PlaybookID})
	}
	return q
}

// matching is the condition of what f selects among those that its tabs count.
func (f *Filter) matching() sq.And {
	all := sq.And{sq.Expr("1 = 1")}
	if f.Mine {
		all = append(all, sq.Eq{"f.OwnerID": f.ViewerID})
	}
	if f.Overdue {
		all = append(all, sq.Expr(overdue, f.Now))
	}
	if f.State != "" {
		all = append(all, sq.Eq{"f.State": string(f.State)})
	}
	return all
}

// List returns one page.
func (d *database) List(ctx context.Context, f Filter) ([]Shown, error) {
	page := d.within(sq.Select("f.ID"), f).Where(f.matching())
	outer := d.selectWithoutText(f.ViewerID)
	page, outer = f.cut(page, "i.NameSort"), outer.OrderBy(f.order("i.NameSort")...)
	// The page is found first and read then. MySQL knows no LIMIT in a subquery of IN, but in a table.
	outer = outer.JoinClause(page.Prefix("JOIN (").Suffix(") x ON x.ID = f.ID"))
	if f.MaxText > 0 {
		return d.readWithin(ctx, f, outer)
	}
	return d.read(ctx, f.Now, outer.Column("f.Description AS text"))
}

// Count counts all that f matches, and what its tabs show.
func (d *database) Count(ctx context.Context, f Filter) (total int, counts Counts, err error) {
	matching, args, err := f.matching().ToSql()
	if err != nil {
		return 0, counts, err
	}
	count := func(condition, name string) string { return "COUNT(CASE WHEN " + condition + " THEN 1 END) AS " + name }
	var rows []countRow
	q := d.Builder().Select().Column(count(matching, "total"), args...).
		Column(count("f.State = 'open'", "open")).Column(count("f.State = 'done'", "done")).Column(count("f.State = 'dropped'", "dropped")).
		Column(count(overdue, "overdue"), f.Now).
		Column(count("f.State = 'open' AND f.OwnerID = ?", "mine"), f.ViewerID).
		Column(count(overdue+" AND f.OwnerID = ?", "mineoverdue"), f.Now, f.ViewerID)
	if err = d.Select(ctx, &rows, d.within(q, f)); err != nil || len(rows) == 0 {
		return 0, counts, errors.Wrap(err, "count follow-ups")
	}
	return rows[0].Total, rows[0].counts(), nil
}

// Similar counts the open follow-ups of other incidents from the same playbook that v allows. nil allows those of the same
// team whose channel is public.
func (d *database) Similar(ctx context.Context, incidentID string, v *app.Visible) (int, error) {
	q := d.Builder().Select("COUNT(*)").From("IR_FollowUp f").Join("IR_Incident i ON i.ID = f.IncidentID").
		Join("IR_Incident own ON own.ID = ? AND own.PlaybookID = i.PlaybookID AND own.ID <> i.ID", incidentID).
		Where(sq.Eq{"f.State": string(Open)}).Where("own.PlaybookID <> ''")
	if v == nil {
		q = q.Join("Channels c ON c.Id = i.ChannelID AND c.TeamId = i.TeamID AND c.Type = 'O'").Where("i.TeamID = own.TeamID AND i.DeleteAt = 0")
	} else {
		q = q.Where(d.VisibleIncidents(*v))
	}
	var n []int
	if err := d.Select(ctx, &n, q); err != nil || len(n) == 0 {
		return 0, errors.Wrap(err, "count the open follow-ups of similar incidents")
	}
	return n[0], nil
}
