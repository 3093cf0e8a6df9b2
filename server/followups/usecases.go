package followups

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Draft is a follow-up that is to be made.
type Draft struct {
	Title, Text, OwnerID, Link, PostID string
	DueAt                              int64
	Source                             Source
	// Key makes repeated requests of the same user make one follow-up of an incident only; "" for none.
	Key string
}

// Conflict is the error of a change that is based on an old revision.
type Conflict struct {
	cause *incident.Error
	// Current is what is stored, Sent what the change would have made of it.
	Current, Sent Shown
}

// Error is the message for the user.
func (c *Conflict) Error() string { return c.cause.Error() }

// Unwrap gives the error that is shown.
func (c *Conflict) Unwrap() error { return c.cause }

// header reads what decides who may do what in an incident. Unknown incidents look like those that the user may not see,
// except to administrators.
func (f *followups) header(ctx context.Context, userID, incidentID string) (app.Header, error) {
	h, err := f.incidents.Header(ctx, incidentID, userID)
	if incident.IsKind(err, incident.NotFound) && !f.rules.ViewNothing(userID, incidentID) {
		return h, incident.ErrForbidden
	}
	return h, err
}

// mayView fails unless the user may see the incident.
func (f *followups) mayView(ctx context.Context, userID, incidentID string) (app.Header, error) {
	h, err := f.header(ctx, userID, incidentID)
	if err == nil && !f.rules.ViewIncident(userID, h.ChannelAccess()) {
		err = incident.ErrForbidden
	}
	return h, err
}

// mayAdd fails unless the user may change the incident.
func (f *followups) mayAdd(ctx context.Context, userID, incidentID string) (app.Header, error) {
	h, err := f.header(ctx, userID, incidentID)
	if err == nil && !f.rules.EditIncident(userID, h.ChannelAccess()) {
		err = incident.ErrForbidden
	}
	return h, err
}

// open reads a follow-up that the user may see. An unknown one looks like one of an incident that they may not see, except to
// administrators.
func (f *followups) open(ctx context.Context, userID, id string) (Shown, error) {
	item, err := f.data.Get(ctx, id, userID, f.now())
	if incident.IsKind(err, incident.NotFound) && !f.rules.ViewNothing(userID, id) {
		return item, errForbidden
	}
	if err != nil {
		return item, err
	}
	h, err := f.mayView(ctx, userID, item.IncidentID)
	if incident.IsKind(err, incident.Forbidden) {
		return Shown{}, errForbidden
	}
	if err != nil {
		return Shown{}, err
	}
	item.CanEdit = f.mayChange(userID, &item, h)
	return item, nil
}

// mayChange: may change the incident, or sees it and owns the follow-up.
func (f *followups) mayChange(userID string, item *Shown, h app.Header) bool {
	return userID != "" && item.OwnerID == userID || f.rules.EditIncident(userID, h.ChannelAccess())
}

// errOwner is the same for a user who does not exist, is deactivated, is a bot or cannot read the incident: somebody who may not list
// the users of the server must not learn who exists.
var errOwner = incident.NewError(incident.Invalid, "followup.owner",
	"The owner must be an active person who can read this incident. Add them to its channel first, or choose somebody else.").WithField("owner_id")

// checkOwner fails unless the user is an active person who can read the incident. It asks the same for users who do not exist.
func (f *followups) checkOwner(ctx context.Context, ownerID, incidentID string) error {
	if ownerID == "" {
		return nil
	}
	if err := incident.CheckText("owner_id", ownerID, 64); err != nil {
		return err
	}
	user, err := f.host.User(ownerID)
	_, unknown := incident.AsError(err)
	if err != nil && !unknown {
		return err
	}
	h, err := f.incidents.Header(ctx, incidentID, ownerID)
	if err != nil {
		return err
	}
	reads := f.rules.ViewIncident(ownerID, h.ChannelAccess())
	if unknown || user.Id != ownerID || user.DeleteAt != 0 || user.IsBot || !reads {
		return errOwner
	}
	return nil
}

// checkPost fails unless the user may read the message from which a follow-up is made.
func (f *followups) checkPost(userID, postID string) error {
	if postID == "" {
		return nil
	}
	if err := incident.CheckText("post_id", postID, 26); err != nil {
		return err
	}
	post, err := f.host.Post(postID)
	if _, refused := incident.AsError(err); err != nil && !refused {
		return err
	}
	if err != nil || post.DeleteAt != 0 || !f.rules.ReadChannel(userID, post.ChannelId) {
		return incident.InvalidField("post_id", "post_id names no message that you can read: give the id of another one, or leave it empty.")
	}
	return nil
}

