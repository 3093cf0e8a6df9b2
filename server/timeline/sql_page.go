package timeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
)

// pageRow is an entry or an own event. That of an event has BeforeJSON in Content and AfterJSON in FilesJSON.
type pageRow struct {
	row
	EventType string
	// InTotal is how many entries people have added to the timeline.
	InTotal int64
}

// pageColumns are columns of entries t, what events e have in their place, and where they go.
var pageColumns = []struct {
	name, entry, event string
	to                 func(r *pageRow) interface{}
}{
	{"id", "t.ID", "e.ID", func(r *pageRow) interface{} { return &r.ID }},
	{"kind", "t.Kind", "'" + string(Own) + "'", func(r *pageRow) interface{} { return &r.Kind }},
	{"happenedat", "t.HappenedAt", "e.CreateAt", func(r *pageRow) interface{} { return &r.HappenedAt }},
	{"seq", "t.Seq", "e.Revision", func(r *pageRow) interface{} { return &r.Seq }},
	{"recordedat", "t.RecordedAt", "e.CreateAt", func(r *pageRow) interface{} { return &r.RecordedAt }},
	{"authorid", "t.AuthorID", "e.ActorID", func(r *pageRow) interface{} { return &r.AuthorID }},
	{"authorname", "t.AuthorName", "''", func(r *pageRow) interface{} { return &r.AuthorName }},
	{"addedbyid", "t.AddedByID", "''", func(r *pageRow) interface{} { return &r.AddedByID }},
	{"channelid", "t.ChannelID", "''", func(r *pageRow) interface{} { return &r.ChannelID }},
	{"channelname", "t.ChannelName", "''", func(r *pageRow) interface{} { return &r.ChannelName }},
	{"postid", "t.PostID", "e.PostID", func(r *pageRow) interface{} { return &r.PostID }},
	{"posteditat", "t.PostEditAt", "0", func(r *pageRow) interface{} { return &r.PostEditAt }},
	{"content", "t.Content", "e.BeforeJSON", func(r *pageRow) interface{} { return &r.Content }},
	{"filesjson", "t.FilesJSON", "e.AfterJSON", func(r *pageRow) interface{} { return &r.FilesJSON }},
	{"starred", "t.Starred", "false", func(r *pageRow) interface{} { return &r.Starred }},
	{"lost", "t.Lost", "false", func(r *pageRow) interface{} { return &r.Lost }},
	{"version", "t.Version", mark, func(r *pageRow) interface{} { return &r.Version }},
	{"editedat", "t.EditedAt", "0", func(r *pageRow) interface{} { return &r.EditedAt }},
	{"editedbyid", "t.EditedByID", "''", func(r *pageRow) interface{} { return &r.EditedByID }},
	{"deleteat", "t.DeleteAt", "0", func(r *pageRow) interface{} { return &r.DeleteAt }},
	{"deletedbyid", "t.DeletedByID", "''", func(r *pageRow) interface{} { return &r.DeletedByID }},
	{"eventtype", "t.EventType", "e.Type", func(r *pageRow) interface{} { return &r.EventType }},
}

// columnsOfEntries and columnsOfEvents are pageColumns as they are written in a statement. columnsOfStars are those of entries t with the event e
// of each star of an own event.
var columnsOfEntries, columnsOfEvents, columnsOfStars = func() (string, string, string) {
	var entries, events, stars []string
	for _, c := range pageColumns {
		entries, events = append(entries, c.entry+" AS "+c.name), append(events, c.event+" AS "+c.name)
		switch c.name {
		case "content", "filesjson", "postid":
			stars = append(stars, "COALESCE("+c.event+", "+c.entry+") AS "+c.name)
		default:
			stars = append(stars, c.entry+" AS "+c.name)
		}
	}
	return strings.Join(entries, ", "), strings.Join(events, ", "), strings.Join(stars, ", ")
}()

// pageRows are the rows of a page.
type pageRows []pageRow

// Next names pageColumns and what selectPage selects after them.
func (p *pageRows) Next() []interface{} {
	*p = append(*p, pageRow{})
	r := &(*p)[len(*p)-1]
	to := make([]interface{}, 0, len(pageColumns)+7)
	for _, c := range pageColumns {
		to = append(to, c.to(r))
	}
	return append(to, &r.InTotal, &r.Gone, &r.FreshAt, &r.FreshMessage, &r.FreshProps, &r.FirstContent, &r.FirstHappenedAt)
}

