package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/build/install"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// resident is the memory (MB) that the plugin's process occupies.
func (s *site) resident(pluginID string) (float64, error) {
	pid, err := s.server.PluginPID(pluginID)
	if err != nil {
		return 0, err
	}
	output, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ask for the plugin's memory: %w", err)
	}
	kilobytes, err := strconv.ParseFloat(strings.TrimSpace(string(output)), 64)
	return kilobytes / 1024, err
}

// restart disables and enables a plugin and returns the median time (s) that enabling takes, the process's start included.
func (s *site) activation(ctx context.Context, pluginID string, rounds int) (float64, error) {
	var times []float64
	for range rounds {
		if _, response := s.server.Admin.DisablePlugin(pluginID); response.Error != nil {
			return 0, response.Error
		}
		taken, err := timed(func() error {
			if _, response := s.server.Admin.EnablePlugin(pluginID); response.Error != nil {
				return response.Error
			}
			return install.WaitForPlugin(ctx, s.server.Admin, pluginID)
		})
		if err != nil {
			return 0, err
		}
		times = append(times, taken/1000)
	}
	slices.Sort(times)
	return quantile(times, 0.5), nil
}

// memory is what the plugin's process occupies (MB) after the listing of all incidents page by page, or of each step-th
// page, in pages of the default size, and a while to settle, and what it occupied before.
func (s *site) memory(ctx context.Context, step int) (before, after float64, err error) {
	const settle = 15 * time.Second
	time.Sleep(settle)
	if before, err = s.resident(s.pluginID); err != nil {
		return 0, 0, err
	}
	for page, more := 0, true; more; page += step {
		var answer struct {
			HasMore bool `json:"has_more"`
			Items   []incident.Incident
		}
		if err := s.call(ctx, "GET", s.api(fmt.Sprintf("/incidents?team_id=%s&page=%d", s.team, page)), nil, &answer); err != nil {
			return 0, 0, err
		}
		more = answer.HasMore
	}
	time.Sleep(settle)
	after, err = s.resident(s.pluginID)
	return before, after, err
}