// Create makes a follow-up. A repeated key gives the one that was made with it, as it is now.
func (f *followups) Create(ctx context.Context, userID, incidentID string, d Draft) (Shown, error) {
	now := f.now()
	item := FollowUp{ID: newID(), IncidentID: incidentID, Title: strings.TrimSpace(d.Title), Text: d.Text, OwnerID: d.OwnerID, DueAt: d.DueAt, State: Open,
		Link: strings.TrimSpace(d.Link), Source: d.Source, PostID: d.PostID, AuthorID: userID, CreateAt: now, UpdateAt: now, Revision: 1}
	if err := item.check(); err != nil {
		return Shown{}, err
	}
	if err := f.checkPost(userID, d.PostID); err != nil {
		return Shown{}, err
	}
	if err := f.checkOwner(ctx, d.OwnerID, incidentID); err != nil {
		return Shown{}, err
	}
	item.RemindAt = schedule(&FollowUp{}, &item, f.zoneOf(&item), now)
	ids, err := f.data.Create(ctx, Creation{IncidentID: incidentID, Key: d.Key, All: []FollowUp{item}, At: now})
	if err != nil {
		return Shown{}, err
	}
	if len(ids) == 0 {
		return Shown{}, errUnknown
	}
	made, err := f.data.Get(ctx, ids[0], userID, now)
	if err != nil {
		return made, err
	}
	if made.ID == item.ID {
		f.publish(ctx, made)
	}
	made.CanEdit = true
	return made, nil
}

// zoneOf is the time zone in which the owner is reminded. It is not asked for if there is nothing to remind of.
func (f *followups) zoneOf(item *FollowUp) *time.Location {
	if item.DueAt == 0 || item.State != Open {
		return time.UTC
	}
	return f.zone(item.OwnerID)
}

// Change changes a follow-up. It fails with a *Conflict if p is based on an old revision and would change something.
func (f *followups) Change(ctx context.Context, userID, id string, p Patch) (Shown, error) {
	item, err := f.open(ctx, userID, id)
	if err != nil {
		return item, err
	}
	return f.change(ctx, userID, item, p)
}

// change changes a follow-up that was read by open.
func (f *followups) change(ctx context.Context, userID string, item Shown, p Patch) (Shown, error) {
	if !item.CanEdit {
		return Shown{}, errReadOnly
	}
	now := f.now()
	planned, changed, err := item.apply(p, now)
	if err != nil {
		return Shown{}, err
	}
	if _, owner := changed["owner_id"]; owner {
		if err := f.checkOwner(ctx, planned.OwnerID, item.IncidentID); err != nil {
			return Shown{}, err
		}
	}
	zone := f.zoneOf(&planned)
	var conflict *Conflict
	done, err := f.data.Update(ctx, item.ID, userID, now, func(fresh FollowUp) (FollowUp, map[string]Field, error) {
		conflict = nil
		after, fields, err := fresh.apply(p, now)
		if err != nil {
			return after, nil, err
		}
		if p.Revision != nil && *p.Revision != fresh.Revision && len(fields) > 0 {
			conflict = conflictOf(fresh, after)
			return fresh, nil, conflict
		}
		after.RemindAt = schedule(&fresh, &after, zone, now)
		return after, fields, nil
	})
	if conflict != nil {
		return Shown{}, f.completed(ctx, userID, conflict)
	}
	if err != nil {
		return Shown{}, err
	}
	after, err := f.data.Get(ctx, item.ID, userID, now)
	if err != nil {
		return after, err
	}
	if done {
		f.publish(ctx, after)
	}
	after.CanEdit = true
	return after, nil
}

func conflictOf(fresh, after FollowUp) *Conflict {
	return &Conflict{Current: Shown{FollowUp: fresh}, Sent: Shown{FollowUp: after},
		cause: incident.NewError(incident.Conflict, "followup.changed",
			"Somebody else has changed this follow-up in the meantime. Compare both versions, and send your change again with the revision %d.", fresh.Revision)}
}

// completed adds to both versions of a conflict what is shown beside a follow-up.
func (f *followups) completed(ctx context.Context, userID string, c *Conflict) error {
	current, err := f.data.Get(ctx, c.Current.ID, userID, f.now())
	if err != nil {
		return err
	}
	current.CanEdit = true
	sent := current
	sent.FollowUp, sent.Overdue = c.Sent.FollowUp, c.Sent.overdue(f.now())
	if sent.OwnerID != current.OwnerID {
		sent.OwnerUsername, sent.OwnerState = "", ""
	}
	c.Current, c.Sent = current, sent
	return c
}

