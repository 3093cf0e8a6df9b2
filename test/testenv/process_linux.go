package testenv

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// processAttributes puts a child into its own process group and has the kernel
// signal it when this program dies, however that happens.
func processAttributes(onParentDeath syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: onParentDeath}
}

// dieWithParent ends this program in good order when the one that started it
// dies: "go test" passes on nothing when it is killed.
func dieWithParent() {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0)
}

// AdoptOrphans makes processes whose parents have died our children, so that
// StopAll finds them too. A program that runs others calls it at its start.
func AdoptOrphans() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
}

// killOrphans kills what AdoptOrphans has brought us and their children.
func killOrphans() {
	for {
		children := childrenOf(os.Getpid())
		if len(children) == 0 {
			return
		}
		for _, pid := range children {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			_, _ = syscall.Wait4(pid, nil, 0, nil)
		}
	}
}

// Alive says whether a process runs. One that has ended but was not waited for yet, as an orphan whose adopter is busy,
// does not.
func Alive(pid int) bool {
	state, _, err := processState(pid)
	return err == nil && state != "Z" && state != "X"
}

// childrenOf lists the processes whose parent is the given one.
func childrenOf(parent int) []int {
	entries, _ := filepath.Glob("/proc/[0-9]*")
	var children []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(entry))
		if err != nil {
			continue
		}
		if _, ppid, err := processState(pid); err == nil && ppid == parent { // an error: it has ended
			children = append(children, pid)
		}
	}
	return children
}

// processState gives the state of a process, a letter as in proc(5), and its parent.
func processState(pid int) (state string, parent int, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0, err
	}
	// pid (name) state parent …; the name can contain anything.
	_, err = fmt.Sscan(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), &state, &parent)
	return state, parent, err
}
