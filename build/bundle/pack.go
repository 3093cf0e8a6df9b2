package bundle

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Pack packs what has been built for some platforms into a bundle. The
// bundle's manifest names only what is in it: these platforms, and the web
// part when it has been built.
//
// The same files make the same bundle, byte for byte.
func Pack(root string, platforms []string, output string) error {
	manifest, err := Load(root)
	if err != nil {
		return err
	}
	content, files, err := manifest.contents(root, platforms)
	if err != nil {
		return err
	}

	if err := os.MkdirAll(filepath.Dir(output), 0o755); err != nil {
		return err
	}
	partial := output + ".partial"
	file, err := os.Create(partial)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(partial) }()
	zipper, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(zipper)
	err = writeArchive(archive, root, manifest.ID, content, files)
	// In this order: each writes its end into the next.
	if err := errors.Join(err, archive.Close(), zipper.Close(), file.Close()); err != nil {
		return fmt.Errorf("pack the plugin: %w", err)
	}
	return os.Rename(partial, output)
}

// contents returns the bundle's plugin.json and the other files that belong
// into it, with slashes and below root.
func (m *Manifest) contents(root string, platforms []string) (manifest []byte, files []string, err error) {
	original, err := os.ReadFile(filepath.Join(root, "plugin.json"))
	if err != nil {
		return nil, nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(original, &fields); err != nil {
		return nil, nil, fmt.Errorf("read plugin.json: %w", err)
	}

	executables := map[string]string{}
	for _, platform := range platforms {
		executable := m.Server.Executables[platform]
		executables[platform] = executable
		files = append(files, executable)
	}
	fields["server"] = map[string]any{"executables": executables}

	trees := []string{"assets"}
	web := filepath.Join(root, filepath.FromSlash(m.Webapp.BundlePath))
	if _, err := os.Stat(web); m.Webapp.BundlePath != "" && err == nil {
		trees = append(trees, path.Dir(m.Webapp.BundlePath))
	} else {
		delete(fields, "webapp")
	}
	for _, tree := range trees {
		err := fs.WalkDir(os.DirFS(root), tree, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	slices.Sort(files)
	manifest, err = json.MarshalIndent(fields, "", "  ")
	return append(manifest, '\n'), files, err
}

func writeArchive(archive *tar.Writer, root, id string, manifest []byte, files []string) error {
	write := func(name string, mode int64, content []byte) error {
		header := &tar.Header{Name: path.Join(id, name), Mode: mode, Size: int64(len(content)), Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		_, err := archive.Write(content)
		return err
	}
	if err := write("plugin.json", 0o644, manifest); err != nil {
		return err
	}
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if path.Dir(name) == "server/dist" {
			mode = 0o755
		}
		if err := write(name, mode, content); err != nil {
			return err
		}
	}
	return nil
}

// ReadManifest returns the plugin.json of a bundle.
func ReadManifest(packed string) ([]byte, error) {
	file, err := os.Open(packed)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", packed, err)
	}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if err != nil {
			return nil, fmt.Errorf("read the plugin.json of %s: %w", packed, err)
		}
		if path.Base(header.Name) == "plugin.json" {
			return io.ReadAll(archive)
		}
	}
}