// mark is the version of the star of event e, 0 for none. It is negative if the star was taken away.
const mark = "COALESCE((SELECT CASE WHEN s.Starred THEN s.Version ELSE -s.Version END FROM IR_TimelineEntry s WHERE s.ID = e.ID), 0)"

// maxShapes is how many texts of statements are kept, of about 7 KB each.
const maxShapes = 32

// pageShape is what the text of the statement of a page depends on. Kinds and types are joined by spaces.
type pageShape struct {
	kinds, types                       string
	person, starred, after, descending bool
	limit                              uint64
}

// The values of the statement of a page.
const (
	valueIncident = statement.Value(iota)
	valuePerson
	valueAt
	valueSeq
	valueID
)

// Page reads entries and own events with one statement: along the index of the order of each table, as many rows of each as the page may
// have. Stars of own events are entries, so with stars alone only their index is read. PostgreSQL merges the rows. MySQL would store rows with long texts on disk for that, so they are merged here.
func (d *database) Page(ctx context.Context, incidentID string, f filter) (items []Entry, total int64, err error) {
	limit := uint64(max(f.Limit, 0))
	values := []interface{}{incidentID, f.Person, int64(0), int64(0), ""}
	if a := f.After; a != nil {
		values = []interface{}{incidentID, f.Person, a.at, a.seq, a.id}
	}
	shape := pageShape{kinds: joined(f.Kinds), types: joined(f.Types), person: f.Person != "", starred: f.Starred, after: f.After != nil, descending: f.Descending, limit: limit}
	query := d.pages.With(shape, values, func() sq.Sqlizer { return d.selectPage(f, limit) })
	rows := make(pageRows, 0, limit)
	if err := d.SelectPrepared(ctx, &rows, query); err != nil {
		return nil, 0, errors.Wrap(err, "read a page of the timeline of an incident")
	}
	slices.SortFunc(rows, func(a, b pageRow) int {
		if f.Descending {
			a, b = b, a
		}
		return a.place().compare(b.place())
	})
	rows = rows[:min(len(rows), int(limit))]
	items = make([]Entry, 0, len(rows))
	for n := range rows {
		r := &rows[n]
		r.IncidentID, total = incidentID, r.InTotal
		if Kind(r.Kind) == Own {
			items = append(items, r.event())
		} else {
			items = append(items, r.entry())
		}
	}
	return items, total, nil
}

// selectPage is the statement of a page. Of f only what is part of its shape counts.
func (d *database) selectPage(f filter, limit uint64) sq.Sqlizer {
	order, than := " ASC", ">"
	if f.Descending {
		order, than = " DESC", "<"
	}
	eventType := "e.Type"
	if !d.Postgres() {
		eventType = "COALESCE(e.Type, '')" // MariaDB would read all incidents' events of a type along the index of types
	}
	entries, events := sq.Select(columnsOfEntries), sq.Select(columnsOfEvents)
	chosen, person := oneOf("t.Kind", f.Kinds), "(t.AuthorID = ? OR t.AddedByID = ?)"
	if f.Starred {
		entries = d.withEvents(sq.Select(columnsOfStars))
		chosen = "t.Starred = true AND t.DeleteAt = 0 AND (" + chosen + " OR t.Kind = '" + string(Own) + "' AND " + oneOf("t.EventType", f.Types) + ")"
		person = "(t.AuthorID = ? OR t.AddedByID = ? AND t.Kind <> '" + string(Own) + "')"
	}
	count := sq.Expr("COALESCE((SELECT c.Entries FROM IR_Timeline c WHERE c.IncidentID = ?), 0) AS intotal", valueIncident)
	entries = d.withPosts(entries.Column(count), "t.PostID <> ''", "v.Content")
	events = events.Column(count).Column("false, 0, '', '', NULL, 0").From("IR_Event e").Where(d.of("e.IncidentID", valueIncident)).
		Where(oneOf(eventType, f.Types)).OrderBy("e.IncidentID"+order, "e.CreateAt"+order, "e.Revision"+order).Limit(limit)
	shown := func(of sq.SelectBuilder) sq.SelectBuilder {
		of = of.From("IR_TimelineEntry t").Where(d.of("t.IncidentID", valueIncident)).Where(chosen)
		if f.Person != "" {
			of = of.Where(person, valuePerson, valuePerson)
		}
		if f.After != nil { // the first condition alone bounds the range of the index that is read
			of = of.Where("t.HappenedAt "+than+"= ?", valueAt).
				Where("(t.HappenedAt "+than+" ? OR t.Seq "+than+" ? OR t.Seq = ? AND t.ID "+than+" ?)", valueAt, valueSeq, valueSeq, valueID)
		}
		return of.OrderBy("t.IncidentID"+order, "t.HappenedAt"+order, "t.Seq"+order, "t.ID"+order).Limit(limit)
	}
	if d.Postgres() {
		// It looks for posts and versions of these rows only, also while it has no statistics. MariaDB would store the rows on disk.
		entries = entries.FromSelect(shown(sq.Select("t.*")), "t")
	} else {
		entries = shown(entries)
	}
	if f.Person != "" {
		events = events.Where(sq.Eq{"e.ActorID": valuePerson})
	}
	if f.After != nil {
		events = events.Where("e.CreateAt "+than+"= ?", valueAt).Where("(e.CreateAt "+than+" ? OR e.Revision "+than+" ?)", valueAt, valueSeq)
	}
	both := sq.Expr("(?) UNION ALL (?)", entries, events)
	if f.Starred {
		both = sq.Expr("(?)", entries)
	}
	if d.Postgres() {
		both = numbered{sq.Expr(fmt.Sprintf("? ORDER BY happenedat%[1]s, seq%[1]s, id%[1]s LIMIT %[2]d", order, limit), both)}
	}
	return both
}

