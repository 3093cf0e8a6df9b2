//go:build store

package store

import (
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Stages and the values of events are stored as they are counted: what is special in HTML is not escaped. Version 1.2.0
// escaped it; that is read as the same, and written in the short form with the next change.
func TestStagesAreStoredWithoutEscapesForHTML(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, db *testdb.Database) {
		const text = `<b title="x">&</b> <!-- ` + "\u2028 \\u003c"
		stored := func(column, table, id string) string {
			t.Helper()
			return one[string](t, s, "SELECT "+column+" FROM "+table+" WHERE ID = ?", id)
		}
		plain := func(what, json string) {
			t.Helper()
			if !strings.Contains(json, "<!--") || strings.Contains(strings.ReplaceAll(json, `\\u003c`, ""), `\u003c`) {
				t.Errorf("%s is stored as %s", what, json)
			}
		}
		p := newPlaybook("Outage", "anna")
		p.Checklists[0].Tasks[0].Description = text
		require.NoError(t, s.Playbooks().Create(t.Context(), p, 0))
		json := stored("ChecklistsJSON", "IR_Playbook", p.ID)
		plain("a playbook", json)
		assert.Equal(t, incident.StagesBytes(p.Checklists), len(json), "length")

		inc := newIncident(2)
		inc.Checklists[0].Tasks[0].Description = text
		inc = create(t, s, inc)
		json = stored("ChecklistsJSON", "IR_Incident", inc.ID)
		plain("an incident", json)
		assert.Equal(t, incident.StagesBytes(inc.Checklists), len(json), "length")

		escaped := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(json)
		for _, table := range []string{"IR_Incident", "IR_Playbook"} {
			s.sql(t, "UPDATE "+table+" SET ChecklistsJSON = ? WHERE ID IN (?, ?)", escaped, inc.ID, p.ID)
		}
		got, _, err := s.Playbooks().View(t.Context(), p.ID, "")
		require.NoError(t, err)
		assert.Equal(t, text, got.Checklists[0].Tasks[0].Description, "description in the playbook")
		require.NoError(t, s.Playbooks().Update(t.Context(), p.ID, func(p *playbook.Playbook) error { p.Title = "New"; return nil }))
		plain("a playbook that 1.2.0 had stored", stored("ChecklistsJSON", "IR_Playbook", p.ID))

		read := load(t, s, inc.ID)
		assert.Equal(t, text, read.Checklists[0].Tasks[0].Description, "description in the incident")
		long := text
		_, event := change(t, s, inc.ID, func(i *incident.Incident) (*incident.ChangeSet, error) {
			return i.EditTask(incident.At(0), incident.At(1), "new", "", &long, "anna", 7)
		})
		plain("an incident that 1.2.0 had stored", stored("ChecklistsJSON", "IR_Incident", inc.ID))
		plain("an event", stored("AfterJSON", "IR_Event", event.ID))
	})
}
