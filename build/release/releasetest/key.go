// Package releasetest makes throwaway keys for tests of releases.
package releasetest

import (
	"os"
	"os/exec"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/build/apt"
	"github.com/mattermost/mattermost-plugin-incident-management/build/release"
)

// Address is the address of the keys that NewKeyRing makes.
const Address = "release@example.com"

// NewKeyRing makes a key ring with one key of a kind that GnuPG knows, such as
// "rsa2048", and returns its directory. It is gone after the test.
func NewKeyRing(t testing.TB, kind string) string {
	t.Helper()
	if err := apt.EnsureGPG(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The paths of the agent's sockets must be short.
	home, err := os.MkdirTemp("", "gpg-")
	if err != nil {
		t.Fatal(err)
	}
	run := func(program string, args ...string) error {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "GNUPGHOME="+home)
		output, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("%s: %s", cmd, output)
		}
		return err
	}
	t.Cleanup(func() {
		_ = run("gpgconf", "--kill", "all")
		_ = os.RemoveAll(home)
	})
	if err := run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "Test <"+Address+">", kind, "sign", "never"); err != nil {
		t.Fatal(err)
	}
	return home
}

// NewSigner returns a signer with a key of its own.
func NewSigner(t testing.TB) *release.Signer {
	t.Helper()
	signer, err := release.NewSigner(t.Context(), Address, NewKeyRing(t, "rsa2048"))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}
