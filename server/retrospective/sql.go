package retrospective

import (
	"context"
	"encoding/json"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// storage is where retrospectives and settings are kept; *database does.
type storage interface {
	// Read reads the retrospective of an incident with its sections, and the settings of the incident's playbook. One that is not
	// stored has the state None and no sections.
	Read(ctx context.Context, incidentID string) (Document, Settings, error)
	// Change locks a stored retrospective, lets fn change it, and stores it with the sections that fn returns. fn may run again.
	Change(ctx context.Context, incidentID string, fn func(d *Document) ([]*Section, error)) (Document, error)
	// Begin stores a new retrospective in the transaction of a change of its incident. It fails with errBegun if there is one.
	Begin(ctx context.Context, tx app.Tx, d *Document) error
	// SetState is Change for the document without its sections, in the transaction of a change of its incident. If done, its reminder
	// is dropped.
	SetState(ctx context.Context, tx app.Tx, incidentID string, done bool, fn func(d *Document) error) error
	// Due stores when the retrospective of an incident that has ended is due, with the job of the reminder, in the transaction of the
	// end. Working days are those of the commander's time zone. NotDue removes both when the incident goes on.
	Due(ctx context.Context, tx app.Tx, incidentID, playbookID string, end int64) error
	NotDue(ctx context.Context, tx app.Tx, incidentID string) error
	// Settings reads the settings of a playbook, its defaults if none are stored.
	Settings(ctx context.Context, playbookID string) (Settings, error)
	// SaveSettings locks the settings of a playbook and stores what fn makes of them. fn may run again.
	SaveSettings(ctx context.Context, playbookID string, fn func(stored Settings) (Settings, error)) (Settings, error)
}

// errBegun means that a retrospective is stored already.
var errBegun = errors.New("the retrospective is stored already")

// database keeps retrospectives in Mattermost's database.
type database struct{ capability.Database }

// documentRow is a retrospective as it is stored.
type documentRow struct {
	State                                   *string
	Revision, DueAt, CreateAt, UpdateAt     int64
	DraftedAt, PublishedAt                  int64
	CreatedByID, UpdatedByID, PublishedByID string
	PlaybookID, BroadcastChannelID          string
	TemplateRevision, TemplateUpdateAt      *int64
	TemplateUpdatedByID, SectionsJSON       string
	Remind, Broadcast                       bool
	DueWorkingDays                          int
	// Timezone is that of the commander, see zone.
	Timezone string
}

var documentColumns = []string{"r.State AS state", "COALESCE(r.Revision, 0) AS revision", "COALESCE(r.DueAt, 0) AS dueat", "COALESCE(r.CreateAt, 0) AS createat",
	"COALESCE(r.CreatedByID, '') AS createdbyid", "COALESCE(r.UpdateAt, 0) AS updateat", "COALESCE(r.UpdatedByID, '') AS updatedbyid",
	"COALESCE(r.DraftedAt, 0) AS draftedat", "COALESCE(r.PublishedAt, 0) AS publishedat", "COALESCE(r.PublishedByID, '') AS publishedbyid"}

var templateColumns = []string{"t.Revision AS templaterevision", "t.UpdateAt AS templateupdateat", "COALESCE(t.UpdatedByID, '') AS templateupdatedbyid",
	"COALESCE(t.Remind, TRUE) AS remind", "COALESCE(t.DueWorkingDays, 0) AS dueworkingdays", "COALESCE(t.Broadcast, FALSE) AS broadcast",
	"COALESCE(t.SectionsJSON, '') AS sectionsjson"}

func (r *documentRow) document(incidentID string) Document {
	d := Document{IncidentID: incidentID, State: None, Revision: r.Revision, DueAt: r.DueAt, CreateAt: r.CreateAt, CreatedByID: r.CreatedByID, UpdateAt: r.UpdateAt,
		UpdatedByID: r.UpdatedByID, DraftedAt: r.DraftedAt, PublishedAt: r.PublishedAt, PublishedByID: r.PublishedByID, Sections: []Section{}}
	if r.State != nil {
		d.State = State(*r.State)
	}
	return d
}

// zone is the time zone that the commander has chosen in Mattermost, UTC if it is not known.
func (r *documentRow) zone() *time.Location {
	commander := model.User{}
	if err := json.Unmarshal([]byte(r.Timezone), &commander.Timezone); err != nil {
		return time.UTC
	}
	return text.Zone(&commander)
}

func (r *documentRow) settings(playbookID string) (Settings, error) {
	if r.TemplateRevision == nil {
		return defaults(playbookID), nil
	}
	s := Settings{PlaybookID: playbookID, Revision: *r.TemplateRevision, UpdatedByID: r.TemplateUpdatedByID, Remind: r.Remind, DueWorkingDays: r.DueWorkingDays,
		Broadcast: r.Broadcast}
	if r.TemplateUpdateAt != nil {
		s.UpdateAt = *r.TemplateUpdateAt
	}
	err := json.Unmarshal([]byte(r.SectionsJSON), &s.Sections)
	return s, errors.Wrap(err, "read the sections of a template")
}

// ofIncident is a query for the retrospective of an incident and the settings of its playbook.
func ofIncident(from capability.Selector, incidentID string) sq.SelectBuilder {
	return from.Builder().Select(documentColumns...).Columns(templateColumns...).From("IR_Incident i").LeftJoin("IR_Retrospective r ON r.IncidentID = i.ID").
		LeftJoin("IR_RetrospectiveTemplate t ON t.PlaybookID = i.PlaybookID AND i.PlaybookID <> ''").Where(sq.Eq{"i.ID": incidentID})
}

func (d *database) Read(ctx context.Context, incidentID string) (Document, Settings, error) {
	var rows []documentRow
	err := d.Select(ctx, &rows, ofIncident(d, incidentID).Columns("i.PlaybookID AS playbookid", "COALESCE(i.BroadcastChannelID, '') AS broadcastchannelid"))
	if err == nil && len(rows) == 0 {
		return Document{}, Settings{}, incident.ErrNotFound
	}
	if err != nil {
		return Document{}, Settings{}, errors.Wrap(err, "read a retrospective")
	}
	doc := rows[0].document(incidentID)
	settings, err := rows[0].settings(rows[0].PlaybookID)
	if err != nil {
		return doc, settings, err
	}
	doc.Broadcast = settings.Broadcast && rows[0].BroadcastChannelID != ""
	if doc.State != None {
		doc.Sections, err = readSections(ctx, d, incidentID)
	}
	return doc, settings, err
}

func readSections(ctx context.Context, from capability.Selector, incidentID string) ([]Section, error) {
	var rows []struct {
		SectionKey, Heading, QuestionsJSON, Draft, Origin, Content, MadeJSON, UpdatedByID string
		Revision, UpdateAt                                                                int64
	}
	err := from.Select(ctx, &rows, from.Builder().Select("SectionKey AS sectionkey", "Heading AS heading", "QuestionsJSON AS questionsjson", "Draft AS draft",
		"Origin AS origin", "Content AS content", "MadeJSON AS madejson", "Revision AS revision", "UpdateAt AS updateat", "UpdatedByID AS updatedbyid").
		From("IR_RetrospectiveSection").Where(sq.Eq{"IncidentID": incidentID}).OrderBy("Position", "SectionKey"))
	if err != nil {
		return nil, errors.Wrap(err, "read the sections of a retrospective")
	}
	all := make([]Section, 0, len(rows))
	for _, r := range rows {
		s := Section{Key: r.SectionKey, Heading: r.Heading, Questions: []string{}, Origin: Origin(r.Origin), Text: r.Content, Revision: r.Revision,
			UpdateAt: r.UpdateAt, UpdatedByID: r.UpdatedByID, draft: Part(r.Draft)}
		if err := json.Unmarshal([]byte(r.QuestionsJSON), &s.Questions); err != nil {
			return nil, errors.Wrap(err, "read the questions of a section")
		}
		if err := json.Unmarshal([]byte(r.MadeJSON), &s.made); err != nil {
			return nil, errors.Wrap(err, "read the links of a section")
		}
		s.link()
		all = append(all, s)
	}
	return all, nil
}

// readDocument reads the row of a retrospective, with a suffix such as FOR UPDATE. It returns false if there is none.
func readDocument(ctx context.Context, tx app.Tx, incidentID, suffix string) (d Document, found bool, err error) {
	var rows []documentRow
	err = tx.Select(ctx, &rows, tx.Builder().Select(documentColumns...).From("IR_Retrospective r").Where(sq.Eq{"r.IncidentID": incidentID}).Suffix(suffix))
	if err != nil || len(rows) == 0 {
		return Document{IncidentID: incidentID, State: None}, false, errors.Wrap(err, "read a retrospective in a transaction")
	}
	return rows[0].document(incidentID), true, nil
}

func values(d *Document) map[string]interface{} {
	return map[string]interface{}{"State": string(d.State), "Revision": d.Revision, "DueAt": d.DueAt, "CreateAt": d.CreateAt, "CreatedByID": d.CreatedByID,
		"UpdateAt": d.UpdateAt, "UpdatedByID": d.UpdatedByID, "DraftedAt": d.DraftedAt, "PublishedAt": d.PublishedAt, "PublishedByID": d.PublishedByID}
}

func updateDocument(tx app.Tx, d *Document) sq.Sqlizer {
	return tx.Builder().Update("IR_Retrospective").SetMap(values(d)).Where(sq.Eq{"IncidentID": d.IncidentID})
}

func insertDocument(tx app.Tx, d *Document) sq.Sqlizer {
	set := values(d)
	set["IncidentID"] = d.IncidentID
	return tx.Builder().Insert("IR_Retrospective").SetMap(set)
}

func (d *database) Change(ctx context.Context, incidentID string, fn func(d *Document) ([]*Section, error)) (after Document, err error) {
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		var found bool
		if after, found, err = readDocument(ctx, tx, incidentID, "FOR UPDATE"); err != nil {
			return err
		}
		if !found || after.State == None {
			return incident.ErrNotFound
		}
		if after.Sections, err = readSections(ctx, tx, incidentID); err != nil {
			return err
		}
		changed, err := fn(&after)
		if err != nil || len(changed) == 0 {
			return err
		}
		statements := []sq.Sqlizer{updateDocument(tx, &after)}
		for _, s := range changed {
			lines, err := json.Marshal(s.made)
			if err != nil {
				return err
			}
			statements = append(statements, tx.Builder().Update("IR_RetrospectiveSection").Where(sq.Eq{"IncidentID": incidentID, "SectionKey": s.Key}).
				SetMap(map[string]interface{}{"Origin": string(s.Origin), "Content": s.Text, "MadeJSON": string(lines), "Revision": s.Revision, "UpdateAt": s.UpdateAt,
					"UpdatedByID": s.UpdatedByID}))
			s.link()
		}
		_, err = tx.Exec(ctx, statements...)
		return errors.Wrap(err, "store a retrospective")
	})
	return after, err
}

