package store

import (
	"context"
	"database/sql"
	"sort"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// playbooks implements app.Playbooks.
type playbooks struct {
	*Store
}

var _ app.Playbooks = (*playbooks)(nil)

// playbookRow is a row of IR_Playbook.
type playbookRow struct {
	ID, Title, Description, TeamID string
	CreatePublicIncident           bool
	CreateAt, DeleteAt             int64
	ChecklistsJSON                 string
	NumStages, NumSteps            int64
	BroadcastChannelID             string
	ReminderMessageTemplate        string
	ReminderTimerDefaultSeconds    int64
	Revision                       int64
	CreatorID                      string
	OwnJSON                        string
	Members                        string
	ListGranted                    bool
}

var (
	slimColumns = columns("p", []string{"ID", "Title", "Description", "TeamID", "CreatePublicIncident", "CreateAt", "DeleteAt",
		"NumStages", "NumSteps", "Revision", "CreatorID"}, nil)
	playbookColumns = append(columns("p", []string{"ChecklistsJSON", "ReminderTimerDefaultSeconds"},
		[]string{"BroadcastChannelID", "ReminderMessageTemplate", "OwnJSON"}), slimColumns...)
	playbookSorts = map[string]string{"": "p.TitleSort", "title": "p.TitleSort", "stages": "p.NumStages", "steps": "p.NumSteps"}
)

var errCorruptPlaybook = incident.NewError(incident.Conflict, "playbook.stages_unreadable",
	"The stages of this playbook cannot be read from the database, so it cannot be changed without losing them. Ask your administrator to restore its ChecklistsJSON.")

func (r *playbookRow) playbook() playbook.Playbook {
	return playbook.Playbook{ID: r.ID, Title: r.Title, Description: r.Description, TeamID: r.TeamID,
		CreatePublicIncident: r.CreatePublicIncident, CreateAt: r.CreateAt, DeleteAt: r.DeleteAt,
		NumStages: max(r.NumStages, 0), NumSteps: max(r.NumSteps, 0), BroadcastChannelID: r.BroadcastChannelID,
		Revision: r.Revision, CreatorID: r.CreatorID,
		ReminderMessageTemplate:     r.ReminderMessageTemplate,
		ReminderTimerDefaultSeconds: min(max(r.ReminderTimerDefaultSeconds, 0), incident.MaxReminderSeconds)} // 1.2.0 took any number
}

func (s *playbooks) View(ctx context.Context, id, viewerID string) (playbook.Playbook, bool, error) {
	found, err := s.getPlaybook(ctx, s.db, id, s.built.With("playbook", []interface{}{viewerID, id}, func() sq.Sqlizer {
		return s.selectPlaybooks().Columns(s.members(), listGranted+" AS listgranted").
			LeftJoin("Teams ct ON ct.Id = p.TeamID").
			LeftJoin("TeamMembers tm ON tm.TeamId = ct.Id AND tm.UserId = ?", viewer).
			Where(sq.Eq{"p.ID": sought, "p.DeleteAt": 0})
	}))
	return found.Playbook, found.listGranted, err
}

func (s *playbooks) GetAny(ctx context.Context, id string) (playbook.Playbook, error) {
	found, err := s.getPlaybook(ctx, s.db, id, s.selectPlaybooks().Column(s.members()).Where(sq.Eq{"p.ID": id}))
	return found.Playbook, err
}

// lockPlaybook locks a playbook and reads it with its members as they are now, not as they were when the wait for the lock began.
func (s *playbooks) lockPlaybook(ctx context.Context, tx *sqlx.Tx, id string) (loadedPlaybook, error) {
	found, err := s.getPlaybook(ctx, tx, id, s.selectPlaybooks().Where(sq.Eq{"p.ID": id, "p.DeleteAt": 0}).Suffix("FOR UPDATE"))
	if err != nil {
		return found, err
	}
	var list string
	err = s.get(ctx, tx, &list, s.builder.Select(s.members()).From("IR_Playbook p").Where(sq.Eq{"p.ID": id}))
	found.setMembers(list)
	return found, errors.Wrap(err, "read the members of a playbook")
}

// loadedPlaybook is a playbook with what is known beside it.
type loadedPlaybook struct {
	playbook.Playbook
	// members is the number of rows of each member: more than one is possible on MySQL, where 1.2.0 had no unique key.
	members     map[string]int
	listGranted bool
	// ownJSON is the text in the row.
	ownJSON string
}

func (p *loadedPlaybook) setMembers(list string) {
	p.members = map[string]int{}
	if list == "" {
		return
	}
	ids := strings.Split(list, memberSeparator)
	sort.Strings(ids)
	for _, id := range ids {
		if p.members[id]++; p.members[id] == 1 && id != "" { // 1.2.0 stored any text
			p.MemberIDs = append(p.MemberIDs, id)
		}
	}
}

func (s *playbooks) selectPlaybooks() sq.SelectBuilder {
	return s.builder.Select(playbookColumns...).From("IR_Playbook p")
}

// getPlaybook reads the playbook with an id by a query for it.
func (s *playbooks) getPlaybook(ctx context.Context, q sqlx.QueryerContext, id string, query sq.Sqlizer) (loadedPlaybook, error) {
	var row playbookRow
	err := s.get(ctx, q, &row, query)
	if errors.Is(err, sql.ErrNoRows) {
		return loadedPlaybook{}, app.ErrPlaybookNotFound
	}
	if err != nil {
		return loadedPlaybook{}, errors.Wrap(err, "read a playbook")
	}
	if row.ID != id { // see sameCase
		return loadedPlaybook{}, app.ErrPlaybookNotFound
	}
	found := loadedPlaybook{Playbook: row.playbook(), listGranted: row.ListGranted, ownJSON: row.OwnJSON}
	found.Own = s.decodeOwn(row.OwnJSON, "playbook_id", row.ID)
	if found.Checklists, err = decodeStages(row.ChecklistsJSON); err != nil {
		found.Corrupt = true
		s.log.Warn("The stages of a playbook cannot be read", "playbook_id", row.ID, "error", err.Error())
	}
	found.setMembers(row.Members)
	return found, nil
}

// memberSeparator is in no text that 1.2.0's clients could sensibly have stored as a member.
const memberSeparator = "\x1f"

// members is a column that lists the members of IR_Playbook p, separated by memberSeparator.
func (s *Store) members() string {
	list := "GROUP_CONCAT(m.MemberID SEPARATOR '" + memberSeparator + "')"
	if s.postgres {
		list = "STRING_AGG(m.MemberID, '" + memberSeparator + "')"
	}
	return "COALESCE((SELECT " + list + " FROM IR_PlaybookMember m WHERE m.PlaybookID = p.ID), '') AS members"
}

// exact makes a comparison with a column or a placeholder one of bytes; MySQL takes letter cases for the same.
func (s *Store) exact(operand string) string {
	if s.postgres {
		return operand
	}
	return "BINARY " + operand
}

func (s *playbooks) Create(ctx context.Context, p playbook.Playbook, limit int) error {
	if p.ID == "" {
		return errors.New("a playbook needs an id to be stored")
	}
	set, err := s.values(&p, "")
	if err != nil {
		return err
	}
	set["ID"], set["TeamID"], set["CreateAt"], set["Revision"], set["CreatorID"] = p.ID, p.TeamID, p.CreateAt, 1, p.CreatorID
	// Parallel requests of one user exceed the limit by at most one for each node.
	done, err := s.changes.Acquire(ctx, "playbooks of "+p.CreatorID)
	if err != nil {
		return err
	}
	defer done()
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		if limit > 0 {
			var n int
			err := s.get(ctx, tx, &n, s.builder.Select("COUNT(*)").From("IR_Playbook").Where(sq.Eq{"CreatorID": p.CreatorID, "DeleteAt": 0}))
			if err != nil {
				return errors.Wrap(err, "count somebody's playbooks")
			}
			if n >= limit {
				return app.ErrTooManyPlaybooks
			}
		}
		if _, err := s.exec(ctx, tx, s.builder.Insert("IR_Playbook").SetMap(set)); err != nil {
			return errors.Wrap(err, "store a playbook")
		}
		return s.saveMembers(ctx, tx, p.ID, nil, p.MemberIDs)
	})
}

