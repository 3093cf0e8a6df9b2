package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// use is a place in the code, "file function", at which something of interest is named; "file" outside of functions.
type use struct{ place, what string }

// updateUses finds where incidents may be changed: who calls Update of app.Incidents, and who names what it takes.
func updateUses(name string, file *ast.File) (found []use) {
	eachFunc(name, file, func(place string, n ast.Node) {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Name == "UpdateRequest" {
				found = append(found, use{place, "UpdateRequest"})
			}
		case *ast.SelectorExpr:
			if n.Sel.Name == "Update" && strings.EqualFold(lastName(n.X), "incidents") {
				found = append(found, use{place, "Incidents.Update"})
			}
		}
	})
	return found
}

// mayUpdate are the places that updateUses may find.
var mayUpdate = map[use]bool{
	{"app/ports.go", "UpdateRequest"}:            true, // the type and the port
	{"store/change.go Update", "UpdateRequest"}:  true, // the port's implementation
	{"app/change.go Change", "UpdateRequest"}:    true,
	{"app/change.go Change", "Incidents.Update"}: true,
}

// publishUses finds where package app tells anybody of a change: websocket events, posts, and what the publisher does.
func publishUses(name string, file *ast.File) (found []use) {
	if !strings.HasPrefix(name, "app/") {
		return nil
	}
	eachFunc(name, file, func(place string, n ast.Node) {
		if n, ok := n.(*ast.SelectorExpr); ok {
			switch n.Sel.Name {
			case "Publish", "publish", "publishUpdated", "publishStarted", "CreatePost", "createPost", "PostOnce", "postAsBot", "say", "ChangePost":
				found = append(found, use{place, n.Sel.Name})
			}
		}
	})
	return found
}

// mayPublish are the places outside of publisher.go that publishUses may find.
var mayPublish = map[use]bool{
	{"app/websocket.go PublishToReaders", "Publish"}:    true, // what capabilities send
	{"app/websocket.go publishUpdated", "Publish"}:      true,
	{"app/change.go Change", "publish"}:                 true,
	{"app/change.go PublishStored", "publish"}:          true, // a change whose commit seemed to fail
	{"app/start.go start", "publishStarted"}:            true,
	{"app/lifecycle.go AnnounceInChannel", "postAsBot"}: true, // asked for by a user, and no change
}

// eventNames are JSON names that only events have.
var eventNames = regexp.MustCompile(`\b(checklist_id|status_post_id|reminder_at)\b`)

// eventColumns are the columns of an event's JSON.
var eventColumns = regexp.MustCompile(`\b(BeforeJSON|AfterJSON)\b`)

// eventJSONUses finds where the JSON of events is at hand, and where somebody decodes JSON there.
func eventJSONUses(name string, file *ast.File) (found []use) {
	decodes := map[string]bool{}
	eachFunc(name, file, func(place string, n ast.Node) {
		switch n := n.(type) {
		case *ast.Ident:
			switch {
			case n.Name == "EncodePayload" || n.Name == "DecodePayload" || eventColumns.MatchString(n.Name):
				found = append(found, use{place, "event JSON"})
			case n.Name == "Unmarshal" || n.Name == "NewDecoder" || n.Name == "UnmarshalRead" || n.Name == "UnmarshalDecode":
				decodes[place] = true
			}
		case *ast.SelectorExpr:
			if lastName(n.X) == "incident" && n.Sel.Name == "Unknown" {
				found = append(found, use{place, "event JSON"})
			}
		case *ast.BasicLit:
			if eventColumns.MatchString(n.Value) {
				found = append(found, use{place, "event JSON"})
			}
			if eventNames.MatchString(n.Value) {
				found = append(found, use{place, "names in event JSON"})
			}
		}
	})
	for _, u := range found {
		if decodes[u.place] {
			found = append(found, use{u.place, "decoding where event JSON is"})
		}
	}
	return found
}

// mayHoldEventJSON are the places that eventJSONUses may find outside of the codec. None of them parses it.
var mayHoldEventJSON = map[use]bool{
	{"store/change.go eventInsert", "event JSON"}:      true, // writes the columns
	{"store/incidents.go selectEvents", "event JSON"}:  true, // reads them
	{"store/incidents.go eventRows", "event JSON"}:     true, // hands them to the codec
	{"store/events.go EventSizes", "event JSON"}:       true, // measures them
	{"store/schema.go addRevisions", "event JSON"}:     true, // makes them
	{"export/json.go exported", "event JSON"}:          true, // gives them out
	{"timeline/entry.go ownEvent", "event JSON"}:       true, // likewise
	{"timeline/entry.go event", "event JSON"}:          true, // hands it to the codec
	{"roles/erase.go erase", "event JSON"}:             true, // hands them to the codec
	{"timeline/sql_page.go", "event JSON"}:             true, // selects it
	{"timeline/sql_page.go event", "event JSON"}:       true, // hands it to the codec
	{"store/count_versions.go affected", "event JSON"}: true, // hands them to the codec
	{"torture/engine/stored.go read", "event JSON"}:    true, // hands them to the codec
	{"torture/engine/replay.go Replay", "event JSON"}:  true, // shows them in an error
}

