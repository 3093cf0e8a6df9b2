package host

import (
	"fmt"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Levels of the log, in ascending order.
const (
	levelDebug = iota
	levelInfo
	levelWarn
	levelError
)

// maxLogged is how many characters of a value get into the log, and maxStack how many of a stack.
const (
	maxLogged = 2000
	maxStack  = 8000
)

// LogSink receives each line of the log: its level (0 debug, 1 info, 2 warn, 3 error), its text, and names and values that
// alternate. It must return at once and must not log through the Host.
type LogSink func(level int, msg string, pairs []interface{})

// TellLog adds a sink. It must not be called once the Host is in use.
func (h *Host) TellLog(sink LogSink) { h.sinks = append(h.sinks, sink) }

func (h *Host) log(level int, write func(string, ...interface{}), msg string, pairs []interface{}) {
	pairs = bounded(pairs)
	write(msg, pairs...)
	for _, sink := range h.sinks {
		sink(level, msg, pairs)
	}
}

// bounded cuts values that are too long: text that users have sent must not fill the log. If all are short enough, pairs is returned.
func bounded(pairs []interface{}) []interface{} {
	var cut []interface{}
	for n, value := range pairs {
		text, ok := value.(string)
		if err, isError := value.(error); isError {
			text, ok = err.Error(), true
		}
		max := maxLogged
		if n > 0 && pairs[n-1] == "stack" {
			max = maxStack
		}
		if !ok || len(text) <= max {
			continue
		}
		if cut == nil {
			cut = append(cut, pairs...)
		}
		cut[n] = fmt.Sprintf("%s (%d bytes)", incident.Truncate(text, max), len(text))
	}
	if cut != nil {
		return cut
	}
	return pairs
}

// Debug logs for developers.
func (h *Host) Debug(msg string, pairs ...interface{}) { h.log(levelDebug, h.api.LogDebug, msg, pairs) }

// Info logs what administrators may want to know.
func (h *Host) Info(msg string, pairs ...interface{}) { h.log(levelInfo, h.api.LogInfo, msg, pairs) }

// Warn logs what administrators should look at some time.
func (h *Host) Warn(msg string, pairs ...interface{}) { h.log(levelWarn, h.api.LogWarn, msg, pairs) }

// Error logs what administrators should look at now.
func (h *Host) Error(msg string, pairs ...interface{}) { h.log(levelError, h.api.LogError, msg, pairs) }
