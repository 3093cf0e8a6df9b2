// Command abuse lets one member attack the plugin on a real Mattermost server. For each attack it prints how much memory
// the plugin and Mattermost used and how long the requests of another user took. "make abuse" runs it. It fails if the
// plugin takes more than its limit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// limit is how much memory the plugin may take, in MB (10^6 bytes).
const limit = 200

func main() {
	driver := flag.String("driver", "postgres", "the `database`: postgres or mysql (MariaDB)")
	only := flag.String("only", "", "run only the attacks whose names contain one of these `texts`, separated by |")
	packed := flag.String("bundle", "", "the plugin's `file` to test instead of building one")
	flag.Parse()
	testenv.Main("abuse", func(ctx context.Context) error { return run(ctx, testenv.Driver(*driver), *only, *packed) })
}

func run(ctx context.Context, driver testenv.Driver, only, packed string) error {
	if packed == "" {
		var err error
		if packed, err = testenv.PackPlugin(ctx, "abuse", false, os.Stderr); err != nil {
			return err
		}
	}
	s, err := openSite(ctx, driver, packed)
	if err != nil {
		return err
	}
	const format = "%-56s %10v %14v %22v %9v %8v\n"
	fmt.Printf(format, "attack", "plugin MB", "Mattermost MB", "bystander's median ms", "worst ms", "seconds")
	over := []string{}
	for _, a := range append([]attack{{"nothing", func(ctx context.Context, _ *site) error { time.Sleep(3 * time.Second); return nil }}}, attacks...) {
		if !slices.ContainsFunc(strings.Split(only, "|"), func(text string) bool { return strings.Contains(a.name, text) }) && a.name != "nothing" {
			continue
		}
		if err := s.paid(ctx); err != nil {
			return fmt.Errorf("before %s: %w", a.name, err)
		}
		m, err := s.during(ctx, a)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		fmt.Printf(format, a.name, m.plugin, m.mattermost, m.median.Milliseconds(), m.worst.Milliseconds(), fmt.Sprintf("%.1f", m.took.Seconds()))
		if m.plugin > limit {
			over = append(over, a.name)
		}
	}
	if len(over) > 0 {
		return fmt.Errorf("the plugin took more than %d MB: %s", limit, strings.Join(over, ", "))
	}
	return nil
}

// paid waits until the attacker has no debt of an earlier attack: see docs/decisions/0054-a-budget-of-bytes-for-each-user.md.
func (s *site) paid(ctx context.Context) error {
	for {
		begin := time.Now()
		err := s.call(ctx, s.attacker, "GET", "/incidents/"+s.attacker.incident+"/metadata", nil, nil)
		if err != nil && !strings.Contains(err.Error(), " answered 429 ") {
			return err
		}
		if err == nil && time.Since(begin) < time.Second {
			return nil
		}
		time.Sleep(time.Second)
	}
}

// measured is what was seen during an attack. Memory is the most that was resident, in MB.
type measured struct {
	plugin, mattermost  int
	median, worst, took time.Duration
}

// during watches while an attack runs. The plugin must be the same process afterwards.
func (s *site) during(ctx context.Context, a attack) (measured, error) {
	plugin, err := s.server.PluginPID(s.pluginID)
	if err != nil {
		return measured{}, err
	}
	watching, stop := context.WithCancel(ctx)
	var m measured
	var latencies []time.Duration
	var failed error
	var watchers sync.WaitGroup
	watchers.Add(2)
	go func() {
		defer watchers.Done()
		for watching.Err() == nil {
			m.plugin = max(m.plugin, resident(plugin))
			m.mattermost = max(m.mattermost, resident(s.server.PID()))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	go func() {
		defer watchers.Done()
		for watching.Err() == nil {
			begin := time.Now()
			if err := s.bystand(watching); err != nil && watching.Err() == nil {
				failed = err
			}
			if watching.Err() == nil {
				latencies = append(latencies, time.Since(begin))
			}
			time.Sleep(30 * time.Millisecond)
		}
	}()
	begin := time.Now()
	err = a.run(ctx, s)
	m.took = time.Since(begin)
	stop()
	watchers.Wait()
	if after, pidErr := s.server.PluginPID(s.pluginID); pidErr != nil || after != plugin {
		return m, errors.Join(err, errors.New("the plugin's process ended"))
	}
	slices.Sort(latencies)
	if len(latencies) > 0 {
		m.median, m.worst = latencies[len(latencies)/2], latencies[len(latencies)-1]
	}
	return m, errors.Join(err, failed)
}

// resident is the resident memory of a process in MB, 0 if unknown.
func resident(pid int) int {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kb, _ := strconv.Atoi(fields[1])
			return kb * 1024 / 1e6
		}
	}
	return 0
}