// withEvents adds the event e of each entry t that is a star of one.
func (d *database) withEvents(query sq.SelectBuilder) sq.SelectBuilder {
	return query.LeftJoin(d.lookUp("IR_Event e ON e.ID = t.ID AND t.Kind = '" + string(Own) + "'"))
}

// joined is a list of names of kinds or types as one text.
func joined[T ~string](names []T) string {
	var text strings.Builder
	for _, name := range names {
		text.WriteString(string(name))
		text.WriteByte(' ')
	}
	return text.String()
}

// oneOf is the condition that a column has one of some kinds or types. These are names of this program, not input, and so part of the text:
// PostgreSQL plans by what is in the text, and once.
func oneOf[T ~string](column string, names []T) string {
	if len(names) == 0 {
		return "1 = 0"
	}
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, statement.Literal(string(name)))
	}
	return column + " IN (" + strings.Join(quoted, ", ") + ")"
}

// of selects the rows of an incident, as a range of ids. PostgreSQL expects more rows of a range than of one value, so it does not sort all rows
// of an incident that has very many, while most have few. The id comes from a subquery, so that PostgreSQL does not look how many rows it has: one
// plan is then as good as a plan of its own for each incident, and is kept. Given one value, MariaDB reads backwards from the newest row, not from
// the cursor.
func (d *database) of(column string, incidentID interface{}) sq.Sqlizer {
	if d.Postgres() {
		return sq.Expr(column+" BETWEEN (SELECT CAST(? AS TEXT)) AND (SELECT CAST(? AS TEXT))", incidentID, incidentID)
	}
	return sq.Expr(column+" >= ? AND "+column+" <= ?", incidentID, incidentID) // MariaDB takes BETWEEN equal values for one value
}

// numbered gives a statement the placeholders of PostgreSQL.
type numbered struct{ sq.Sqlizer }

func (n numbered) ToSql() (string, []interface{}, error) {
	text, args, err := n.Sqlizer.ToSql()
	if err == nil {
		text, err = sq.Dollar.ReplacePlaceholders(text)
	}
	return text, args, err
}

func (r *pageRow) place() place { return place{r.HappenedAt, r.Seq, r.ID} }

// event is the entry of an own event. What is stored is not decoded unless it is damaged.
func (r *pageRow) event() Entry {
	kind, before, after := incident.EventType(r.EventType), json.RawMessage(r.Content), json.RawMessage(r.FilesJSON)
	event := &incident.Event{ID: r.ID, IncidentID: r.IncidentID, Revision: r.Seq, ActorID: r.AuthorID, CreateAt: r.HappenedAt, PostID: r.PostID}
	var e Entry
	if isObject(before) && isObject(after) {
		e = storedEvent(event, kind, before, after)
	} else {
		event.Payload = incident.DecodePayload(kind, before, after)
		e = ownEvent(event)
	}
	e.Starred, e.Version = r.Version > 0, max(r.Version, -r.Version)
	return e
}
