package timeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	sq "github.com/Masterminds/squirrel"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/statement"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// storage is where entries are kept. Own events are the core's: only their stars are kept here, as entries of kind Own
// that have nothing but ID, times, AuthorID and star. Unknown ids give errNoEntry.
type storage interface {
	// Entries lists the entries behind a place, oldest first, and of own events what is stored here. maxText is how many characters of each
	// text are read, 0 for all.
	Entries(ctx context.Context, incidentID string, after *place, limit, maxText int) ([]Entry, error)
	// Page lists entries and own events together, in order. total is how many entries people have added.
	Page(ctx context.Context, incidentID string, f filter) (items []Entry, total int64, err error)
	Entry(ctx context.Context, incidentID, id string) (Entry, error)
	// Versions are the first version of an entry and the newest ones whose texts have at most budget bytes, and how many between them
	// are left out.
	Versions(ctx context.Context, id string, budget int) (versions []Version, omitted int, err error)
	// Add stores an entry with its first version, unless there is one with the same request key, or one of the unique keys, which
	// is then returned. keys are those that must not be there, the first that of the entry. limit, unless it is 0, is how many
	// entries the incident may have.
	Add(ctx context.Context, e Entry, keys []string, requestKey string, limit int64) (stored Entry, made bool, err error)
	// Insert stores a new entry in a transaction of another.
	Insert(ctx context.Context, tx app.Tx, e Entry, key string) error
	// Change locks an entry, lets fn change it, and stores it with a new version. If fn returns no action, no version is made.
	Change(ctx context.Context, incidentID, id string, now int64, fn func(e *Entry) (by string, what action, err error)) (Entry, error)
	// Mark stars an own event.
	Mark(ctx context.Context, e *incident.Event, by string, star bool, now int64) (Entry, error)
	// Files lists the files of a post, without hashes.
	Files(ctx context.Context, postID string) ([]File, error)
	// OfPost lists the entries that were made from a post, without marks.
	OfPost(ctx context.Context, postID string) ([]Entry, error)
	// Unrecorded lists status updates that have no entry, those after a place first, and where it has ended; "" at the end.
	// incidentID restricts to one incident, "" is all.
	Unrecorded(ctx context.Context, incidentID string, after updatePlace, limit int) (found []unrecorded, next updatePlace, err error)
}

// filter selects entries and own events of an incident.
type filter struct {
	// Kinds are those of entries, Types those of own events.
	Kinds []Kind
	Types []incident.EventType
	// Person is who wrote or added the entry, "" for anybody.
	Person  string
	Starred bool
	// After is the place behind which the page begins; with Descending the place before which it ends.
	After      *place
	Descending bool
	Limit      int
}

// database keeps entries in Mattermost's database.
type database struct {
	capability.Database
	pages *statement.Cache[pageShape]
}

func newDatabase(db capability.Database) *database {
	return &database{db, statement.NewCache[pageShape](maxShapes)}
}

// row is an entry as it is stored, and what its post is now.
type row struct {
	ID, IncidentID, Kind            string
	HappenedAt, Seq, RecordedAt     int64
	AuthorID, AuthorName, AddedByID string
	ChannelID, ChannelName, PostID  string
	PostEditAt                      int64
	Content, FilesJSON              string
	Starred, Lost                   bool
	Version, EditedAt, DeleteAt     int64
	EditedByID, DeletedByID         string
	Gone                            bool
	FreshAt                         int64
	FreshMessage, FreshProps        string
	FirstContent                    *string
	FirstHappenedAt                 int64
}

// selectEntries reads entries t with their first versions and posts. maxText is filter.MaxText.
func (d *database) selectEntries(maxText int) sq.SelectBuilder {
	content, first := "t.Content", "v.Content"
	if maxText > 0 {
		content, first = fmt.Sprintf("LEFT(t.Content, %d)", maxText), fmt.Sprintf("LEFT(v.Content, %d)", maxText)
	}
	return d.withPosts(d.Builder().Select("t.ID AS id", "t.IncidentID AS incidentid", "t.Kind AS kind", "t.HappenedAt AS happenedat", "t.Seq AS seq",
		"t.RecordedAt AS recordedat", "t.AuthorID AS authorid", "t.AuthorName AS authorname", "t.AddedByID AS addedbyid", "t.ChannelID AS channelid",
		"t.ChannelName AS channelname", "t.PostID AS postid", "t.PostEditAt AS posteditat", content+" AS content", "t.FilesJSON AS filesjson",
		"t.Starred AS starred", "t.Lost AS lost", "t.Version AS version", "t.EditedAt AS editedat", "t.EditedByID AS editedbyid",
		"t.DeleteAt AS deleteat", "t.DeletedByID AS deletedbyid").From("IR_TimelineEntry t"), "t.PostID <> ''", first)
}

