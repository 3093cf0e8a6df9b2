// Package apt installs what the tests and the release need and the machine lacks.
package apt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Install installs packages of Debian where that takes no questions: with apt, as root.
func Install(ctx context.Context, packages ...string) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return errors.New("it is only installed by itself for root on Debian")
	}
	fmt.Fprintf(os.Stderr, "--- installing %s (once)\n", strings.Join(packages, " "))
	for _, args := range [][]string{{"update"}, append([]string{"install", "-y", "--no-install-recommends"}, packages...)} {
		cmd := exec.CommandContext(ctx, apt, append([]string{"-q", "-o", "DPkg::Lock::Timeout=300"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", cmd, err, output)
		}
	}
	return nil
}

// EnsureGPG makes sure that GnuPG is there, which signs releases.
func EnsureGPG(ctx context.Context) error {
	if _, err := exec.LookPath("gpg"); err == nil {
		return nil
	}
	if err := Install(ctx, "gnupg"); err != nil {
		return fmt.Errorf("gpg is missing: install gnupg: %w", err)
	}
	return nil
}