func (d *database) Begin(ctx context.Context, tx app.Tx, doc *Document) error {
	// The incident's row is locked. To lock a row that may not be there would make others wait on MySQL.
	stored, found, err := readDocument(ctx, tx, doc.IncidentID, "")
	if err != nil {
		return err
	}
	if stored.State != None {
		return errBegun
	}
	doc.DueAt = stored.DueAt
	statements := []sq.Sqlizer{insertDocument(tx, doc)}
	if found {
		statements[0] = updateDocument(tx, doc)
	}
	insert := tx.Builder().Insert("IR_RetrospectiveSection").Columns("IncidentID", "SectionKey", "Position", "Heading", "QuestionsJSON", "Draft", "Origin", "Content",
		"MadeJSON", "Revision", "UpdateAt", "UpdatedByID")
	for n := range doc.Sections {
		s := &doc.Sections[n]
		questions, err := json.Marshal(s.Questions)
		if err != nil {
			return err
		}
		lines, err := json.Marshal(s.made)
		if err != nil {
			return err
		}
		insert = insert.Values(doc.IncidentID, s.Key, n, s.Heading, string(questions), string(s.draft), string(s.Origin), s.Text, string(lines), s.Revision, s.UpdateAt,
			s.UpdatedByID)
	}
	_, err = tx.Exec(ctx, append(statements, insert)...)
	return errors.Wrap(err, "store a new retrospective")
}

