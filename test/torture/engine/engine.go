package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability/all"
	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
)

// Options of Run.
type Options struct {
	Driver testenv.Driver
	// Bundle is the packed plugin.
	Bundle string
	// Duration of the load, without the time for starting and checking.
	Duration time.Duration
	Seed     uint64
	// Clients at once; 12 if 0.
	Clients int
	// Faults names the faults to be made; all if nil.
	Faults []string
	// Fairness measures before the torture what a flooded incident costs others.
	Fairness bool
	// Log receives a line for each fault and finding; nil discards it.
	Log func(format string, args ...any)
}

func (o *Options) faults() []fault {
	if o.Faults == nil {
		return faults
	}
	return slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return !slices.Contains(o.Faults, f.name) })
}

// Run starts two servers, makes faults and checks the result. The report lists
// what is wrong with the plugin; an error means that the run itself failed.
func Run(ctx context.Context, options Options) (*Report, error) {
	if options.Clients == 0 {
		options.Clients = 12
	}
	if options.Log == nil {
		options.Log = func(string, ...any) {}
	}
	all.Plug(&capability.Core{}) // so that their events can be read
	w := &cluster{options: options, report: newReport(options), rng: rand.New(rand.NewPCG(options.Seed, 0x7e57))}
	defer w.stop()
	if err := w.start(ctx); err != nil {
		return nil, err
	}
	if options.Fairness {
		if err := w.fairness(); err != nil {
			return nil, fmt.Errorf("measure fairness: %w", err)
		}
	}
	begin := time.Now()
	load, stop := context.WithCancel(ctx)
	defer stop()
	var clients sync.WaitGroup
	for n := range options.Clients {
		c := w.newClient(n)
		clients.Go(func() { c.run(load) })
	}
	for _, p := range w.nonMembers {
		clients.Go(func() { w.probe(load, p) })
		for _, n := range w.nodes {
			clients.Go(func() { w.overhear(load, n, p) })
		}
	}
	err := w.torment(ctx, begin.Add(options.Duration))
	stop()
	clients.Wait()
	w.report.Load = time.Since(begin)
	if err != nil {
		return nil, fmt.Errorf("torment the servers: %w", err)
	}
	if err := w.settle(ctx); err != nil {
		return nil, fmt.Errorf("wait for quiet: %w", err)
	}
	if err := w.check(ctx); err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	return w.report, nil
}
