package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/pkg/errors"
)

const (
	// instancePath, followed by an instance's id, is answered with status 200 by that instance only.
	instancePath = "/instance/"
	// instancePoll is how often a process asks whether Mattermost still has it for the plugin.
	instancePoll = 5 * time.Second
	// instanceMisses is how many times in a row another one must have answered, or nobody, before it believes that.
	instanceMisses = 2
)

// errDisconnected is why an activation is given up when Mattermost's answers cannot be read.
var errDisconnected = errors.New("the connection to Mattermost broke during the activation: see the errors before this one in the log; " +
	"if they say that an answer could not be read, this version of the plugin does not fit this version of Mattermost: install a newer plugin")

// rpcFailures passes on what the SDK writes about calls that failed, and says in words for administrators when an
// answer could not be read. Only what is written to the process's standard error arrives in Mattermost's log then: after
// such an answer the connection is unusable, also for log messages.
type rpcFailures struct {
	to         io.Writer
	mattermost io.Writer // the standard error of which Mattermost reads single lines
	logged     atomic.Bool
}

var failures = rpcFailures{mattermost: io.Discard}

// watchFailures must be called with each activation: the SDK sets the logger's output just before.
func watchFailures() {
	failures.to = os.Stderr
	log.SetOutput(&failures)
}

func (f *rpcFailures) Write(line []byte) (int, error) {
	// net/rpc begins the errors of answers that it could not decode with these words.
	if bytes.Contains(line, []byte("RPC call to ")) && bytes.Contains(line, []byte("reading body ")) &&
		!bytes.HasSuffix(bytes.TrimSpace(line), []byte("EOF")) && f.logged.CompareAndSwap(false, true) {
		f.error("An answer of Mattermost could not be read, so the plugin cannot go on: it ends, and Mattermost starts it again. "+
			"If this happens after each start, this version of Incident Management does not fit this version of Mattermost: install a newer one.",
			string(bytes.TrimSpace(line)))
	}
	return f.to.Write(line)
}

// error writes in the form that Mattermost takes from a plugin's standard error for an error of its log.
func (f *rpcFailures) error(message, cause string) {
	line, err := json.Marshal(map[string]string{"@level": "error", "@message": message, "error": cause,
		"plugin_version": manifestVersion, "@timestamp": time.Now().Format("2006-01-02T15:04:05.000000Z07:00")})
	if err == nil {
		_, _ = f.mattermost.Write(append(line, '\n'))
	}
}

// exit ends this process.
var exit = os.Exit

// disconnected reports whether calls to Mattermost give nothing any more.
func (p *Plugin) disconnected() bool { return p.API.GetServerVersion() == "" }

// endWithServer ends this process once Mattermost is gone without having deactivated the plugin, as after a crash, or
// cannot be understood any more. Else it would go on to take reminders that it cannot post.
func (p *Plugin) endWithServer(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if p.disconnected() && ctx.Err() == nil {
				exit(1)
			}
		}
	}
}

// endWhenReplaced ends this process once Mattermost has another one for the plugin, or none. Mattermost may start two
// processes when its configuration changes during an activation, and forgets one of them: that one learns neither that
// the plugin is disabled nor that it was removed or replaced. Each node of a cluster asks its own server.
func (p *Plugin) endWhenReplaced(ctx context.Context, r *running) {
	ticker := time.NewTicker(instancePoll)
	defer ticker.Stop()
	misses := 0
	for known := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		switch status := p.askInstance(r.instance); {
		case status == http.StatusOK:
			known, misses = true, 0
		case status == 0 || ctx.Err() != nil: // no answer: endWithServer looks after that
		case status >= 500 && status != http.StatusNotImplemented && status != http.StatusServiceUnavailable:
			// Mattermost failed to ask, which says nothing about who runs. It answers 501 when plugins are disabled, and
			// a process that starts or stops answers 503.
		case status == http.StatusNotFound && !known: // Mattermost may not have noted yet that the activation is over
			if misses++; misses > 6*instanceMisses {
				p.end("Mattermost does not use this process of the plugin")
			}
		default:
			if misses++; misses >= instanceMisses {
				p.end("another process of the plugin runs, or the plugin was disabled or removed")
			}
		}
	}
}

// endWhenAsked ends this process in good order when it gets SIGTERM, as systemd sends to all processes of a service that it stops, unless
// KillMode is mixed or process. At once it would cut off what Mattermost, which ends at the same time, waits for.
func (p *Plugin) endWhenAsked(ctx context.Context) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	defer signal.Stop(asked)
	select {
	case <-ctx.Done():
	case <-asked:
		p.end("it got SIGTERM")
	}
}

// end ends this process as OnDeactivate would, and says why.
func (p *Plugin) end(reason string) {
	p.API.LogInfo("A process of Incident Management that Mattermost has no more use for ends.", "reason", reason, "pid", os.Getpid())
	time.AfterFunc(drainTimeout+2*time.Second, func() { exit(0) }) // if something does not come to its end
	if r := p.running.Load(); r != nil {
		_ = p.shutDown(r)
	}
	exit(0)
}

// askInstance asks Mattermost to let the plugin answer, and returns the status: 200 if this process answered, another
// one if not, 0 if there is no answer.
func (p *Plugin) askInstance(id string) (status int) {
	defer func() {
		if recover() != nil { // of the SDK, over an answer without a response
			status = 0
		}
	}()
	request, err := http.NewRequest(http.MethodGet, "/"+manifestID+instancePath+id, http.NoBody)
	if err != nil {
		return 0
	}
	// Mattermost adds to the header; one without entries would arrive as nil and make it panic.
	request.Header.Set("Accept", "*/*")
	response := p.API.PluginHTTP(request)
	if response == nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// answerInstance answers the question of askInstance. Callers that do not know the id get no information.
func answerInstance(r *running, w http.ResponseWriter, req *http.Request) bool {
	if req.Method != http.MethodGet || req.URL.Path != instancePath+r.instance {
		return false
	}
	w.WriteHeader(http.StatusOK)
	return true
}

func newInstance() string { return model.NewId() }
