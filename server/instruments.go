//go:build !counted

package main

import (
	"database/sql/driver"
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
)

// instruments measure nothing. Only a build with the tag "counted" has others; it is never shipped.
var instruments = struct {
	api       func(host.API) host.API
	connector func(driver.Connector) driver.Connector
	http      func(http.Handler) http.Handler
}{
	api:  func(a host.API) host.API { return a },
	http: func(h http.Handler) http.Handler { return h },
}