// withPosts adds to a query over entries t what their posts are now, where a condition holds, and their first versions v, of whose texts an
// expression.
func (d *database) withPosts(query sq.SelectBuilder, condition, first string) sq.SelectBuilder {
	props := "CAST(p.Props AS CHAR)" // text, in later versions of the host JSON
	if d.Postgres() {
		props = "CAST(p.Props AS TEXT)"
	}
	const fresh = "p.DeleteAt = 0 AND COALESCE(p.EditAt, 0) > t.PostEditAt"
	query = query.Columns("COALESCE(p.DeleteAt, 1) > 0 AS gone", "CASE WHEN "+fresh+" THEN p.EditAt ELSE 0 END AS freshat",
		"COALESCE(CASE WHEN "+fresh+" THEN p.Message END, '') AS freshmessage", "COALESCE(CASE WHEN "+fresh+" THEN "+props+" END, '') AS freshprops",
		first+" AS firstcontent", "COALESCE(v.HappenedAt, 0) AS firsthappenedat")
	return query.LeftJoin(d.lookUp("Posts p ON p.Id = t.PostID AND " + condition)).
		LeftJoin(d.lookUp("IR_TimelineVersion v ON v.EntryID = t.ID AND v.Version = 1 AND t.EditedAt > 0"))
}

// lookUp makes of a join of at most one row one that does not read the whole table.
func (d *database) lookUp(join string) string {
	if d.Postgres() {
		return statement.LookUp(join)
	}
	return join
}

// entry hides what a deleted entry said. Files that cannot be read from the database are left out.
func (r *row) entry() Entry {
	e := Entry{ID: r.ID, IncidentID: r.IncidentID, Kind: Kind(r.Kind), HappenedAt: r.HappenedAt, RecordedAt: r.RecordedAt, AuthorID: r.AuthorID,
		AuthorName: r.AuthorName, AddedByID: r.AddedByID, Starred: r.Starred, Version: r.Version, EditedAt: r.EditedAt, EditedByID: r.EditedByID,
		DeletedAt: r.DeleteAt, DeletedByID: r.DeletedByID, seq: r.Seq, postEditAt: r.PostEditAt}
	if e.DeletedAt > 0 {
		return e
	}
	e.Text = r.Content
	if r.FirstContent != nil {
		e.Original = &Original{Text: *r.FirstContent, HappenedAt: r.FirstHappenedAt}
	}
	if r.PostID != "" {
		e.Source = &Source{PostID: r.PostID, ChannelID: r.ChannelID, ChannelName: r.ChannelName, Gone: r.Gone, Lost: r.Lost}
	}
	if r.FreshAt > 0 {
		content, _ := text.Post(r.FreshMessage, r.FreshProps)
		e.fresh, e.freshAt = &content, r.FreshAt
	}
	if r.FilesJSON != "" && json.Unmarshal([]byte(r.FilesJSON), &e.Files) != nil {
		e.Files = nil
	}
	return e
}

func (d *database) read(ctx context.Context, from capability.Selector, query sq.SelectBuilder) ([]Entry, error) {
	var rows []row
	if err := from.Select(ctx, &rows, query); err != nil {
		return nil, errors.Wrap(err, "read the timeline of an incident")
	}
	entries := make([]Entry, 0, len(rows))
	for n := range rows {
		entries = append(entries, rows[n].entry())
	}
	return entries, nil
}

