//go:build unix

package bundle

import (
	"path/filepath"
	"testing"
	"time"
)

func TestLockFile_SecondWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "lock")
	unlock, err := LockFile(path)
	if err != nil {
		t.Fatal(err)
	}

	second := make(chan error, 1)
	go func() {
		unlock, err := LockFile(path)
		if err == nil {
			unlock()
		}
		second <- err
	}()
	select {
	case <-second:
		t.Fatal("both hold the lock")
	case <-time.After(100 * time.Millisecond):
	}
	unlock()
	if err := <-second; err != nil {
		t.Fatal(err)
	}
}
