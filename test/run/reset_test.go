package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReset_DeletesTheDataAndSaysSoOnce(t *testing.T) {
	root := t.TempDir()
	t.Setenv("RUN_POSTGRES_DSN", "")
	if err := os.MkdirAll(filepath.Join(root, ".run", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = writer
	err = reset(t.Context(), root)
	os.Stdout = stdout
	_ = writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(printed); strings.Count(text, "\n") != 1 || strings.Contains(text, "/") {
		t.Errorf("printed %q", text)
	}
	if _, err := os.Stat(filepath.Join(root, ".run")); !os.IsNotExist(err) {
		t.Errorf("the data are there: %v", err)
	}
}