// Update also deletes the subscriptions if fn deletes the playbook, as Delete does.
func (s *playbooks) Update(ctx context.Context, id string, fn func(p *playbook.Playbook) error) error {
	deleted := false
	err := s.inTx(ctx, func(tx *sqlx.Tx) error {
		p, err := s.lockPlaybook(ctx, tx, id)
		if err != nil {
			return err
		}
		corrupt, revision := p.Corrupt, p.Revision
		if err := fn(&p.Playbook); err != nil {
			return err
		}
		if corrupt {
			return errCorruptPlaybook
		}
		set, err := s.values(&p.Playbook, p.ownJSON)
		if err != nil {
			return err
		}
		set["Revision"] = revision + 1
		deleted = p.DeleteAt != 0
		if _, err := s.exec(ctx, tx, s.builder.Update("IR_Playbook").SetMap(set).Where(sq.Eq{"ID": id})); err != nil {
			return errors.Wrap(err, "store a playbook")
		}
		return s.saveMembers(ctx, tx, id, p.members, p.MemberIDs)
	})
	if err == nil && deleted {
		s.forgetSubscriptionsTo(ctx, id)
	}
	return err
}

// maxListedOwn is how many bytes of Own a list of playbooks has of each.
const maxListedOwn = 16 << 10

// values returns the columns of a playbook that may change. ownJSON is the text in the row.
func (s *playbooks) values(p *playbook.Playbook, ownJSON string) (map[string]interface{}, error) {
	text, err := encodeStages(p.Checklists)
	if err != nil {
		return nil, err
	}
	p.Count()
	set := map[string]interface{}{
		"Title":                       p.Title,
		"Description":                 p.Description,
		"CreatePublicIncident":        p.CreatePublicIncident,
		"DeleteAt":                    p.DeleteAt,
		"ChecklistsJSON":              s.jsonValue(text),
		"NumStages":                   p.NumStages,
		"NumSteps":                    p.NumSteps,
		"BroadcastChannelID":          p.BroadcastChannelID,
		"ReminderMessageTemplate":     p.ReminderMessageTemplate,
		"ReminderTimerDefaultSeconds": p.ReminderTimerDefaultSeconds,
	}
	foldTitle(set, p.Title)
	return set, setOwn(set, p.Own, ownJSON)
}

