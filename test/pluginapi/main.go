// Program pluginapi compares the plugin API calls and hooks that the plugin uses with those of other versions of
// Mattermost, by the rules of encoding/gob, in which plugin and server talk. It writes docs/plugin-api.md, which is at
// the same time the list of calls that the code may use: a test of package server compares both.
//
// Run it after using another call, or to look at another version:
//
//	go -C test run ./pluginapi
//
// It downloads the modules of the versions from the Go module proxy.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
	"github.com/mattermost/mattermost-plugin-incident-management/test/pluginapi/uses"
)

// release is a version of Mattermost as a Go module.
type release struct{ name, module, version string }

var (
	sdk     = release{"5.28", "github.com/mattermost/mattermost-server/v5", "v5.28.0"}
	servers = []release{
		{"5.39.3", "github.com/mattermost/mattermost-server/v5", "v5.39.3"},
		{"6.7.2", "github.com/mattermost/mattermost-server/v6", "v6.7.2"},
		{"11.4.0", "github.com/mattermost/mattermost/server/public", "v0.1.22-0.20260113165922-8e4cadbc88ee"},
	}
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "pluginapi:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root, err := bundle.RepoRoot()
	if err != nil {
		return err
	}
	used, err := uses.Find(root)
	if err != nil {
		return err
	}
	var names []string
	for name := range used.Calls {
		names = append(names, name)
	}
	for name := range used.Hooks {
		names = append(names, name)
	}
	sort.Strings(names)
	ours, err := describe(ctx, sdk, names)
	if err != nil {
		return err
	}
	theirs := make([]wire, len(servers))
	for n, r := range servers {
		if theirs[n], err = describe(ctx, r, names); err != nil {
			return err
		}
	}
	text, incompatible := document(used, ours, theirs)
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(uses.Document)), []byte(text), 0o644); err != nil {
		return err
	}
	if len(incompatible) > 0 {
		return fmt.Errorf("not compatible, so not to be used: %s", strings.Join(incompatible, ", "))
	}
	return nil
}

// document is the text of docs/plugin-api.md, and which calls and hooks are not compatible.
func document(used *uses.Uses, ours wire, theirs []wire) (text string, incompatible []string) {
	var b strings.Builder
	b.WriteString(`# Plugin API calls and hooks in use

Written by ` + "`go -C test run ./pluginapi`" + `. The plugin is built against the SDK of Mattermost ` + sdk.name + `, and plugin and server talk in
Go's gob. Gob ignores fields that only the sender has and leaves those zero that only the receiver has ("fields"
below). It refuses a value whose type became another kind, and after one refused answer every later call fails, so such
a call must not be used at all. A call that is not in the first table must not be used either: a test says so.

The versions compared with the SDK: `)
	for n, r := range servers {
		if n > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (`%s %s`)", r.name, r.module, r.version)
	}
	b.WriteString(".\n")
	for _, section := range []struct {
		title string
		files map[string]string
		hook  bool
	}{{"Calls", used.Calls, false}, {"Hooks", used.Hooks, true}} {
		fmt.Fprintf(&b, "\n## %s\n\n| name | first used in | types |", section.title)
		for _, r := range servers {
			b.WriteString(" " + r.name + " |")
		}
		b.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(servers)) + "\n")
		var names []string
		for name := range section.files {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(&b, "| `%s` | %s | %s |", name, section.files[name], ours.signature(name))
			for n := range theirs {
				result := compareCall(ours, theirs[n], name, section.hook)
				if strings.HasPrefix(result, "**") {
					incompatible = append(incompatible, name+" on "+servers[n].name)
				}
				b.WriteString(" " + result + " |")
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n## Values behind interfaces\n\n" + registered(ours, theirs))
	return b.String(), incompatible
}