func (d *database) SetState(ctx context.Context, tx app.Tx, incidentID string, done bool, fn func(d *Document) error) error {
	doc, found, err := readDocument(ctx, tx, incidentID, "FOR UPDATE")
	if err == nil && !found {
		err = incident.ErrNotFound
	}
	if err == nil {
		err = fn(&doc)
	}
	if err != nil {
		return err
	}
	if done {
		err = tx.SetJob(ctx, JobDue, incidentID, nil, updateDocument(tx, &doc))
	} else {
		_, err = tx.Exec(ctx, updateDocument(tx, &doc))
	}
	return errors.Wrap(err, "store the state of a retrospective")
}

func (d *database) Due(ctx context.Context, tx app.Tx, incidentID, playbookID string, end int64) error {
	var rows []documentRow
	timezone := "COALESCE(CAST(u.Timezone AS CHAR), '')" // JSON, in early versions of the host as text
	if tx.Postgres() {
		timezone = "COALESCE(CAST(u.Timezone AS TEXT), '')"
	}
	err := tx.Select(ctx, &rows, ofIncident(tx, incidentID).LeftJoin("Users u ON u.Id = i.CommanderUserID").Column(timezone+" AS timezone"))
	if err != nil || len(rows) == 0 {
		return errors.Wrap(err, "read when a retrospective is due")
	}
	settings, err := rows[0].settings(playbookID)
	if err != nil {
		return err
	}
	doc, due := rows[0].document(incidentID), settings.dueAt(end, rows[0].zone())
	if due == 0 || doc.State == Published {
		return nil
	}
	job := newJob(incidentID, due, end)
	statement := sq.Sqlizer(tx.Builder().Update("IR_Retrospective").Set("DueAt", due).Where(sq.Eq{"IncidentID": incidentID}))
	if rows[0].State == nil {
		statement = tx.Builder().Insert("IR_Retrospective").SetMap(map[string]interface{}{"IncidentID": incidentID, "State": string(None), "DueAt": due})
	}
	return errors.Wrap(tx.SetJob(ctx, JobDue, incidentID, &job, statement), "store when a retrospective is due")
}

