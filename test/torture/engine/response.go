package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// outcome is what a client knows about its change.
type outcome string

const (
	// acknowledged: the change was made, exactly once.
	acknowledged outcome = "acknowledged"
	// refused: nothing was changed.
	refused outcome = "refused"
	// unknown: the answer got lost; the change was made whole or not at all.
	unknown outcome = "unknown"
)

// answer to a request.
type answer struct {
	status  int
	body    []byte
	problem error // no answer came
}

func (a *answer) String() string {
	if a.problem != nil {
		return a.problem.Error()
	}
	return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body[:min(len(a.body), 300)]))
}

func (a *answer) decode(target any) error {
	if a.problem != nil {
		return a.problem
	}
	return json.NewDecoder(bytes.NewReader(a.body)).Decode(target) // Mattermost may append to what a dying plugin has sent
}

// outcome of the change that was asked for.
func (a *answer) outcome() outcome {
	var dial *net.OpError
	switch {
	case errors.As(a.problem, &dial) && dial.Op == "dial":
		return refused // never sent
	case a.problem != nil || a.status >= 500 && !a.starting():
		return unknown
	case a.status >= 400:
		return refused
	}
	return acknowledged
}

// starting reports whether the plugin answered that it is not ready yet.
func (a *answer) starting() bool {
	return a.status == http.StatusServiceUnavailable && strings.Contains(string(a.body), "is starting")
}

// away reports whether the request failed because Mattermost, the plugin or the permissions could not be reached, and not
// because the plugin refused the change.
func (a *answer) away() bool {
	var own struct {
		Error string `json:"error"`
	}
	return a.problem != nil || a.starting() || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden ||
		a.status == http.StatusNotFound && (json.Unmarshal(a.body, &own) != nil || own.Error == "")
}

// call sends a request to the plugin on a node; path begins behind /api/v0.
func (w *cluster) call(n *node, p *person, method, path string, body any, headers ...string) *answer {
	return w.request(method, n.URL+"/plugins/"+w.pluginID+"/api/v0"+path, p, body, headers...)
}

// command runs a slash command. Mattermost's answer does not tell whether it succeeded.
func (w *cluster) command(n *node, p *person, channelID, command string) *answer {
	return w.request("POST", n.URL+"/api/v4/commands/execute", p,
		map[string]any{"channel_id": channelID, "team_id": w.team.Id, "command": command})
}

func (w *cluster) request(method, url string, p *person, body any, headers ...string) *answer {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return &answer{problem: err}
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, url, content)
	if err != nil {
		return &answer{problem: err}
	}
	// Else a request with an idempotency key would be sent again by itself when its connection breaks, and an answer such
	// as "connection refused" to the second would hide that the first was sent.
	request.GetBody = nil
	request.Header.Set("Authorization", "Bearer "+p.token)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := w.http.Do(request)
	if err != nil {
		return &answer{problem: err}
	}
	defer func() { _ = response.Body.Close() }()
	a := &answer{status: response.StatusCode}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		a.problem = err
	}
	return a
}
