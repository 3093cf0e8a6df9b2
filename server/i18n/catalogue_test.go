package i18n

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// complete are the languages that must have every text. Others may lack some, which are shown in English.
var complete = []string{"de"}

// untranslated are folders whose texts stay in English: testtools is for test servers only.
var untranslated = []string{"testtools", "testdb", "costtest", "apitest", "jobstest", "callcount", "testdata", "commandtest", "hosttest", "storetest"}

// texts are the functions that take a text, and which of their arguments it is.
var texts = map[string]int{"NewError": 2, "InvalidField": 1, "UsageError": 0, "NewText": 0, "T": 0, "N": 0}

// eachPackage calls see with the sources of each folder whose texts are translated.
func eachPackage(t *testing.T, see func(folder string, files *token.FileSet, sources []*ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if slices.Contains(untranslated, d.Name()) {
			return filepath.SkipDir
		}
		sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
		var parsed []*ast.File
		for _, source := range sources {
			if strings.HasSuffix(source, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(files, source, nil, 0)
			if err != nil {
				return err
			}
			parsed = append(parsed, file)
		}
		see(d.Name(), files, parsed)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// extract returns the English texts of the server, each with a place where it is used.
func extract(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	eachPackage(t, func(_ string, files *token.FileSet, sources []*ast.File) { extractPackage(t, files, sources, found) })
	return found
}

// shown are the functions that show somebody what they are given.
var shown = []string{"Say", "say"}

// words are in a literal that people read.
var words = regexp.MustCompile(`\pL{2,} \pL{2,}`)

// What is shown to somebody comes from a catalogue: no literal is shown that did not go through one of texts.
func TestTexts_ThatAreShownAreTranslated(t *testing.T) {
	looked := 0
	eachPackage(t, func(_ string, files *token.FileSet, sources []*ast.File) {
		for _, source := range sources {
			ast.Inspect(source, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || !slices.Contains(shown, calledName(call)) {
					return true
				}
				looked++
				ast.Inspect(call, func(n ast.Node) bool {
					if inner, ok := n.(*ast.CallExpr); ok {
						if _, translates := texts[calledName(inner)]; translates {
							return false
						}
					}
					literal, ok := n.(*ast.BasicLit)
					if ok && literal.Kind == token.STRING && words.MatchString(literal.Value) {
						t.Errorf("%s: %s is shown without a translation", files.Position(literal.Pos()), literal.Value)
					}
					return true
				})
				return true
			})
		}
	})
	if looked < 20 {
		t.Errorf("only %d calls were looked at", looked)
	}
}

// shownFields are the fields of help lines, suggestions, sections, facts and dialogs that people read, shownArguments the arguments of
// functions that make such.
var (
	shownFields    = []string{"Help", "HelpText", "Title", "Label", "DisplayName", "Placeholder", "IntroductionText", "SubmitLabel"}
	shownArguments = map[string]int{"NewAutocompleteData": 2, "AddTextArgument": 0, "AddDynamicListArgument": 0, "AddStaticListArgument": 0, "AddNamedTextArgument": 1}
)

// Help lines, suggestions and titles are translated where they are shown: a literal that people read went through one of texts.
func TestTexts_OfHelpAndDialogsAreTranslated(t *testing.T) {
	looked := 0
	eachPackage(t, func(folder string, files *token.FileSet, sources []*ast.File) {
		if folder == "metrics" { // for programs
			return
		}
		literal := func(e ast.Expr) {
			looked++
			if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING && words.MatchString(l.Value) {
				t.Errorf("%s: %s is shown without a translation", files.Position(l.Pos()), l.Value)
			}
		}
		for _, source := range sources {
			ast.Inspect(source, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && slices.Contains(shownFields, key.Name) {
						literal(n.Value)
					}
				case *ast.CallExpr:
					if at, ok := shownArguments[calledName(n)]; ok && len(n.Args) > at {
						literal(n.Args[at])
					}
				}
				return true
			})
		}
	})
	if looked < 50 {
		t.Errorf("only %d texts were looked at", looked)
	}
}