// lastName is the last name of an expression, without calls: "incidents" for s.incidents and for s.Incidents().
func lastName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.CallExpr:
		return lastName(x.Fun)
	case *ast.ParenExpr:
		return lastName(x.X)
	}
	return ""
}

// eachFunc visits all nodes of a file with their places.
func eachFunc(name string, file *ast.File, visit func(place string, n ast.Node)) {
	for _, decl := range file.Decls {
		place := name
		if fn, ok := decl.(*ast.FuncDecl); ok {
			place += " " + fn.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if n != nil {
				visit(place, n)
			}
			return true
		})
	}
}

// production parses the production files of the server, and those of the engine of the torture, by name.
func production(t *testing.T) map[string]*ast.File {
	t.Helper()
	roots := map[string]string{".": "", "../build/torture/engine": "torture/engine/", "../test/torture/engine": "torture/engine/"}
	found, engine := map[string]*ast.File{}, 0
	for root, prefix := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) && path == root {
				return nil
			}
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			found[prefix+filepath.ToSlash(name)] = parsed
			if prefix != "" {
				engine++
			}
			return err
		})
		require.NoError(t, err)
	}
	require.NotZero(t, engine, "the engine of the torture was not found")
	return found
}

// TestArchitecture_OneChangeFunction keeps app.Service.Change the only caller of Incidents.Update.
func TestArchitecture_OneChangeFunction(t *testing.T) {
	seen, calls := map[use]bool{}, 0
	for name, file := range production(t) {
		for _, u := range updateUses(name, file) {
			assert.Contains(t, mayUpdate, u, "an incident changes through app.Service.Change only")
			seen[u] = true
			if u.what == "Incidents.Update" {
				calls++
			}
		}
	}
	assert.Equal(t, mayUpdate, seen)
	assert.Equal(t, 1, calls, "calls of Incidents.Update")
}

// TestArchitecture_OnePublisher keeps app/publisher.go the only place that decides what follows from a change.
func TestArchitecture_OnePublisher(t *testing.T) {
	seen := map[use]bool{}
	for name, file := range production(t) {
		if name == "app/publisher.go" {
			continue
		}
		for _, u := range publishUses(name, file) {
			assert.Contains(t, mayPublish, u, "what follows from a change is decided in app/publisher.go only")
			seen[u] = true
		}
	}
	assert.Equal(t, mayPublish, seen)
}

// TestArchitecture_OneEventCodec keeps incident/event_codec.go the only parser of an event's JSON.
func TestArchitecture_OneEventCodec(t *testing.T) {
	seen := map[use]bool{}
	for name, file := range production(t) {
		if name == "incident/event_codec.go" {
			continue
		}
		for _, u := range eventJSONUses(name, file) {
			assert.Contains(t, mayHoldEventJSON, u, "the JSON of events is read by incident.DecodePayload only")
			seen[u] = true
		}
	}
	assert.Equal(t, mayHoldEventJSON, seen)
}

// The rules notice what they are there for.
func TestArchitecture_RulesOfEventsNotice(t *testing.T) {
	for source, want := range map[string]use{
		"func (s *Service) end() { s.incidents.Update(nil, r, nil) }":                                {"app/end.go end", "Incidents.Update"},
		"func (s *Service) end() { update := (s.incidents).Update; _ = update }":                     {"app/end.go end", "Incidents.Update"},
		"func end(s *Store) { s.Incidents().Update(nil, r, nil) }":                                   {"app/end.go end", "Incidents.Update"},
		"func end(in Incidents) { in.Update(nil, UpdateRequest{}, nil) }":                            {"app/end.go end", "UpdateRequest"},
		"func end(in app.Incidents) { var r app.UpdateRequest; in.Update(nil, r, nil) }":             {"app/end.go end", "UpdateRequest"},
		"func end(e *incident.Event) { _, after := incident.EncodePayload(e.Payload); read(after) }": {"app/end.go end", "event JSON"},
		"func end(p incident.Payload) { u := p.(incident.Unknown); read(u.After) }":                  {"app/end.go end", "event JSON"},
		"func end() { query(\"SELECT AfterJSON FROM IR_Event\") }":                                   {"app/end.go end", "event JSON"},
		"func end(r *row) { _ = json.Unmarshal(r.AfterJSON, &r) }":                                   {"app/end.go end", "decoding where event JSON is"},
		"func (s *Service) end() { s.host.Publish(name, payload, to) }":                              {"app/end.go end", "Publish"},
		"func (s *Service) end() { s.say(channel, message) }":                                        {"app/end.go end", "say"},
		"type side struct { ID string `json:\"checklist_id\"` }":                                     {"app/end.go", "names in event JSON"},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "end.go", fmt.Sprint("package app\n", source), 0)
		require.NoError(t, err)
		var found []use
		for _, rule := range []func(string, *ast.File) []use{updateUses, publishUses, eventJSONUses} {
			found = append(found, rule("app/end.go", file)...)
		}
		assert.Contains(t, found, want, source)
	}
}