// saveMembers turns the stored members, with the number of their rows, into the wanted ones with one row each.
// The playbook's row is locked, or new.
func (s *playbooks) saveMembers(ctx context.Context, tx *sqlx.Tx, id string, stored map[string]int, wanted []string) error {
	keep := map[string]bool{}
	insert := s.builder.Insert("IR_PlaybookMember").Columns("PlaybookID", "MemberID")
	inserts := 0
	for _, member := range wanted {
		if keep[member] {
			continue
		}
		keep[member] = true
		if stored[member] != 1 {
			insert = insert.Values(id, member)
			inserts++
		}
	}
	var remove []string
	for member, rows := range stored {
		if !keep[member] || rows > 1 {
			remove = append(remove, member)
		}
	}
	if len(remove) > 0 {
		if _, err := s.exec(ctx, tx, s.builder.Delete("IR_PlaybookMember").Where(sq.Eq{"PlaybookID": id, s.exact("MemberID"): remove})); err != nil {
			return errors.Wrap(err, "remove members of a playbook")
		}
	}
	if inserts > 0 {
		if _, err := s.exec(ctx, tx, insert); err != nil {
			return errors.Wrap(err, "add members to a playbook")
		}
	}
	return nil
}

// Delete also deletes the subscriptions to the playbook, see docs/decisions/0035-subscriptions-in-a-table.md.
func (s *playbooks) Delete(ctx context.Context, id string, now int64) error {
	n, err := s.exec(ctx, s.db, s.builder.Update("IR_Playbook").
		Set("DeleteAt", sq.Expr("CASE WHEN DeleteAt = 0 THEN ? ELSE DeleteAt END", now)).Where(sq.Eq{"ID": id}))
	if err != nil {
		return errors.Wrap(err, "delete a playbook")
	}
	if n == 0 {
		return app.ErrPlaybookNotFound
	}
	s.forgetSubscriptionsTo(ctx, id)
	return nil
}

// forgetSubscriptionsTo deletes the subscriptions to a playbook that was deleted. A failure is logged.
func (s *playbooks) forgetSubscriptionsTo(ctx context.Context, id string) {
	if err := s.forget(ctx, sq.Eq{"s.PlaybookID": id}); err != nil {
		s.log.Warn("The subscriptions to a playbook that was deleted are still there. The next activation deletes them.", "playbook_id", id, "error", err.Error())
	}
}

func (s *playbooks) List(ctx context.Context, f app.PlaybookFilter) ([]playbook.Playbook, int, error) {
	column, ok := playbookSorts[f.Sort]
	if !ok {
		return nil, 0, badSort(f.Sort)
	}
	order := ordered(column, "p.ID", f.Descending)
	filter := func(q sq.SelectBuilder) sq.SelectBuilder {
		q = q.From("IR_Playbook p").Where(sq.Eq{"p.TeamID": f.TeamID, "p.DeleteAt": 0})
		if f.MemberID != "" {
			q = q.Where("EXISTS (SELECT 1 FROM IR_PlaybookMember m WHERE m.PlaybookID = p.ID AND m.MemberID = "+s.exact("?")+")", f.MemberID)
		}
		return q
	}
	var rows []playbookRow
	page := filter(s.builder.Select(slimColumns...))
	if f.WithOwn {
		page = page.Column("CASE WHEN OCTET_LENGTH(p.OwnJSON) <= ? THEN p.OwnJSON ELSE '' END AS ownjson", maxListedOwn)
	}
	if f.UsedBy != "" {
		page = page.LeftJoin("IR_PlaybookUse mine ON mine.PlaybookID = p.ID AND mine.UserID = ?", f.UsedBy)
		order = append([]string{"COALESCE(mine.UsedAt, 0) DESC",
			"COALESCE((SELECT MAX(u.UsedAt) FROM IR_PlaybookUse u WHERE u.PlaybookID = p.ID), 0) DESC"}, order...)
	}
	q, none := cut(page.OrderBy(order...), f.Skip(), f.PerPage)
	if !none {
		if err := s.selectAll(ctx, s.db, &rows, q); err != nil {
			return nil, 0, errors.Wrap(err, "list playbooks")
		}
	}
	total, known := totalFromPage(f.Skip(), f.PerPage, len(rows))
	if !known {
		if err := s.get(ctx, s.db, &total, filter(s.builder.Select("COUNT(*)"))); err != nil {
			return nil, 0, errors.Wrap(err, "count playbooks")
		}
	}
	items := make([]playbook.Playbook, len(rows))
	for n := range rows {
		items[n] = rows[n].playbook()
		items[n].Own = s.decodeOwn(rows[n].OwnJSON, "playbook_id", rows[n].ID)
		rows[n].OwnJSON = "" // decoded
	}
	return items, total, nil
}