// CarryOver makes follow-ups of the tasks of an incident that are not finished, each once. taskIDs restricts to these tasks;
// nil is all. Who a task is assigned to becomes the owner, if they can read the incident.
func (f *followups) CarryOver(ctx context.Context, userID, incidentID string, taskIDs []string) ([]Shown, error) {
	inc, err := f.incidents.Get(ctx, incidentID)
	if err != nil {
		return nil, err
	}
	now := f.now()
	untitled := f.svc.PostLanguage().T("A task without a title")
	var all []FollowUp
	var assignees []string
	seen := map[string]int{}
	found := map[string]bool{}
	for _, stage := range inc.Checklists {
		for n := range stage.Tasks {
			task := &stage.Tasks[n]
			seen[task.Title]++
			former := formerTaskID(incidentID, task.Title, seen[task.Title])
			if taskIDs != nil && !slices.Contains(taskIDs, task.ID) {
				continue
			}
			found[task.ID] = true
			if task.State == incident.Closed {
				continue
			}
			title, text := taskText(task, untitled)
			all = append(all, FollowUp{ID: newID(), IncidentID: incidentID, Title: title, Text: text, OwnerID: task.AssigneeID, State: Open, Source: FromTask,
				TaskID: cmp.Or(task.ID, former), formerTaskID: former, AuthorID: userID, CreateAt: now, UpdateAt: now, Revision: 1})
			if task.AssigneeID != "" && !slices.Contains(assignees, task.AssigneeID) {
				assignees = append(assignees, task.AssigneeID)
			}
		}
	}
	for _, id := range taskIDs {
		if !found[id] {
			return nil, incident.InvalidField("task_ids", "task_ids names a task that this incident does not have. Read the incident again.")
		}
	}
	if len(all) == 0 {
		return []Shown{}, nil
	}
	if len(assignees) > 0 {
		states, err := f.data.OwnerStates(ctx, incidentID, assignees)
		if err != nil {
			return nil, err
		}
		for n := range all {
			if state, known := states[all[n].OwnerID]; !known || state != "" {
				all[n].OwnerID = ""
			}
		}
	}
	ids, err := f.data.Create(ctx, Creation{IncidentID: incidentID, All: all, At: now})
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 { // all were carried over before
		return []Shown{}, nil
	}
	made, err := f.data.GetMany(ctx, ids, userID, now)
	if err != nil {
		return nil, err
	}
	if len(made) > 0 {
		f.svc.SendToReaders(ctx, inc.ChannelID, EventCarriedOver, carriedOver{IncidentID: incidentID, TeamID: inc.TeamID, ChannelID: inc.ChannelID, Count: len(made)})
	}
	for n := range made {
		made[n].CanEdit = true
	}
	return made, nil
}

// carriedOver is the payload of EventCarriedOver.
type carriedOver struct {
	IncidentID string `json:"incident_id"`
	TeamID     string `json:"team_id"`
	ChannelID  string `json:"channel_id"`
	Count      int    `json:"count"`
}

// formerTaskID identifies a task of version 1.2.0, which has no id until its incident is changed, by its title. nth counts
// those with the same one.
func formerTaskID(incidentID, title string, nth int) string {
	return keyHash(fmt.Sprint(incidentID, " ", nth, " ", title))[:26]
}

// Page is a page of follow-ups.
type Page struct {
	TotalCount int     `json:"total_count"`
	PageCount  int     `json:"page_count"`
	HasMore    bool    `json:"has_more"`
	Items      []Shown `json:"items"`
	Counts     Counts  `json:"counts"`
	// SimilarOpen counts the open follow-ups of other incidents from the same playbook that the viewer may see. It is only in
	// lists of one incident.
	SimilarOpen *int `json:"similar_open,omitempty"`
}

// List lists the follow-ups that the user may see. f.Visible and f.ViewerID are filled in.
func (f *followups) List(ctx context.Context, userID string, filter Filter) (Page, error) {
	var err error
	if filter.Visible, err = f.svc.Visible(ctx, userID); err != nil {
		return Page{}, err
	}
	filter.ViewerID, filter.Now = userID, f.now()
	if filter.IncidentID != "" {
		if _, err := f.mayView(ctx, userID, filter.IncidentID); err != nil {
			return Page{}, err
		}
	}
	return f.page(ctx, filter, func(s *Shown) bool {
		return filter.Visible.All || s.joined || s.OwnerID == userID
	})
}

// listOf lists the follow-ups of one incident, whose header the user has, see mayView.
func (f *followups) listOf(ctx context.Context, userID string, h app.Header, filter Filter) (Page, error) {
	filter.IncidentID, filter.ViewerID, filter.Now = h.ID, userID, f.now()
	edit := f.rules.EditIncident(userID, h.ChannelAccess())
	return f.page(ctx, filter, func(s *Shown) bool { return edit || s.OwnerID == userID })
}

func (f *followups) page(ctx context.Context, filter Filter, canEdit func(s *Shown) bool) (p Page, err error) {
	filter.MaxText = maxBytes
	if p.Items, p.TotalCount, p.Counts, err = f.data.Page(ctx, filter); err != nil {
		return Page{}, err
	}
	if p.Items == nil {
		p.Items = []Shown{}
	}
	for n := range p.Items {
		p.Items[n].CanEdit = canEdit(&p.Items[n])
	}
	p.PageCount = (p.TotalCount + filter.PerPage - 1) / filter.PerPage
	p.HasMore = len(p.Items) > 0 && int64(filter.Page)*int64(filter.PerPage)+int64(len(p.Items)) < int64(p.TotalCount)
	return p, nil
}
