package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// deleting is what SQL does to rows and tables.
var deleting = regexp.MustCompile(`\b(DELETE FROM|TRUNCATE|DROP TABLE|REPLACE INTO)\b`)

// deleteUses finds where rows or tables are deleted: a builder's Delete with its table, and statements in text.
func deleteUses(name string, file *ast.File) (found []use) {
	eachFunc(name, file, func(place string, n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if fn, ok := n.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "Delete" && len(n.Args) == 1 {
				found = append(found, use{place, tableName(n.Args[0])})
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				for _, what := range deleting.FindAllString(n.Value, -1) {
					found = append(found, use{place, what})
				}
			}
		}
	})
	return found
}

// tableName is the text of a string, or the name of a constant or variable.
func tableName(x ast.Expr) string {
	if literal, ok := x.(*ast.BasicLit); ok {
		return strings.Trim(literal.Value, `"`+"`")
	}
	return lastName(x)
}

// mayDelete are the places that deleteUses may find. What happened in an incident is deleted by the functions that are called when a
// system administrator deletes the incident, and by nuke-db on servers for tests.
var mayDelete = map[use]bool{
	// The deletion of an incident.
	{"store/erase.go Erase", "IR_Incident"}:               true,
	{"store/erase.go Erase", "IR_Job"}:                    true,
	{"store/erase.go Erase", "table"}:                     true, // the other tables of the core
	{"timeline/sql_write.go erase", "IR_TimelineVersion"}: true,
	{"timeline/sql_write.go erase", "table"}:              true,
	{"followups/write.go erase", "IR_FollowUpHistory"}:    true,
	{"followups/write.go erase", "table"}:                 true,
	{"retrospective/sql.go erase", "table"}:               true,
	{"status/follow.go erase", "copyTable"}:               true,
	{"absence/sql.go erase", "IR_CommanderAbsence"}:       true,
	// nuke-db.
	{"store/migrate.go Nuke", "DROP TABLE"}:          true,
	{"store/migrate.go Nuke", "PluginKeyValueStore"}: true, // subscriptions of version 1.2.0
	{"status/sql.go clear", "table"}:                 true, // pending reminders

	// No evidence: jobs.
	{"store/extend.go DropJob", "IR_Job"}:         true,
	{"store/extend.go SetJob", "IR_Job"}:          true,
	{"store/change.go completeJob", "IR_Job"}:     true,
	{"store/jobs.go Complete", "IR_Job"}:          true,
	{"store/jobs.go Withdraw", "IR_Job"}:          true,
	{"store/jobs.go Purge", "IR_Job"}:             true,
	{"store/jobs.go completeUnclaimed", "IR_Job"}: true,
	// Pending reminders, in Mattermost's key-value table.
	{"status/sql.go set", "table"}:              true,
	{"status/sql.go cancel", "table"}:           true,
	{"status/sql_adopt.go forgetGone", "table"}: true,
	// Of whom a channel was told, and where the copy of a status update is whose post is gone.
	{"absence/sql.go forgetReturned", "IR_CommanderAbsence"}: true,
	{"absence/sql.go forgetIn", "IR_CommanderAbsence"}:       true,
	{"absence/sql.go forget", "IR_CommanderAbsence"}:         true,
	{"status/follow.go remove", "copyTable"}:                 true,
	// Keys of requests that are a day old, members of playbooks, subscriptions.
	{"store/create.go Create", "IR_IdempotencyKey"}:                       true,
	{"store/playbooks.go saveMembers", "IR_PlaybookMember"}:               true,
	{"store/subscriptions.go deleteSubscriptions", "IR_Subscription"}:     true,
	{"store/subscriptions.go deleteSubscriptions", "PluginKeyValueStore"}: true,
	// Migrations: rows that were there twice, and a table whose rows have become jobs.
	{"store/keys.go removeEqualRows", "DELETE FROM"}:     true,
	{"store/job_schema.go moveLooseEnds", "IR_LooseEnd"}: true,
}

// TestArchitecture_NothingElseDeletesEvidence keeps the deletion of an incident the only way to remove what happened in it.
func TestArchitecture_NothingElseDeletesEvidence(t *testing.T) {
	seen := map[use]bool{}
	for name, file := range production(t) {
		if strings.HasPrefix(name, "torture/") {
			continue
		}
		for _, u := range deleteUses(name, file) {
			assert.Contains(t, mayDelete, u, "evidence is deleted by capability erase only; say why in mayDelete if this is none")
			seen[u] = true
		}
	}
	assert.Equal(t, mayDelete, seen)
}

// eraseUses finds where the deletion of an incident may begin.
func eraseUses(name string, file *ast.File) (found []use) {
	eachFunc(name, file, func(place string, n ast.Node) {
		if call, ok := n.(*ast.CallExpr); ok {
			if fn, ok := call.Fun.(*ast.SelectorExpr); ok && fn.Sel.Name == "Erase" {
				found = append(found, use{place, lastName(fn.X)})
			}
		}
	})
	return found
}

// TestArchitecture_OneErasure keeps capability erase, which asks for an administrator, the only one that deletes incidents.
func TestArchitecture_OneErasure(t *testing.T) {
	seen := map[use]bool{}
	for name, file := range production(t) {
		for _, u := range eraseUses(name, file) {
			seen[u] = true
		}
	}
	assert.Equal(t, map[use]bool{
		{"erase/erase.go erase", "data"}: true,
		{"store/erase.go Erase", "c"}:    true, // what each capability deletes
	}, seen)
}

// The rules notice what they are there for.
func TestArchitecture_RulesOfEvidenceNotice(t *testing.T) {
	for source, want := range map[string]use{
		`func (d *database) tidy() { d.Exec(nil, d.Builder().Delete("IR_Event")) }`:  {"pager/sql.go tidy", "IR_Event"},
		`func (d *database) tidy() { d.Exec(nil, d.Builder().Delete(pages)) }`:       {"pager/sql.go tidy", "pages"},
		`func (d *database) tidy() { d.Exec(nil, sq.Expr("DELETE FROM IR_Event")) }`: {"pager/sql.go tidy", "DELETE FROM"},
		"const tidy = `TRUNCATE IR_Event`":                                           {"pager/sql.go", "TRUNCATE"},
		`func tidy(d capability.Database) { d.Erase(nil, id, nil, fn) }`:             {"pager/sql.go tidy", "d"},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "sql.go", fmt.Sprint("package pager\n", source), 0)
		require.NoError(t, err)
		assert.Contains(t, append(deleteUses("pager/sql.go", file), eraseUses("pager/sql.go", file)...), want, source)
	}
}
