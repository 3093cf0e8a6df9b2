// Package uses finds the plugin API calls and hooks that the plugin's code uses.
package uses

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Document is the file that lists what may be used, relative to the repository's root.
const Document = "docs/plugin-api.md"

const sdkPlugin = "github.com/mattermost/mattermost-server/v5/plugin"

// Uses are names of calls and hooks, each with the file that uses it first.
type Uses struct {
	Calls, Hooks map[string]string
	// Helpers are uses of the SDK's helpers, which make further calls: none is allowed.
	Helpers map[string]string
}

type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

// Find type-checks the server's packages, without their tests.
func Find(root string) (*Uses, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	list := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly", "./server/...")
	list.Dir = root
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages: %w", err)
	}
	exports := map[string]string{}
	var ours []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && len(p.GoFiles) > 0 {
			ours = append(ours, p)
		}
	}
	files := token.NewFileSet()
	load := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data of %s", path)
		}
		return os.Open(exports[path])
	})
	sdk, err := load.Import(sdkPlugin)
	if err != nil {
		return nil, err
	}
	s := &search{root: root, files: files, uses: &Uses{Calls: map[string]string{}, Hooks: map[string]string{}, Helpers: map[string]string{}},
		api: sdk.Scope().Lookup("API").Type(), helpers: sdk.Scope().Lookup("Helpers").Type(), hooks: sdk.Scope().Lookup("Hooks").Type()}
	for _, p := range ours {
		if err := s.scan(p, load); err != nil {
			return nil, err
		}
	}
	return s.uses, nil
}

type search struct {
	root                string
	files               *token.FileSet
	uses                *Uses
	api, helpers, hooks types.Type
}

func (s *search) scan(p listed, load types.Importer) error {
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(s.files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Selections: map[*ast.SelectorExpr]*types.Selection{}, Defs: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: load}).Check(p.ImportPath, s.files, parsed, info); err != nil {
		return err
	}
	for expr, selection := range info.Selections {
		method, ok := selection.Obj().(*types.Func)
		if !ok {
			continue
		}
		receiver, ok := method.Signature().Recv().Type().Underlying().(*types.Interface)
		switch {
		case !ok:
		case types.Identical(method.Signature().Recv().Type(), s.helpers):
			s.note(s.uses.Helpers, method.Name(), expr.Pos())
		case types.Implements(s.api, receiver): // the API itself, or a part of it that we named
			s.note(s.uses.Calls, method.Name(), expr.Pos())
		}
	}
	hooks := s.hooks.Underlying().(*types.Interface)
	for ident, object := range info.Defs {
		method, ok := object.(*types.Func)
		if !ok || method.Signature().Recv() == nil || p.ImportPath[strings.LastIndex(p.ImportPath, "/"):] != "/server" {
			continue
		}
		if named := receiverName(method); named != "Plugin" {
			continue
		}
		for n := range hooks.NumMethods() {
			if hooks.Method(n).Name() == method.Name() {
				s.note(s.uses.Hooks, method.Name(), ident.Pos())
			}
		}
	}
	return nil
}

func receiverName(method *types.Func) string {
	t := method.Signature().Recv().Type()
	if pointer, ok := t.(*types.Pointer); ok {
		t = pointer.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// note keeps the first file by name.
func (s *search) note(in map[string]string, name string, at token.Pos) {
	file, err := filepath.Rel(s.root, s.files.Position(at).Filename)
	if err != nil {
		file = s.files.Position(at).Filename
	}
	if file = filepath.ToSlash(file); in[name] == "" || file < in[name] {
		in[name] = file
	}
}

var row = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\|.*$")

// Allowed reads which calls and hooks the document allows: those in its tables that are compatible with every version.
func Allowed(root string) (map[string]bool, error) {
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(Document)))
	if err != nil {
		return nil, err
	}
	allowed := map[string]bool{}
	for _, match := range row.FindAllStringSubmatch(string(content), -1) {
		if !strings.Contains(match[0], "**") {
			allowed[match[1]] = true
		}
	}
	return allowed, nil
}
