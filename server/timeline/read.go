package timeline

import (
	"context"
	"maps"
	"slices"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// coreTypes are the own events of the core that a timeline shows, by what clients choose. Status updates have entries of their own.
var coreTypes = map[string][]incident.EventType{
	"incident":  {incident.EventStarted, incident.EventEnded, incident.EventRestarted, incident.EventStartTimeChanged},
	"commander": {incident.EventCommander},
	"stage":     {incident.EventStage},
	"task": {incident.EventTaskState, incident.EventTaskAssignee, incident.EventTaskAdded, incident.EventTaskEdited, incident.EventTaskRemoved,
		incident.EventTaskMoved, incident.EventTaskRun},
	"reminder": {incident.EventUpdateOverdue, incident.EventUpdatePlanned, incident.EventReminderPosted},
}

// ownTypes are coreTypes and the events of capabilities.
func ownTypes() map[string][]incident.EventType {
	all := maps.Clone(coreTypes)
	all["other"] = text.OwnEvents()
	return all
}

// stored are the kinds of entries that clients choose.
var stored = map[string]Kind{"update": Update, "message": Message, "manual": Manual}

// query is what a client asks for.
type query struct {
	// kinds are names of ownTypes() and stored; empty is all.
	kinds []string
	// person is who did, said, wrote or added it, "" for anybody.
	person     string
	starred    bool
	after      *place
	descending bool
	limit      int
}

// page is one page of a timeline.
type page struct {
	Items   []Entry `json:"items"`
	HasMore bool    `json:"has_more"`
	// NextCursor is the place of the last item, or the cursor of the request if there is none.
	NextCursor string `json:"next_cursor"`
	// EntryCount is how many entries people have added, of at most MaxEntries. It is left out if the page is empty.
	EntryCount int64 `json:"entry_count,omitempty"`
}

// kinds are the kinds of entries and the types of events that a query selects.
func (q *query) selected() (kinds []Kind, types []incident.EventType) {
	all := len(q.kinds) == 0
	for name, kind := range stored {
		if all || slices.Contains(q.kinds, name) {
			kinds = append(kinds, kind)
		}
	}
	for name, group := range ownTypes() {
		if all || slices.Contains(q.kinds, name) {
			types = append(types, group...)
		}
	}
	slices.Sort(kinds)
	slices.Sort(types)
	return kinds, types
}

// list returns a page of the timeline of an incident that the user may see.
func (t *timeline) list(ctx context.Context, userID, id string, q query) (page, error) {
	h, err := t.mayRead(ctx, userID, id)
	if err != nil {
		return page{}, err
	}
	if err := t.recordFirst(ctx, id); err != nil {
		return page{}, err
	}
	return t.page(ctx, h, q)
}

// page reads a page.
func (t *timeline) page(ctx context.Context, h app.Header, q query) (page, error) {
	items, total, err := t.items(ctx, h.ID, &q)
	if err != nil {
		return page{}, err
	}
	p := page{Items: items, EntryCount: total}
	if n := fitting(items, q.limit); n < len(items) {
		p.Items, p.HasMore = items[:n], true
	}
	if q.after != nil {
		p.NextCursor = q.after.String()
	}
	if n := len(p.Items); n > 0 {
		p.NextCursor = p.Items[n-1].place().String()
	}
	return p, t.follow(ctx, h, p.Items)
}

// items reads at least one item more than asked for, to learn whether there are more, and how many entries people have added, 0 if nothing was
// read.
func (t *timeline) items(ctx context.Context, id string, q *query) (items []Entry, total int64, err error) {
	kinds, types := q.selected()
	return t.store.Page(ctx, id, filter{Kinds: kinds, Types: types, Person: q.person, Starred: q.starred, After: q.after, Descending: q.descending,
		Limit: q.limit + 1})
}

// fitting is how many of the items make a page: at most limit, at most maxBytes of texts, and at least one.
func fitting(items []Entry, limit int) int {
	total := 0
	for n := range items[:min(limit, len(items))] {
		if total += items[n].bytes(); total > maxBytes && n > 0 {
			return n
		}
	}
	return min(limit, len(items))
}

// withStar gives an own event what is stored of it, which may be nil.
func withStar(own Entry, of *Entry) Entry {
	if of != nil {
		own.Starred, own.Version = of.Starred, of.Version
	}
	return own
}

// detail is an entry with its versions.
type detail struct {
	Entry
	Versions []Version `json:"versions"`
	// VersionsOmitted counts versions between the first and the newest ones that are left out, because they are too long together.
	VersionsOmitted int `json:"versions_omitted"`
}

// read returns an entry with its versions. What a deleted entry said is for administrators only.
func (t *timeline) read(ctx context.Context, userID, id, entryID string) (detail, error) {
	h, err := t.mayRead(ctx, userID, id)
	if err != nil {
		return detail{}, err
	}
	e, err := t.find(ctx, h, entryID)
	if err != nil {
		return detail{}, err
	}
	items := []Entry{e}
	if err := t.follow(ctx, h, items); err != nil {
		return detail{}, err
	}
	d := detail{Entry: items[0], Versions: []Version{}}
	if d.Version == 0 {
		return d, nil
	}
	if d.Versions, d.VersionsOmitted, err = t.store.Versions(ctx, entryID, maxBytes); err != nil {
		return detail{}, err
	}
	if d.DeletedAt > 0 && !t.rules.Admin(userID) {
		for n := range d.Versions {
			d.Versions[n].Text = ""
		}
	}
	return d, nil
}

// find reads an entry, or an own event.
func (t *timeline) find(ctx context.Context, h app.Header, entryID string) (Entry, error) {
	e, err := t.store.Entry(ctx, h.ID, entryID)
	if err == nil && e.Kind != Own || err != nil && !incident.IsKind(err, incident.NotFound) {
		return e, err
	}
	event, err := t.ownEvent(ctx, h, entryID)
	if err != nil {
		return Entry{}, err
	}
	return withStar(ownEvent(&event), &e), nil
}

// ownEvent reads an event that a timeline shows.
func (t *timeline) ownEvent(ctx context.Context, h app.Header, id string) (incident.Event, error) {
	event, err := t.incidents.Event(ctx, h.ID, id)
	if err != nil {
		if incident.IsKind(err, incident.NotFound) {
			err = errNoEntry
		}
		return event, err
	}
	for _, group := range ownTypes() {
		if slices.Contains(group, event.Type()) {
			return event, nil
		}
	}
	return event, errNoEntry
}

// follow stores new versions of the entries whose posts were edited since.
func (t *timeline) follow(ctx context.Context, h app.Header, entries []Entry) error {
	for n := range entries {
		e := &entries[n]
		if e.fresh == nil || e.Version >= MaxVersions {
			continue
		}
		followed, err := t.store.Change(ctx, h.ID, e.ID, t.millis(), func(now *Entry) (string, action, error) {
			if now.fresh == nil || now.DeletedAt > 0 { // somebody else was faster
				return "", "", nil
			}
			now.postEditAt = now.freshAt
			if *now.fresh == now.Text {
				return "", "", nil
			}
			now.Text, now.EditedAt, now.EditedByID = *now.fresh, now.freshAt, now.AuthorID
			return now.AuthorID, postEdited, nil
		})
		if incident.IsKind(err, incident.NotFound) { // the incident was deleted in between
			continue
		}
		if err != nil {
			return err
		}
		followed.fresh = nil
		if followed.Version > e.Version {
			t.publish(ctx, &h, &followed)
		}
		*e = followed
	}
	return nil
}
