package release

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

// printList returns a command that prints a list of components, as the tools do.
func printList(t *testing.T, list string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.json")
	if err := os.WriteFile(path, []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	return exec.Command("cat", path)
}

func newCollection() *collection {
	return &collection{components: map[string]cyclonedx.Component{}, dependsOn: map[string][]string{}}
}

func TestCollection_UnitesTheLists(t *testing.T) {
	c := newCollection()
	for _, list := range []string{
		`{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"bom-ref":"server","type":"application","name":"server"}},
			"components":[{"bom-ref":"a@1","type":"library","name":"a","version":"1"},{"bom-ref":"linux@1","type":"library","name":"linux","version":"1"}],
			"dependencies":[{"ref":"server","dependsOn":["a@1"]},{"ref":"a@1","dependsOn":["linux@1"]}]}`,
		`{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"bom-ref":"server","type":"application","name":"server"}},
			"components":[{"bom-ref":"a@1","type":"library","name":"a","version":"1"},{"bom-ref":"windows@1","type":"library","name":"windows","version":"1"}],
			"dependencies":[{"ref":"server","dependsOn":["a@1"]},{"ref":"a@1","dependsOn":["windows@1"]}]}`,
		`{"bomFormat":"CycloneDX","specVersion":"1.5","metadata":{"component":{"bom-ref":"web","type":"library","name":"web"}},"components":[]}`,
	} {
		if err := c.addOutput(printList(t, list)); err != nil {
			t.Fatal(err)
		}
	}
	bom := c.bom(&bundle.Manifest{ID: "plugin", Version: "1.0.0"}, time.Unix(0, 0))
	var names []string
	for _, component := range *bom.Components {
		names = append(names, component.BOMRef)
	}
	if want := []string{"a@1", "linux@1", "server", "web", "windows@1"}; !slices.Equal(names, want) {
		t.Errorf("the components are %v, want %v", names, want)
	}
	needs := map[string][]string{}
	for _, dependency := range *bom.Dependencies {
		needs[dependency.Ref] = *dependency.Dependencies
	}
	for ref, want := range map[string][]string{"plugin": {"server", "web"}, "server": {"a@1"}, "a@1": {"linux@1", "windows@1"}, "web": nil} {
		if !slices.Equal(needs[ref], want) {
			t.Errorf("%s needs %v, want %v", ref, needs[ref], want)
		}
	}
}

func TestCollection_RefusesWhatIsNoList(t *testing.T) {
	for _, list := range []string{"", "{}", "no such command", `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}`} {
		if err := newCollection().addOutput(printList(t, list)); err == nil {
			t.Errorf("%q was taken for a list", list)
		}
	}
	if err := newCollection().addOutput(exec.Command("sh", "-c", "echo broken >&2; exit 1")); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a tool that failed: %v", err)
	}
}

func TestCollection_MustHaveTheModulesOfTheExecutables(t *testing.T) {
	root := t.TempDir()
	manifest := &bundle.Manifest{}
	manifest.Server.Executables = map[string]string{"linux-amd64": "plugin"}
	build := exec.Command("go", "build", "-o", filepath.Join(root, "plugin"), "../pluginctl")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	c := newCollection()
	if err := c.checkExecutables(root, manifest); err == nil || !strings.Contains(err.Error(), "is not in the list") {
		t.Errorf("an empty list: %v", err)
	}
	info, err := buildinfo.ReadFile(filepath.Join(root, "plugin"))
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range info.Deps {
		c.components[module.Path] = cyclonedx.Component{Name: module.Path, Version: module.Version}
	}
	if err := c.checkExecutables(root, manifest); err != nil {
		t.Error(err)
	}
}
