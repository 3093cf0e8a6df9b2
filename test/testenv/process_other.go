//go:build !linux

package testenv

import "syscall"

// processAttributes puts a child into its own process group. Only Linux can
// end a child with its parent; elsewhere a kill -9 leaves it behind.
func processAttributes(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

func dieWithParent() {}

// AdoptOrphans does nothing: only Linux knows the adoption of orphans.
func AdoptOrphans() error { return nil }

func killOrphans() {}

// Alive says whether a process runs.
func Alive(pid int) bool { return syscall.Kill(pid, 0) == nil }
