// Command torture tests the plugin under faults on real Mattermost servers and
// checks that it has kept its promises. It takes its options from the environment, as
// "make torture DURATION=10m SEED=7 DRIVER=postgres" gives them. FAULTS names
// the faults, separated by commas, if not all are wanted; CLIENTS is how many
// clients work at once; RACE=1 builds the plugin with the race detector.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/test/testenv"
	"github.com/mattermost/mattermost-plugin-incident-management/test/torture/engine"
)

func main() { testenv.Main("torture", run) }

// setting of the environment, or what is taken without it.
func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func run(ctx context.Context) error {
	duration, err := time.ParseDuration(setting("DURATION", "10m"))
	if err != nil {
		return fmt.Errorf("DURATION must be like 10m or 90s: %w", err)
	}
	seed, err := strconv.ParseUint(setting("SEED", strconv.Itoa(1+rand.IntN(1_000_000))), 10, 64)
	if err != nil {
		return fmt.Errorf("SEED must be a whole number: %w", err)
	}
	clients, err := strconv.Atoi(setting("CLIENTS", "12"))
	if err != nil || clients < 1 {
		return errors.New("CLIENTS must be a number from 1")
	}
	drivers, known := map[string][]testenv.Driver{
		"postgres": {testenv.Postgres}, "mysql": {testenv.MySQL}, "both": testenv.Drivers,
	}[setting("DRIVER", "both")]
	if !known {
		return errors.New("DRIVER must be postgres, mysql or both")
	}
	var faults []string
	if names := os.Getenv("FAULTS"); names != "" {
		faults = strings.Split(names, ",")
	}
	packed, err := testenv.PackPlugin(ctx, "torture", os.Getenv("RACE") == "1", os.Stderr)
	if err != nil {
		return err
	}
	var reports []*engine.Report
	for _, driver := range drivers {
		fmt.Printf("torture: %s for %s with seed %d (again: make torture DURATION=%s SEED=%d DRIVER=%s)\n", driver, duration, seed, duration, seed, driver)
		report, err := engine.Run(ctx, engine.Options{Driver: driver, Bundle: packed, Duration: duration, Seed: seed, Clients: clients, Faults: faults, Fairness: true,
			Log: func(format string, args ...any) {
				fmt.Printf(time.Now().Format("15:04:05")+" "+format+"\n", args...)
			}})
		if err != nil {
			return fmt.Errorf("seed %d, %s: %w", seed, driver, err)
		}
		fmt.Print(report.Counts())
		reports = append(reports, report)
	}
	fmt.Println()
	failed := false
	for _, report := range reports {
		fmt.Println(report.Summary())
		failed = failed || report.Failed()
	}
	if failed {
		return errors.New("promises were broken")
	}
	return nil
}
