package testenv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Progress receives a line for each step that takes long. It must not be
// changed once something has been started.
var Progress io.Writer = os.Stderr

func progress(format string, args ...any) {
	fmt.Fprintf(Progress, "--- "+format+"\n", args...)
}

// processSpec says how to start a process and how to end it.
type processSpec struct {
	name string
	cmd  *exec.Cmd
	// stopSignal asks for an orderly end; after grace the process group is killed.
	stopSignal syscall.Signal
	grace      time.Duration
	// wholeGroup sends stopSignal to the process's own children as well.
	wholeGroup bool
	// deathSignal is sent when this program dies; stopSignal unless set.
	deathSignal syscall.Signal
	// credential is the user to run as; nil is the current one.
	credential *syscall.Credential
}

// process is a started process, the leader of its own process group.
type process struct {
	spec processSpec
	done chan struct{}
	err  error // of cmd.Wait; valid once done is closed
}

var running struct {
	sync.Mutex
	spawner   sync.Once
	spawn     chan func()
	processes []*process
	cleanups  []func()
	stopping  bool
	stop      sync.Once
}

var errStopping = errors.New("everything is being stopped")

// startProcess starts a process in its own process group, so that Ctrl-C
// reaches this program alone, and registers it with StopAll.
func startProcess(spec processSpec) (*process, error) {
	running.spawner.Do(func() {
		handleSignals()
		running.spawn = make(chan func())
		go func() {
			// The death signal of a child follows the thread that started it,
			// not the process, so one thread starts them all and never ends.
			runtime.LockOSThread()
			for start := range running.spawn {
				start()
			}
		}()
	})

	running.Lock()
	defer running.Unlock()
	if running.stopping {
		return nil, fmt.Errorf("start %s: %w", spec.name, errStopping)
	}

	if spec.deathSignal == 0 {
		spec.deathSignal = spec.stopSignal
	}
	spec.cmd.SysProcAttr = processAttributes(spec.deathSignal)
	spec.cmd.SysProcAttr.Credential = spec.credential
	result := make(chan error)
	running.spawn <- func() { result <- spec.cmd.Start() }
	if err := <-result; err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.name, err)
	}

	p := &process{spec: spec, done: make(chan struct{})}
	running.processes = append(running.processes, p)
	go func() {
		p.err = spec.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) pid() int { return p.spec.cmd.Process.Pid }

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// stop ends the process in good order and waits for it. What is left of
// its process group is killed. Stopping twice is harmless.
func (p *process) stop() {
	if p.alive() {
		target := p.pid()
		if p.spec.wholeGroup {
			target = -target
		}
		_ = syscall.Kill(target, p.spec.stopSignal)
		select {
		case <-p.done:
		case <-time.After(p.spec.grace):
		}
	}
	p.kill()
}

// kill ends the whole process group at once, without a chance to clean up.
func (p *process) kill() {
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.done
	running.Lock()
	running.processes = slices.DeleteFunc(running.processes, func(other *process) bool { return other == p })
	running.Unlock()
}

// atExit registers a function that StopAll calls after the processes ended.
func atExit(cleanup func()) {
	running.Lock()
	defer running.Unlock()
	running.cleanups = append(running.cleanups, cleanup)
}

// StopAll ends everything that this package started, the newest first, and
// removes throwaway data. Nothing can be started afterwards. It returns when
// all that is done, also when somebody else has begun it.
func StopAll() { running.stop.Do(stopAll) }

func stopAll() {
	running.Lock()
	running.stopping = true
	processes := slices.Clone(running.processes)
	cleanups := running.cleanups
	running.cleanups = nil
	running.Unlock()

	for _, p := range slices.Backward(processes) {
		p.stop()
	}
	killOrphans()
	for _, cleanup := range slices.Backward(cleanups) {
		cleanup()
	}
}

// handleSignals makes the usual ways of ending a program end its children too.
func handleSignals() {
	signalsHandled.Do(func() {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
		go func() {
			<-signals
			interrupted.Store(true)
			progress("stopping everything that was started")
			StopAll()
			os.Exit(130)
		}()
	})
}

var (
	signalsHandled sync.Once
	interrupted    atomic.Bool
)

// Interrupted says whether a signal is ending this program. Errors that follow
// from that are not worth telling.
func Interrupted() bool { return interrupted.Load() }

// Run runs the tests of a binary and ends everything they started. It is all
// that TestMain needs: os.Exit(testenv.Run(m)).
func Run(m interface{ Run() int }) int {
	dieWithParent()
	defer StopAll()
	return m.Run()
}

// RunCommand runs a command to its end, and ends it, with the processes it has
// started, when everything else is ended.
func RunCommand(cmd *exec.Cmd) error {
	p, err := startProcess(processSpec{
		name: cmd.Args[0], cmd: cmd, stopSignal: syscall.SIGINT, grace: time.Minute, wholeGroup: true,
		deathSignal: syscall.SIGKILL, // "go test" would wait for its tests otherwise
	})
	if err != nil {
		return err
	}
	<-p.done
	p.kill() // what it has left behind
	return p.err
}

// runCommand runs a short-lived command and returns an error with its output.
func runCommand(cmd *exec.Cmd) error {
	var output bytes.Buffer
	cmd.Stdout = &output
	cmd.Stderr = &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, output.String())
	}
	return nil
}
