package engine

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

// probe lets a user who is not in the incidents' channels try to read and change them, also while the
// permissions cannot be read. All incidents of the run are private.
func (w *cluster) probe(ctx context.Context, p *person) {
	rng := rand.New(rand.NewPCG(w.options.Seed, uint64(p.name[1])))
	for ctx.Err() == nil {
		time.Sleep(time.Duration(20+rng.IntN(200)) * time.Millisecond)
		w.mu.Lock()
		var r *record
		if len(w.ready) > 0 {
			r = w.ready[rng.IntN(len(w.ready))]
		}
		w.mu.Unlock()
		if r == nil {
			continue
		}
		id, channel := r.base.ID, r.base.ChannelID
		requests := []struct {
			method, path string
			body         any
		}{
			{"GET", "/incidents/" + id, nil},
			{"GET", "/incidents/" + id + "/metadata", nil},
			{"GET", "/incidents/channel/" + channel, nil},
			{"GET", "/incidents?team_id=" + w.team.Id, nil},
			{"GET", "/incidents/channels?team_id=" + w.team.Id, nil},
			{"GET", "/incidents/checklist-autocomplete?channel_id=" + channel, nil},
			{"GET", "/playbooks/" + w.playbook, nil},
			{"GET", "/incidents/" + id + "/timeline", nil},
			{"POST", "/incidents/" + id + "/timeline", map[string]any{"text": "intruder"}},
			{"GET", "/followups?team_id=" + w.team.Id, nil},
			{"POST", "/incidents/" + id + "/followups", map[string]any{"title": "intruder"}},
			{"GET", "/incidents/" + id + "/retrospective", nil},
			{"PATCH", "/incidents/" + id + "/retrospective/sections/summary", map[string]any{"text": "intruder"}},
			{"POST", "/incidents/" + id + "/retrospective/publish", nil},
			{"PUT", "/incidents/" + id + "/checklists/0/add", map[string]any{"title": "intruder"}},
			{"PUT", "/incidents/" + id + "/end", nil},
			{"POST", "/incidents/" + id + "/commander", map[string]any{"commander_id": p.id}},
			{"POST", "/incidents/" + id + "/update-status-dialog", map[string]any{"submission": map[string]any{"message": "intruder", "reminder": "1"}}},
		}
		q := requests[rng.IntN(len(requests))]
		a := w.call(w.nodes[rng.IntN(len(w.nodes))], p, q.method, q.path, q.body)
		w.report.count("refusals: users who are not members", 1)
		leaked := strings.Contains(string(a.body), id) || strings.Contains(string(a.body), channel) || strings.Contains(string(a.body), r.name)
		if a.problem == nil && (leaked || a.status == http.StatusOK && !strings.Contains(q.path, "team_id=") || q.method != "GET" && a.status < 300) {
			w.report.find(Leaked, "a user who is not a member asked %s %s and got %s", q.method, q.path, a)
		}
	}
}

// overhear listens to the websocket of a user who is not a member until ctx ends.
func (w *cluster) overhear(ctx context.Context, n *node, p *person) {
	for ctx.Err() == nil {
		socket, appErr := model.NewWebSocketClient4(strings.Replace(n.URL, "http", "ws", 1), p.token)
		if appErr != nil {
			time.Sleep(time.Second)
			continue
		}
		socket.Listen()
		for open := true; open; {
			select {
			case <-ctx.Done():
				go socket.Close() // it waits for its goroutines, which may wait for the network
				return
			case event, more := <-socket.EventChannel:
				if open = more; !more || event == nil {
					break
				}
				w.report.count("refusals: websocket events to users who are not members, harmless", 1)
				if strings.Contains(event.EventType(), w.pluginID) {
					w.report.find(Leaked, "the websocket of a user who is not a member got %s", event.EventType())
				}
			}
		}
	}
}
