package release

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	//lint:ignore SA1019 Mattermost checks signatures with this package; another one would take keys that it refuses.
	"golang.org/x/crypto/openpgp"
)

// Signer signs files with a GPG key.
type Signer struct {
	key, home string
	public    []byte
}

// NewSigner returns a signer for a key of the user's key ring: its id,
// fingerprint or e-mail address. home is the directory of another key ring, or
// empty. It is an error if the key cannot sign, or if Mattermost could not
// check what it signs.
func NewSigner(ctx context.Context, key, home string) (*Signer, error) {
	if strings.TrimSpace(key) == "" {
		return nil, errors.New(`no key to sign with: set RELEASE_KEY to the id, fingerprint or e-mail address of a GPG key ("gpg --list-secret-keys" lists yours)`)
	}
	if _, err := exec.LookPath("gpg"); err != nil {
		return nil, errors.New("gpg is missing: install gnupg")
	}
	s := &Signer{key: key, home: home}
	if _, err := s.gpg(ctx, "--list-secret-keys", key); err != nil {
		return nil, fmt.Errorf(`there is no secret key %q to sign with: RELEASE_KEY must name one that "gpg --list-secret-keys" lists`, key)
	}
	public, err := s.gpg(ctx, "--export", key)
	if err != nil {
		return nil, err
	}
	s.public = public
	if err := s.try(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// try signs something and checks it as Mattermost will.
func (s *Signer) try(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "sign-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	probe := filepath.Join(dir, "probe")
	if err := os.WriteFile(probe, []byte("probe"), 0o600); err != nil {
		return err
	}
	signature, err := s.Sign(ctx, probe)
	if err != nil {
		return err
	}
	if err := s.Verify([]byte("probe"), signature); err != nil {
		return fmt.Errorf("what the key %q signs cannot be checked by Mattermost: take an RSA key that does not expire (\"gpg --quick-generate-key <address> rsa4096 sign never\" makes one): %w", s.key, err)
	}
	return nil
}

// Sign writes the detached signature of a file beside it, with .sig at the end of its name, and returns it.
func (s *Signer) Sign(ctx context.Context, path string) ([]byte, error) {
	to := path + ".sig"
	if _, err := s.gpg(ctx, "--yes", "--local-user", s.key, "--digest-algo", "SHA256", "--output", to, "--detach-sign", path); err != nil {
		return nil, fmt.Errorf("sign %s: %w", filepath.Base(path), err)
	}
	return os.ReadFile(to)
}

// PublicKey returns the public part of the key, armored.
func (s *Signer) PublicKey(ctx context.Context) ([]byte, error) {
	return s.gpg(ctx, "--armor", "--export", s.key)
}

func (s *Signer) gpg(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "gpg", append([]string{"--batch"}, args...)...)
	if s.home != "" {
		cmd.Env = append(os.Environ(), "GNUPGHOME="+s.home)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("gpg: %w\n%s", err, complaints.String())
	}
	return output, nil
}

// Verify checks a detached signature by the key as a Mattermost server does.
func (s *Signer) Verify(content, signature []byte) error {
	keys, err := openpgp.ReadKeyRing(bytes.NewReader(s.public))
	if err != nil {
		return fmt.Errorf("read the public key: %w", err)
	}
	if _, err := openpgp.CheckDetachedSignature(keys, bytes.NewReader(content), bytes.NewReader(signature)); err != nil {
		return fmt.Errorf("check the signature: %w", err)
	}
	return nil
}
