package testenv

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// maxUnpacked is how many bytes an archive may unpack to. Mattermost's have less than 1 GB.
const maxUnpacked = 8 << 30

var errCutOff = errors.New("ends too early or is damaged: get it again")

// unpackArchive unpacks a .tar.gz into an existing directory. Its errors
// follow on the archive's name. An entry that would lie outside of the
// directory, or a link that leads there, is an error.
func unpackArchive(archive, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return errors.New("is no .tar.gz archive")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()

	left := int64(maxUnpacked)
	for entries, read := tar.NewReader(unzipped), 0; ; read++ {
		header, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF) && read > 0:
			if _, err = io.Copy(io.Discard, unzipped); err != nil { // the checksum is at the end
				return fmt.Errorf("%w (%w)", errCutOff, err)
			}
			return nil
		case errors.Is(err, tar.ErrHeader) && read == 0, errors.Is(err, io.EOF):
			return errors.New("is no .tar.gz archive")
		case err != nil:
			return fmt.Errorf("%w (%w)", errCutOff, err)
		}
		if left -= header.Size; left < 0 {
			return fmt.Errorf("unpacks to more than %d GiB: this is no release archive of Mattermost", maxUnpacked>>30)
		}
		if err := unpackEntry(root, header, entries); err != nil {
			return err
		}
	}
}

func unpackEntry(root *os.Root, header *tar.Header, content io.Reader) error {
	name := path.Clean(header.Name)
	if header.Typeflag == tar.TypeXGlobalHeader || name == "." {
		return nil
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return fmt.Errorf("has the entry %q, which lies outside of the archive: do not trust it", header.Name)
	}
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o755); err != nil {
		return fmt.Errorf("cannot be unpacked: %w", err)
	}
	local := filepath.FromSlash(name)
	var err error
	switch header.Typeflag {
	case tar.TypeDir:
		err = root.MkdirAll(local, 0o755)
	case tar.TypeSymlink:
		if path.IsAbs(header.Linkname) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(name), header.Linkname))) {
			return fmt.Errorf("has the link %q to %q, which lies outside of the archive: do not trust it", header.Name, header.Linkname)
		}
		err = root.Symlink(header.Linkname, local)
	case tar.TypeReg:
		err = unpackFile(root, local, os.FileMode(header.Mode)&0o755|0o600, content)
	default:
		return fmt.Errorf("has the entry %q, which is neither a file nor a directory nor a symbolic link: this is no release archive of Mattermost", header.Name)
	}
	if err != nil && !errors.Is(err, errCutOff) {
		return fmt.Errorf("cannot be unpacked: %w", err)
	}
	return err
}

func unpackFile(root *os.Root, name string, mode os.FileMode, content io.Reader) error {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err = io.Copy(file, content); errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) {
		err = errCutOff
	}
	return errors.Join(err, file.Close())
}
