package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

// wire is what a version of Mattermost sends and takes for some calls and hooks.
type wire struct {
	// Calls has a pair of types for each call or hook that the version knows: arguments and answer.
	Calls map[string][2]string
	Types map[string]*kind
	// Registered are the names under which values can stand behind an interface.
	Registered []string `json:"-"`
}

// kind is a type as gob sees it.
type kind struct {
	// Kind is one of bool, int, uint, float, complex, string, bytes, array, slice, map, struct, interface and encoder,
	// which is a type that encodes itself.
	Kind      string
	Key, Elem string            // of maps, slices and arrays
	Len       int               // of arrays
	Fields    map[string]string // of structs: name and type
}

// describe builds a program in a module of its own that prints the types by reflection, and runs it.
func describe(ctx context.Context, r release, names []string) (wire, error) {
	var w wire
	dir, err := os.MkdirTemp("", "pluginapi")
	if err != nil {
		return w, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	command := func(args ...string) ([]byte, error) {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off", "GONOSUMDB=github.com/mattermost/*")
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: go %s: %w", r.name, strings.Join(args, " "), err)
		}
		return out, nil
	}
	mod := fmt.Sprintf("module describe\n\ngo 1.25\n\nrequire %s %s\n", r.module, r.version)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644); err != nil {
		return w, err
	}
	source, err := command("list", "-m", "-f", "{{.Dir}}", r.module)
	if err != nil {
		return w, err
	}
	if len(strings.TrimSpace(string(source))) == 0 {
		if _, err := command("mod", "download", r.module); err != nil {
			return w, err
		}
		if source, err = command("list", "-m", "-f", "{{.Dir}}", r.module); err != nil {
			return w, err
		}
	}
	code, err := readPackage(filepath.Join(strings.TrimSpace(string(source)), "plugin"))
	if err != nil {
		return w, err
	}
	var entries strings.Builder
	for _, name := range names {
		if strings.Contains(code, "type Z_"+name+"Args struct") {
			answer := "struct{}{}" // ServeHTTP streams its answer
			if strings.Contains(code, "type Z_"+name+"Returns struct") {
				answer = "plugin.Z_" + name + "Returns{}"
			}
			fmt.Fprintf(&entries, "\t\"%s\": {reflect.TypeOf(plugin.Z_%[1]sArgs{}), reflect.TypeOf(%s)},\n", name, answer)
		}
	}
	program := strings.ReplaceAll(strings.ReplaceAll(describer, "%module%", r.module), "%calls%", entries.String())
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o644); err != nil {
		return w, err
	}
	out, err := command("run", "-ldflags=-checklinkname=0", ".")
	if err != nil {
		return w, err
	}
	if err := json.Unmarshal(out, &w); err != nil {
		return w, err
	}
	w.Registered = registrations(code)
	return w, nil
}

func readPackage(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	var code strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		code.Write(content)
	}
	if code.Len() == 0 {
		return "", fmt.Errorf("%s has no source", dir)
	}
	return code.String(), nil
}

var registration = regexp.MustCompile(`(?m)^\s*gob\.Register\((.*)\)$`)

// registrations are the types of values that a version allows behind interfaces.
func registrations(code string) (names []string) {
	for _, match := range registration.FindAllStringSubmatch(code, -1) {
		names = append(names, strings.TrimSuffix(strings.ReplaceAll(match[1], "any", "interface{}"), "{}"))
	}
	sort.Strings(names)
	return names
}

// describer is the program. What it prints is a wire.
const describer = `package main

import (
	"encoding"
	"encoding/gob"
	"encoding/json"
	"os"
	"reflect"
	"unicode"
	"unicode/utf8"

	"%module%/plugin"
)

var calls = map[string][2]reflect.Type{
%calls%}

type kind struct {
	Kind      string
	Key, Elem string
	Len       int
	Fields    map[string]string
}

var types = map[string]*kind{}

var (
	gobber = reflect.TypeOf((*gob.GobEncoder)(nil)).Elem()
	binary = reflect.TypeOf((*encoding.BinaryMarshaler)(nil)).Elem()
)

func name(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := t.String()
	if t.Name() != "" && t.PkgPath() != "" {
		name = t.Name()
		if t.PkgPath() != "%module%/model" {
			name = t.String()
		}
	}
	if types[name] == nil {
		types[name] = &kind{}
		*types[name] = of(t)
	}
	return name
}

func of(t reflect.Type) kind {
	pointer := reflect.PointerTo(t)
	if t.Kind() != reflect.Interface && (t.Implements(gobber) || pointer.Implements(gobber) || t.Implements(binary) || pointer.Implements(binary)) {
		return kind{Kind: "encoder"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return kind{Kind: "bool"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return kind{Kind: "int"}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return kind{Kind: "uint"}
	case reflect.Float32, reflect.Float64:
		return kind{Kind: "float"}
	case reflect.Complex64, reflect.Complex128:
		return kind{Kind: "complex"}
	case reflect.String:
		return kind{Kind: "string"}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return kind{Kind: "bytes"}
		}
		return kind{Kind: "slice", Elem: name(t.Elem())}
	case reflect.Array:
		return kind{Kind: "array", Elem: name(t.Elem()), Len: t.Len()}
	case reflect.Map:
		return kind{Kind: "map", Key: name(t.Key()), Elem: name(t.Elem())}
	case reflect.Interface:
		return kind{Kind: "interface"}
	case reflect.Struct:
		fields := map[string]string{}
		for n := 0; n < t.NumField(); n++ {
			f := t.Field(n)
			first, _ := utf8.DecodeRuneInString(f.Name)
			inner := f.Type
			for inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if unicode.IsUpper(first) && inner.Kind() != reflect.Chan && inner.Kind() != reflect.Func {
				fields[f.Name] = name(f.Type)
			}
		}
		return kind{Kind: "struct", Fields: fields}
	}
	return kind{Kind: "unknown " + t.String()}
}

func main() {
	out := struct {
		Calls map[string][2]string
		Types map[string]*kind
	}{map[string][2]string{}, types}
	for call, pair := range calls {
		out.Calls[call] = [2]string{name(pair[0]), name(pair[1])}
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}
`