func (d *database) Entries(ctx context.Context, incidentID string, after *place, limit, maxText int) ([]Entry, error) {
	query := d.selectEntries(maxText).Where(sq.Eq{"t.IncidentID": incidentID})
	if after != nil {
		// The first condition alone bounds the range of the index that is read.
		query = query.Where("t.HappenedAt >= ?", after.at).
			Where("(t.HappenedAt > ? OR t.Seq > ? OR t.Seq = ? AND t.ID > ?)", after.at, after.seq, after.seq, after.id)
	}
	return d.read(ctx, d, query.OrderBy("t.HappenedAt", "t.Seq", "t.ID").Limit(uint64(max(limit, 0))))
}

func (d *database) Entry(ctx context.Context, incidentID, id string) (Entry, error) {
	return d.one(ctx, d, incidentID, id)
}

func (d *database) one(ctx context.Context, from capability.Selector, incidentID, id string) (Entry, error) {
	entries, err := d.read(ctx, from, d.selectEntries(0).Where(sq.Eq{"t.IncidentID": incidentID, "t.ID": id}))
	if err == nil && len(entries) == 0 {
		err = errNoEntry
	}
	if err != nil {
		return Entry{}, err
	}
	return entries[0], nil
}

func (d *database) OfPost(ctx context.Context, postID string) ([]Entry, error) {
	return d.read(ctx, d, d.selectEntries(0).Where(sq.Eq{"t.PostID": postID, "t.DeleteAt": 0}))
}

// Versions reads the lengths of the texts first. A version without a text has that of the one before it.
func (d *database) Versions(ctx context.Context, id string, budget int) (versions []Version, omitted int, err error) {
	var rows []struct {
		Version, CreateAt, HappenedAt int64
		Action, ActorID               string
		Bytes                         int
	}
	err = d.Select(ctx, &rows, d.Builder().Select("Version AS version", "Action AS action", "ActorID AS actorid", "CreateAt AS createat",
		"HappenedAt AS happenedat", "COALESCE(OCTET_LENGTH(Content), -1) AS bytes").From("IR_TimelineVersion").Where(sq.Eq{"EntryID": id}).OrderBy("Version"))
	if err != nil || len(rows) == 0 {
		return []Version{}, 0, errors.Wrap(err, "read the versions of an entry")
	}
	textOf := make([]int, len(rows)) // the row that has the text of a version
	for n := range rows {
		if textOf[n] = n; n > 0 && rows[n].Bytes < 0 {
			textOf[n] = textOf[n-1]
		}
	}
	from, total := len(rows), rows[0].Bytes
	for from > 1 {
		if total += rows[textOf[from-1]].Bytes; total > budget && from < len(rows) {
			break
		}
		from--
	}
	omitted = from - 1
	wanted := []int64{}
	for n := range rows {
		if (n == 0 || n >= from) && !slices.Contains(wanted, rows[textOf[n]].Version) {
			wanted = append(wanted, rows[textOf[n]].Version)
		}
	}
	var texts []struct {
		Version int64
		Content *string
	}
	err = d.Select(ctx, &texts, d.Builder().Select("Version AS version", "Content AS content").From("IR_TimelineVersion").
		Where(sq.Eq{"EntryID": id, "Version": wanted}))
	if err != nil {
		return nil, 0, errors.Wrap(err, "read the texts of an entry")
	}
	content := map[int64]string{}
	for _, t := range texts {
		if t.Content != nil {
			content[t.Version] = *t.Content
		}
	}
	for n, r := range rows {
		if n == 0 || n >= from {
			versions = append(versions, Version{Version: r.Version, Action: action(r.Action), ActorID: r.ActorID, CreateAt: r.CreateAt,
				HappenedAt: r.HappenedAt, Text: content[rows[textOf[n]].Version]})
		}
	}
	return versions, omitted, nil
}

func (d *database) Files(ctx context.Context, postID string) ([]File, error) {
	var files []File
	err := d.Select(ctx, &files, d.Builder().Select("Id AS id", "COALESCE(Name, '') AS name", "COALESCE(Size, 0) AS size").From("FileInfo").
		Where(sq.Eq{"PostId": postID, "DeleteAt": 0}).OrderBy("CreateAt", "Id").Limit(maxFiles))
	return files, errors.Wrap(err, "read the files of a post")
}
