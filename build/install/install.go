// Package install installs a packed plugin in a running Mattermost server.
package install

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// The administrator of "make run" and of the servers that tests start.
const (
	AdminUsername = "sysadmin"
	AdminPassword = "Sys@dmin-123"
)

// Plugin uploads a plugin bundle to a running server, enables it and waits
// until it runs. The client must be logged in as an administrator.
func Plugin(ctx context.Context, admin *model.Client4, bundle string) (string, error) {
	file, err := os.Open(bundle)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	manifest, response := admin.UploadPluginForced(file)
	if response.Error != nil {
		return "", fmt.Errorf("upload the plugin: %w", response.Error)
	}
	if _, response := admin.EnablePlugin(manifest.Id); response.Error != nil {
		return "", fmt.Errorf("enable the plugin: %w", response.Error)
	}
	return manifest.Id, WaitForPlugin(ctx, admin, manifest.Id)
}

// WaitForPlugin waits until a plugin runs.
func WaitForPlugin(ctx context.Context, admin *model.Client4, id string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		statuses, response := admin.GetPluginStatuses()
		if response.Error != nil {
			return fmt.Errorf("ask for the plugin's state: %w", response.Error)
		}
		for _, status := range statuses {
			switch {
			case status.PluginId != id:
			case status.State == model.PluginStateRunning:
				return nil
			case status.State == model.PluginStateFailedToStart:
				return fmt.Errorf("the plugin %s failed to start: see the server's log", id)
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the plugin %s does not run: %w", id, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
