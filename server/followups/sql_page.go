package followups

import (
	"context"
	"slices"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

// countRow has the numbers that a page begins with.
type countRow struct {
	Total, Open, Overdue, Done, Dropped, Mine, MineOverdue int
}

func (r *countRow) counts() Counts {
	return Counts{Open: r.Open, Overdue: r.Overdue, Done: r.Done, Dropped: r.Dropped, Mine: r.Mine, MineOverdue: r.MineOverdue}
}

// pageRow is a follow-up of a page, with the numbers. If nothing is on the page there is one row without an id.
type pageRow struct {
	shownRow
	countRow
}

// Page returns one page, how many f matches, and what its tabs show. On PostgreSQL it is one statement.
func (d *database) Page(ctx context.Context, f Filter) (items []Shown, total int, counts Counts, err error) {
	if !d.Postgres() || f.IncidentID != "" && (f.TeamID != "" || f.PlaybookID != "") {
		if total, counts, err = d.Count(ctx, f); err == nil {
			items, err = d.List(ctx, f)
		}
		return items, total, counts, err
	}
	read := d.Select
	if f.Page == 0 && len(f.Visible.Refused) == 0 {
		read = d.SelectPrepared // one plan fits all values, and planning takes longer than reading
	}
	var rows []pageRow
	if err := read(ctx, &rows, d.pageQuery(f)); err != nil || len(rows) == 0 {
		return nil, 0, counts, errors.Wrap(err, "read a page of follow-ups")
	}
	total, counts = rows[0].Total, rows[0].counts()
	shown := make([]shownRow, 0, len(rows))
	for n := range rows {
		if rows[n].ID != "" {
			shown = append(shown, rows[n].shownRow)
		}
	}
	items, err = d.fitting(ctx, f, shown)
	return items, total, counts, err
}

// pageQuery is the statement of a page on PostgreSQL:
//
//   - s are the numbers of follow-ups by incident and state: to count by states first is quicker than to ask for the state in each count.
//   - v are the incidents of s that the viewer may see. Each is looked at once. A page of one incident has no v.
//   - n are the sums that are shown.
//   - p are the ids of the page. Only for these the follow-ups and what is shown beside them are read.
//
// The values that decide how many rows are expected come from subqueries, and states are part of the text. So PostgreSQL does not look
// at the values: one plan is then as good as a plan of its own for each viewer, and is kept. Planning takes 2 ms.
func (d *database) pageQuery(f Filter) sq.Sqlizer {
	const ofOne = "f.IncidentID = (SELECT CAST(? AS TEXT))"
	s, p := f.byState(), sq.Select("f.ID").From("IR_FollowUp f").Where(f.matchingPlanned())
	q := d.Builder().Select("n.*").Columns(orNone(columns)...).Columns(orNone(shownColumns)...).From("n")
	if f.IncidentID != "" {
		q = q.PrefixExpr(sq.Expr("WITH s AS (?), n AS (?), p AS (?)", s.Where(ofOne, f.IncidentID), f.sums(), f.cut(p.Where(ofOne, f.IncidentID), ""))).
			Join("IR_Incident i ON i.ID = ?", f.IncidentID).LeftJoin("p ON true").LeftJoin(statement.LookUp("IR_FollowUp f ON f.ID = p.ID"))
	} else {
		v := sq.Select("i.ID", "i.Name", "i.NameSort", "i.TeamID", "i.ChannelID", "i.PlaybookID", "i.CommanderUserID").
			From("(SELECT DISTINCT s.IncidentID FROM s) x").Join("IR_Incident i ON i.ID = x.IncidentID").Where(d.VisibleIncidents(f.Visible))
		if f.TeamID != "" {
			v = v.Where(sq.Eq{"i.TeamID": f.TeamID})
		}
		if f.PlaybookID != "" {
			v = v.Where(sq.Eq{"i.PlaybookID": f.PlaybookID})
		}
		q = q.PrefixExpr(sq.Expr("WITH s AS (?), v AS (?), n AS (?), p AS (?)", s.Column("f.IncidentID").GroupBy("f.IncidentID"), v,
			f.sums().Join("v ON v.ID = s.IncidentID"), f.cut(p.Join("v ON v.ID = f.IncidentID"), "v.NameSort"))).
			LeftJoin("p ON true").LeftJoin(statement.LookUp("IR_FollowUp f ON f.ID = p.ID")).LeftJoin("v i ON i.ID = f.IncidentID")
	}
	return joinShown(q, f.ViewerID, statement.LookUp).
		Column("CASE WHEN OCTET_LENGTH(f.Description) <= ? THEN f.Description ELSE '' END AS text", f.share()).
		Column("COALESCE(OCTET_LENGTH(f.Description), 0) AS bytes").OrderBy(f.order("i.NameSort")...)
}

// byState counts follow-ups by their state: all, those that were due before Now, those of the viewer, and those that are both.
func (f *Filter) byState() sq.SelectBuilder {
	const late, mine = "f.DueAt < (SELECT CAST(? AS BIGINT)) AND f.DueAt > 0", "f.OwnerID = (SELECT CAST(? AS TEXT))"
	return sq.Select("f.State", "COUNT(*) AS n").
		Column("COUNT(CASE WHEN "+late+" THEN 1 END) AS late", f.Now).
		Column("COUNT(CASE WHEN "+mine+" THEN 1 END) AS mine", f.ViewerID).
		Column("COUNT(CASE WHEN "+late+" AND "+mine+" THEN 1 END) AS minelate", f.Now, f.ViewerID).
		From("IR_FollowUp f").GroupBy("f.State")
}

// sums are the numbers that are shown, of what byState counts.
func (f *Filter) sums() sq.SelectBuilder {
	sum := func(n string, condition, name string) string {
		return "COALESCE(CAST(SUM(CASE WHEN " + condition + " THEN s." + n + " END) AS BIGINT), 0) AS " + name
	}
	total, condition := "n", "1 = 1"
	switch {
	case f.Mine && f.Overdue:
		total = "minelate"
	case f.Mine:
		total = "mine"
	case f.Overdue:
		total = "late"
	}
	if f.Overdue {
		condition = "s.State = 'open'"
	}
	if f.State != "" {
		condition += " AND s.State = " + statement.Literal(string(f.State))
	}
	return sq.Select(sum(total, condition, "total"), sum("n", "s.State = 'open'", "open"), sum("n", "s.State = 'done'", "done"),
		sum("n", "s.State = 'dropped'", "dropped"), sum("late", "s.State = 'open'", "overdue"), sum("mine", "s.State = 'open'", "mine"),
		sum("minelate", "s.State = 'open'", "mineoverdue")).From("s")
}

// matchingPlanned is matching for a statement whose plan is kept.
func (f *Filter) matchingPlanned() sq.And {
	all := sq.And{sq.Expr("1 = 1")}
	if f.Mine {
		all = append(all, sq.Expr("f.OwnerID = (SELECT CAST(? AS TEXT))", f.ViewerID))
	}
	if f.Overdue {
		all = append(all, sq.Expr("f.DueAt < (SELECT CAST(? AS BIGINT)) AND f.DueAt > 0 AND f.State = 'open'", f.Now))
	}
	if f.State != "" {
		all = append(all, sq.Expr("f.State = "+statement.Literal(string(f.State))))
	}
	return all
}

// order is how a page is sorted. nameSort is the column of the incident's name, "" if there is one incident only.
func (f *Filter) order(nameSort string) (out []string) {
	direction := " ASC"
	if f.Descending {
		direction = " DESC"
	}
	for n, column := range sorts[f.Sort] {
		switch {
		case n == 0 && len(sorts[f.Sort]) > 1: // what has no value is last in both directions
			out = append(out, column)
		case column != "i.NameSort":
			out = append(out, column+direction)
		case nameSort != "":
			out = append(out, nameSort+direction)
		}
	}
	if f.Sort == "number" && f.IncidentID != "" { // an incident has each number once, and an index in their order
		return out
	}
	return append(out, "f.ID"+direction)
}

// cut cuts the page out of q.
func (f *Filter) cut(q sq.SelectBuilder, nameSort string) sq.SelectBuilder {
	return q.OrderBy(f.order(nameSort)...).Limit(uint64(f.PerPage)).Offset(uint64(f.Page) * uint64(f.PerPage))
}

// share is how many bytes a text may have to be read with its page.
func (f *Filter) share() int { return f.MaxText / max(f.PerPage, 1) }

// orNone gives columns "" or 0 in place of NULL.
func orNone(columns []string) (out []string) {
	for _, column := range columns {
		value, name, _ := strings.Cut(column, " AS ")
		switch {
		case slices.Contains(numericColumns, name):
			column = "COALESCE(" + value + ", 0) AS " + name
		case name != "joined" && !strings.HasPrefix(value, "COALESCE("):
			column = "COALESCE(" + value + ", '') AS " + name
		}
		out = append(out, column)
	}
	return out
}
