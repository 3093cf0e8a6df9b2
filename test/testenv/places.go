package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

const cacheName = "mattermost-plugin-incident-management"

// CacheDir returns the directory for what is built or downloaded once, and
// makes it.
func CacheDir() (string, error) {
	dir := os.Getenv("INCIDENT_CACHE_DIR")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("set INCIDENT_CACHE_DIR: %w", err)
		}
		dir = filepath.Join(base, cacheName)
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// FreePort returns a TCP port of the loopback interface that nobody listens on.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// LastingPort is FreePort for a server that will be stopped and started again:
// the port is below those that the system gives to connections meanwhile.
func LastingPort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(12000)
		if listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			return port, listener.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 32000")
}

// CheckPort returns an error that says what to do when a port is taken.
// setting is the name of the environment variable that changes the port.
func CheckPort(port int, purpose, setting string) error {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return fmt.Errorf("port %d for %s is taken: end what listens there, or choose another with %s=<port>", port, purpose, setting)
	}
	return listener.Close()
}

// unprivileged returns the user that database servers run as: nil for
// ourselves, somebody else when we are root, which they refuse to run as.
func unprivileged(preferred string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{preferred, "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("a database server does not run as root and there is neither a user %q nor \"nobody\": run this as an ordinary user", preferred)
}

// reachable returns dir, or a stand-in for it below a public directory when
// other users cannot get to dir because it lies in a private home.
func reachable(dir, public string, credential *syscall.Credential) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil || credential == nil {
		return dir, err
	}
	for above := filepath.Dir(dir); above != filepath.Dir(above); above = filepath.Dir(above) {
		info, err := os.Stat(above)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if info.Mode().Perm()&0o001 == 0 {
			sum := sha256.Sum256([]byte(dir))
			return filepath.Join(public, cacheName+"-"+hex.EncodeToString(sum[:6]), filepath.Base(dir)), nil
		}
	}
	return dir, nil
}

// makeOwned makes a private directory that belongs to the given user.
func makeOwned(dir string, credential *syscall.Credential) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if credential == nil {
		return nil
	}
	return os.Chown(dir, int(credential.Uid), int(credential.Gid))
}

// throwawayDir makes a directory for the given user that StopAll removes,
// unless TESTENV_KEEP is set, which helps to find out why a test fails.
func throwawayDir(name string, credential *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "incident-"+name+"-")
	if err != nil {
		return "", err
	}
	if os.Getenv("TESTENV_KEEP") == "" {
		atExit(func() { _ = os.RemoveAll(dir) })
	} else {
		progress("keeping %s", dir)
	}
	if credential == nil {
		return dir, nil
	}
	return dir, os.Chown(dir, int(credential.Uid), int(credential.Gid))
}