func (d *database) NotDue(ctx context.Context, tx app.Tx, incidentID string) error {
	err := tx.SetJob(ctx, JobDue, incidentID, nil, tx.Builder().Update("IR_Retrospective").Set("DueAt", 0).Where(sq.Eq{"IncidentID": incidentID}))
	return errors.Wrap(err, "remove when a retrospective is due")
}

func (d *database) Settings(ctx context.Context, playbookID string) (Settings, error) {
	return readSettings(ctx, d, playbookID, "")
}

func readSettings(ctx context.Context, from capability.Selector, playbookID, suffix string) (Settings, error) {
	var rows []documentRow
	err := from.Select(ctx, &rows, from.Builder().Select(templateColumns...).From("IR_RetrospectiveTemplate t").Where(sq.Eq{"t.PlaybookID": playbookID}).Suffix(suffix))
	if err != nil {
		return Settings{}, errors.Wrap(err, "read the retrospective settings of a playbook")
	}
	if len(rows) == 0 {
		return defaults(playbookID), nil
	}
	return rows[0].settings(playbookID)
}

func settingsValues(s Settings) (map[string]interface{}, error) {
	sections, err := json.Marshal(s.Sections)
	return map[string]interface{}{"PlaybookID": s.PlaybookID, "Revision": s.Revision, "UpdateAt": s.UpdateAt, "UpdatedByID": s.UpdatedByID, "Remind": s.Remind,
		"DueWorkingDays": s.DueWorkingDays, "Broadcast": s.Broadcast, "SectionsJSON": string(sections)}, errors.Wrap(err, "encode the sections of a template")
}

func (d *database) SaveSettings(ctx context.Context, playbookID string, fn func(stored Settings) (Settings, error)) (after Settings, err error) {
	err = d.InTransaction(ctx, func(tx capability.Transaction) error {
		// The row is made first, so that there is something to lock.
		first, err := settingsValues(defaults(playbookID))
		if err != nil {
			return err
		}
		insert := tx.Builder().Insert("IR_RetrospectiveTemplate").SetMap(first)
		if tx.Postgres() {
			insert = insert.Suffix("ON CONFLICT (PlaybookID) DO NOTHING")
		} else {
			insert = insert.Suffix("ON DUPLICATE KEY UPDATE Revision = Revision")
		}
		if _, err = tx.Exec(ctx, insert); err != nil {
			return errors.Wrap(err, "make the retrospective settings of a playbook")
		}
		stored, err := readSettings(ctx, tx, playbookID, "FOR UPDATE")
		if err != nil {
			return err
		}
		if after, err = fn(stored); err != nil {
			return err
		}
		set, err := settingsValues(after)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, tx.Builder().Update("IR_RetrospectiveTemplate").Where(sq.Eq{"PlaybookID": playbookID}).SetMap(set))
		return errors.Wrap(err, "store the retrospective settings of a playbook")
	})
	return after, err
}

// erase deletes the retrospective of an incident that is being deleted.
func (d *database) erase(ctx context.Context, tx app.Tx, incidentID string) error {
	if _, _, err := readDocument(ctx, tx, incidentID, "FOR UPDATE"); err != nil {
		return err
	}
	for _, table := range []string{"IR_RetrospectiveSection", "IR_Retrospective"} {
		if _, err := tx.Exec(ctx, tx.Builder().Delete(table).Where(sq.Eq{"IncidentID": incidentID})); err != nil {
			return errors.Wrap(err, "delete the retrospective of an incident")
		}
	}
	return nil
}

// newJob is the job of the reminder of a retrospective that is due.
func newJob(incidentID string, due, now int64) jobs.Job {
	return jobs.Job{ID: newID(), Kind: JobDue, Key: jobKey(incidentID, due), IncidentID: incidentID, DueAt: due, NextAttemptAt: due, CreateAt: now}
}