// calledName is the name of the function that is called, without its package or receiver.
func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func extractPackage(t *testing.T, files *token.FileSet, sources []*ast.File, found map[string]string) {
	inspect := func(see func(n ast.Node) bool) {
		for _, source := range sources {
			ast.Inspect(source, see)
		}
	}
	constants := map[string]ast.Expr{}
	inspect(func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
			for i, name := range v.Names {
				constants[name.Name] = v.Values[i]
			}
		}
		return true
	})
	var value func(e ast.Expr) (string, bool)
	value = func(e ast.Expr) (string, bool) {
		switch e := e.(type) {
		case *ast.BasicLit:
			text, err := strconv.Unquote(e.Value)
			return text, err == nil && e.Kind == token.STRING
		case *ast.BinaryExpr:
			x, okX := value(e.X)
			y, okY := value(e.Y)
			return x + y, okX && okY && e.Op == token.ADD
		case *ast.Ident:
			if c := constants[e.Name]; c != nil {
				return value(c)
			}
		}
		return "", false
	}
	inspect(func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		name := calledName(call)
		if _, own := call.Fun.(*ast.Ident); own && name == "refuse" { // of package command
			name = "UsageError"
		}
		at, known := texts[name]
		if !known || len(call.Args) <= at {
			return true
		}
		place := files.Position(call.Pos()).String()
		text, constant := value(call.Args[at])
		if !constant {
			if ident, ok := call.Args[at].(*ast.Ident); !ok || ident.Name != "format" { // passed on by a function of texts
				t.Errorf("%s: the text of %s is no constant", place, name)
			}
			return true
		}
		if regexp.MustCompile(`\pL`).MatchString(verb.ReplaceAllString(text, "")) {
			found[text] = place
		}
		return true
	})
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?([a-zA-Z%])`)

// verbs lists the verbs of a format by the value that each shows.
func verbs(format string) (all []string) {
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		all = append(all, fmt.Sprint(next, m[2]))
		next++
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestCatalogues_AreCompleteAndHaveNothingElse(t *testing.T) {
	used := extract(t)
	if len(used) < 100 {
		t.Fatalf("only %d texts were found", len(used))
	}
	for text, place := range used {
		if strings.Contains(verb.ReplaceAllString(text, ""), "%") {
			t.Errorf("%s: write %%%% for the sign in %q", place, text)
		}
	}
	for _, tag := range complete {
		if languages[tag] == nil {
			t.Errorf("%s.json is missing", tag)
		}
	}
	for tag, l := range languages {
		missing := map[string]string{}
		for text := range used {
			if l.texts[text] == "" && slices.Contains(complete, tag) {
				missing[text] = ""
			}
		}
		if len(missing) > 0 {
			list, _ := json.MarshalIndent(missing, "", "  ")
			t.Errorf("%s.json lacks %d texts: %s", tag, len(missing), unescaped(list))
		}
		for text, translated := range l.texts {
			if used[text] == "" {
				t.Errorf("%s.json has a text that is not used: %q", tag, text)
			}
			if !slices.Equal(verbs(text), verbs(translated)) {
				t.Errorf("%s.json: %q has other values than %q", tag, translated, text)
			}
			if strings.Count(text, "`") != strings.Count(translated, "`") || strings.Count(text, "**") != strings.Count(translated, "**") {
				t.Errorf("%s.json: %q has other marks than %q", tag, translated, text)
			}
			if strings.HasPrefix(text, " ") != strings.HasPrefix(translated, " ") || strings.HasSuffix(text, " ") != strings.HasSuffix(translated, " ") {
				t.Errorf("%s.json: %q begins or ends otherwise than %q", tag, translated, text)
			}
		}
	}
}

func unescaped(list []byte) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(list))
}

// Catalogues are sorted, so that two people who add texts do so in different places.
func TestCatalogues_AreSorted(t *testing.T) {
	for tag := range languages {
		content, err := os.ReadFile(tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(strings.NewReader(string(content)))
		last := ""
		_, _ = decoder.Token() // {
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				t.Fatal(err)
			}
			_, _ = decoder.Token()
			if name := key.(string); name <= last {
				t.Errorf("%s.json: %q must stand before %q", tag, name, last)
			} else {
				last = name
			}
		}
	}
}
