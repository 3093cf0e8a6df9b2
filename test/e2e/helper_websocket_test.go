//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
)

const eventTimeout = 10 * time.Second

// listener collects what comes to a person's websocket.
type listener struct {
	mutex    sync.Mutex
	received []*model.WebSocketEvent // not yet taken by wait
	arrived  chan struct{}
}

// listen opens a person's websocket. What has arrived is kept until it is
// waited for, so listen first, then act, then wait.
func (p *person) listen(t testing.TB) *listener {
	t.Helper()
	client, appErr := model.NewWebSocketClient4(strings.Replace(p.server.URL, "http", "ws", 1), p.AuthToken)
	if appErr != nil {
		t.Fatalf("open the websocket: %v", appErr)
	}
	client.Listen()
	l := &listener{arrived: make(chan struct{}, 1)}
	ready := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		var once sync.Once
		for event := range client.EventChannel {
			if event.EventType() == model.WEBSOCKET_EVENT_HELLO {
				once.Do(func() { close(ready) })
				continue
			}
			l.mutex.Lock()
			l.received = append(l.received, event)
			l.mutex.Unlock()
			select {
			case l.arrived <- struct{}{}:
			default:
			}
		}
	}()
	go func() {
		for range client.ResponseChannel { //nolint:revive // answers to our own messages are of no interest
		}
	}()
	t.Cleanup(func() {
		client.Close()
		<-done
	})
	select {
	case <-ready:
	case <-time.After(eventTimeout):
		t.Fatal("the websocket did not greet us")
	}
	p.settle(t, l)
	return l
}

// settle waits until Mattermost has sent the events of what happened before. While it does, it looks up whose channels these are,
// and if somebody joins a channel at that moment it can keep what it has looked up: then they would hear nothing of the
// new channel for minutes.
func (p *person) settle(t testing.TB, l *listener) {
	t.Helper()
	mark := model.NewId()
	if _, response := p.UpdatePreferences(p.user.Id, &model.Preferences{{UserId: p.user.Id, Category: "settled", Name: mark, Value: mark}}); response.Error != nil {
		t.Fatalf("set a preference: %v", response.Error)
	}
	l.wait(t, "our preference", func(event *model.WebSocketEvent) bool {
		changed, _ := event.GetData()["preferences"].(string)
		return event.EventType() == model.WEBSOCKET_EVENT_PREFERENCES_CHANGED && strings.Contains(changed, mark)
	})
}

// wait takes the first event that matches, and waits for it if need be.
func (l *listener) wait(t testing.TB, what string, matches func(*model.WebSocketEvent) bool) *model.WebSocketEvent {
	t.Helper()
	timeout := time.After(eventTimeout)
	for {
		if event := l.take(matches); event != nil {
			return event
		}
		select {
		case <-l.arrived:
		case <-timeout:
			t.Fatalf("no websocket event in %s: %s", eventTimeout, what)
		}
	}
}

func (l *listener) take(matches func(*model.WebSocketEvent) bool) *model.WebSocketEvent {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for i, event := range l.received {
		if matches(event) {
			l.received = append(l.received[:i:i], l.received[i+1:]...)
			return event
		}
	}
	return nil
}

// none fails the test if a matching event has arrived or arrives within a
// short while.
func (l *listener) none(t testing.TB, what string, matches func(*model.WebSocketEvent) bool) {
	t.Helper()
	time.Sleep(500 * time.Millisecond)
	if event := l.take(matches); event != nil {
		t.Fatalf("%s: got a websocket event %s", what, event.ToJson())
	}
}

// plugin waits for an event of the plugin, such as "incident_updated", and
// reads its payload, a JSON string, into target.
func (l *listener) plugin(t testing.TB, s *server, name string, target any) *model.WebSocketEvent {
	t.Helper()
	full := "custom_" + s.pluginID + "_" + name
	event := l.wait(t, full, func(event *model.WebSocketEvent) bool { return event.EventType() == full })
	payload, _ := event.GetData()["payload"].(string)
	if err := json.Unmarshal([]byte(payload), target); err != nil {
		t.Fatalf("the payload of %s is not JSON (%v): %v", full, err, event.GetData()["payload"])
	}
	return event
}

// ephemeral waits for an ephemeral post.
func (l *listener) ephemeral(t testing.TB) *model.Post {
	t.Helper()
	event := l.wait(t, "an ephemeral post", func(event *model.WebSocketEvent) bool {
		return event.EventType() == model.WEBSOCKET_EVENT_EPHEMERAL_MESSAGE
	})
	content, _ := event.GetData()["post"].(string)
	var post model.Post
	if err := json.Unmarshal([]byte(content), &post); err != nil {
		t.Fatalf("the ephemeral post is not JSON (%v): %s", err, content)
	}
	return &post
}

// dialog waits for an interactive dialog to be opened.
func (l *listener) dialog(t testing.TB) *model.OpenDialogRequest {
	t.Helper()
	event := l.wait(t, "a dialog", func(event *model.WebSocketEvent) bool {
		return event.EventType() == model.WEBSOCKET_EVENT_OPEN_DIALOG
	})
	content, _ := event.GetData()["dialog"].(string)
	var dialog model.OpenDialogRequest
	if err := json.Unmarshal([]byte(content), &dialog); err != nil {
		t.Fatalf("the dialog is not JSON (%v): %s", err, content)
	}
	return &dialog
}

// log returns the server's log so far.
func (s *server) log(t testing.TB) string {
	t.Helper()
	content, err := os.ReadFile(s.LogPath)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
