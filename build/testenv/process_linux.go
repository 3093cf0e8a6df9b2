package testenv

import "syscall"

// processAttributes puts a child into its own process group and has the kernel
// signal it when this program dies, however that happens.
func processAttributes(onParentDeath syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: onParentDeath}
}
