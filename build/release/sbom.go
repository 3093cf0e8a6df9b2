package release

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/mattermost/mattermost-plugin-incident-management/build/bundle"
)

// gomod is pinned, so that the same sources give the same list.
const gomod = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// specVersion is that of npm, the older one of our two tools.
const specVersion = cyclonedx.SpecVersion1_5

// WriteSBOM writes what the plugin is made of, in the format CycloneDX: the Go
// modules that are linked for any of the platforms, with the Go version, and
// the npm packages that the web part depends on. The executables must have been built.
func WriteSBOM(ctx context.Context, root, path string, now time.Time, output io.Writer) error {
	manifest, err := bundle.Load(root)
	if err != nil {
		return err
	}
	all := collection{components: map[string]cyclonedx.Component{}, dependsOn: map[string][]string{}}
	if err := all.addServer(ctx, root, manifest, output); err != nil {
		return err
	}
	if err := all.addWeb(ctx, root); err != nil {
		return err
	}
	// This is the only place where it shows that a tool has skipped something.
	if err := all.checkExecutables(root, manifest); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := cyclonedx.NewBOMEncoder(file, cyclonedx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
	return errors.Join(encoder.EncodeVersion(all.bom(manifest, now), specVersion), file.Close())
}

// collection gathers the components of several lists.
type collection struct {
	components map[string]cyclonedx.Component // by reference
	dependsOn  map[string][]string
	parts      []string // references of server and web part
}

func (c *collection) addServer(ctx context.Context, root string, manifest *bundle.Manifest, output io.Writer) error {
	tools := filepath.Join(root, ".cache", "tools")
	if err := os.MkdirAll(tools, 0o755); err != nil {
		return err
	}
	install := exec.CommandContext(ctx, "go", "install", gomod)
	install.Dir, install.Env = root, append(os.Environ(), "GOBIN="+tools, "GOFLAGS=")
	install.Stdout, install.Stderr = output, output
	if err := install.Run(); err != nil {
		return fmt.Errorf("install %s: %w", gomod, err)
	}
	for _, platform := range manifest.Platforms() {
		goos, goarch, _ := strings.Cut(platform, "-")
		list := exec.CommandContext(ctx, filepath.Join(tools, "cyclonedx-gomod"), "app", "-json", "-licenses", "-std", "-short-purls",
			"-noserial", "-notimestamp", "-output-version", specVersion.String(), "-main", "server", ".")
		list.Dir = root
		list.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=-tags="+bundle.Tags)
		if err := c.addOutput(list); err != nil {
			return fmt.Errorf("list the Go modules for %s: %w", platform, err)
		}
	}
	return nil
}

func (c *collection) addWeb(ctx context.Context, root string) error {
	list := exec.CommandContext(ctx, "npm", "sbom", "--package-lock-only", "--omit=dev", "--sbom-format=cyclonedx")
	list.Dir = filepath.Join(root, "webapp")
	if err := c.addOutput(list); err != nil {
		return fmt.Errorf("list the npm packages: %w", err)
	}
	return nil
}

// addOutput adds the list that a command prints.
func (c *collection) addOutput(cmd *exec.Cmd) error {
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	content, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, complaints.String())
	}
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(bytes.NewReader(content), cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		return err
	}
	if bom.Metadata == nil || bom.Metadata.Component == nil || bom.Components == nil {
		return errors.New("the list is empty")
	}
	part := *bom.Metadata.Component
	if !slices.Contains(c.parts, part.BOMRef) {
		c.parts = append(c.parts, part.BOMRef)
	}
	for _, component := range append([]cyclonedx.Component{part}, *bom.Components...) {
		c.components[component.BOMRef] = component
	}
	if bom.Dependencies != nil {
		for _, dependency := range *bom.Dependencies {
			if dependency.Dependencies != nil {
				c.dependsOn[dependency.Ref] = append(c.dependsOn[dependency.Ref], *dependency.Dependencies...)
			}
		}
	}
	return nil
}

// checkExecutables returns an error unless the modules of each executable are in the list.
func (c *collection) checkExecutables(root string, manifest *bundle.Manifest) error {
	listed := map[string]bool{}
	for _, component := range c.components {
		listed[component.Name+"@"+component.Version] = true
	}
	for _, platform := range manifest.Platforms() {
		info, err := buildinfo.ReadFile(filepath.Join(root, filepath.FromSlash(manifest.Server.Executables[platform])))
		if err != nil {
			return fmt.Errorf("read what the server for %s is made of: %w", platform, err)
		}
		if len(info.Deps) == 0 {
			return fmt.Errorf("the server for %s does not tell what it is made of: build it again", platform)
		}
		for _, module := range info.Deps {
			if module.Replace != nil {
				module = module.Replace
			}
			if !listed[module.Path+"@"+module.Version] {
				return fmt.Errorf("the server for %s contains %s@%s, which is not in the list of components", platform, module.Path, module.Version)
			}
		}
	}
	return nil
}

func (c *collection) bom(manifest *bundle.Manifest, now time.Time) *cyclonedx.BOM {
	plugin := cyclonedx.Component{
		BOMRef: manifest.ID, Type: cyclonedx.ComponentTypeApplication, Name: manifest.ID, Version: manifest.Version,
		Description: manifest.Name + ", a plugin for Mattermost",
		Licenses:    &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
	}
	components := []cyclonedx.Component{}
	for _, component := range c.components {
		components = append(components, component)
	}
	slices.SortFunc(components, func(a, b cyclonedx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	dependencies := []cyclonedx.Dependency{{Ref: plugin.BOMRef, Dependencies: &c.parts}}
	for _, component := range components {
		on := slices.Compact(slices.Sorted(slices.Values(c.dependsOn[component.BOMRef])))
		dependencies = append(dependencies, cyclonedx.Dependency{Ref: component.BOMRef, Dependencies: &on})
	}
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Timestamp: now.UTC().Format(time.RFC3339), Component: &plugin}
	bom.Components, bom.Dependencies = &components, &dependencies
	return bom
}
