// Package support remembers what goes wrong and describes the plugin for those who help administrators. Nothing in it is
// private: no names, titles or messages, no ids of users, no passwords, and no text of an error, only its class.
package support

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/failure"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

const (
	// maxErrors is how many different lines of the log are remembered, the latest ones.
	maxErrors = 50
	// maxLine is how many characters of a line, and maxFrames how many functions of a stack are kept.
	maxLine   = 200
	maxFrames = 12
	// recent is how long a failure of the database counts as a problem.
	recent = 15 * time.Minute
	// oftenFailed is how many runs of a job have to fail in a row to be a problem.
	oftenFailed = 3
	// repeat is how long a problem that is in the log is not logged again.
	repeat = time.Hour
)

// Line is a line of the log of level warn or error, without what might be private in it.
type Line struct {
	Level   string `json:"level"`
	Message string `json:"message"`
	// Facts are values that the plugin itself has chosen, as the route.
	Facts map[string]string `json:"facts,omitempty"`
	// Class and Code say what kind of error it was.
	Class string `json:"class,omitempty"`
	Code  string `json:"code,omitempty"`
	// Functions are those of the plugin in which it happened.
	Functions []string  `json:"functions,omitempty"`
	Count     int       `json:"count"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
}

// Job is what is known of a kind of background job. Runs to LastCode are about the attempts of this node since its start.
type Job struct {
	Runs     int64 `json:"runs"`
	Failures int64 `json:"failures"`
	// InARow is how many of the latest runs have failed.
	InARow int `json:"failures_in_a_row"`
	// Last is when it ran last; left out if it has not.
	Last      time.Time `json:"last,omitzero"`
	LastMs    int64     `json:"last_duration_ms"`
	LastError string    `json:"last_error,omitempty"` // its class
	LastCode  string    `json:"last_error_code,omitempty"`
	// Waiting, Retrying and Failed are how many jobs are stored, for all nodes: to be done, those of them that have failed at
	// least once, and those that are not tried any more. StoredError is the class of their latest error.
	Waiting     int64  `json:"waiting"`
	Retrying    int64  `json:"retrying"`
	Failed      int64  `json:"failed"`
	StoredError string `json:"stored_error,omitempty"`
	StoredCode  string `json:"stored_error_code,omitempty"`
}

type trouble struct {
	code  string
	count int
	first time.Time
	last  time.Time
}

// Recorder remembers. It is safe for concurrent use, and none of its methods takes long.
type Recorder struct {
	// Now is the clock; tests may replace it before the first call.
	Now func() time.Time

	mu       sync.Mutex
	started  time.Time
	lines    []*Line // the latest last
	dropped  int
	byKey    map[string]*Line
	jobs     map[string]*Job
	database map[string]*trouble // by class
	slow     bool
	settings []string
	logged   map[string]time.Time
}

// NewRecorder makes a Recorder.
func NewRecorder() *Recorder {
	return &Recorder{Now: time.Now, started: time.Now(), byKey: map[string]*Line{}, jobs: map[string]*Job{}, database: map[string]*trouble{},
		logged: map[string]time.Time{}}
}

// kept are the names of values that the plugin itself chooses among few.
var kept = map[string]bool{"route": true, "status": true, "kind": true, "event": true, "attempts": true, "attempt": true, "step": true, "to": true, "job": true}

// Log remembers a line of the log. msg must be a text of the plugin's own; of the values only those that the plugin
// chooses are kept.
func (r *Recorder) Log(level, msg string, pairs []interface{}) {
	l := &Line{Level: level, Message: short(msg), Count: 1}
	for n := 0; n+1 < len(pairs); n += 2 {
		name, _ := pairs[n].(string)
		switch text := textOf(pairs[n+1]); {
		case name == "error":
			if l.Class, l.Code = failure.Class(text); l.Class == failure.Panic {
				l.Functions = functions(text)
			}
		case name == "panic":
			l.Class = failure.Panic
		case name == "stack":
			l.Functions = functions(text)
		case kept[name]:
			if l.Facts == nil {
				l.Facts = map[string]string{}
			}
			l.Facts[name] = short(text)
		}
	}
	key := strings.Join([]string{level, l.Message, l.Facts["route"], l.Facts["kind"], l.Class, l.Code}, "\x00")
	now := r.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.byKey[key]; known != nil {
		l.Count, l.First = known.Count+1, known.First
		r.lines = slices.DeleteFunc(r.lines, func(o *Line) bool { return o == known })
	} else {
		l.First = now
	}
	l.Last = now
	if len(r.lines) == maxErrors {
		for k, o := range r.byKey {
			if o == r.lines[0] {
				delete(r.byKey, k)
			}
		}
		r.lines = slices.Delete(r.lines, 0, 1)
		r.dropped++
	}
	r.lines, r.byKey[key] = append(r.lines, l), l
}

func textOf(value interface{}) string {
	switch v := value.(type) {
	case string:
		return v
	case error:
		return v.Error()
	case int:
		return itoa(int64(v))
	case int64:
		return itoa(v)
	}
	return ""
}

// short cuts a text of the plugin's own, should it be longer than any is.
func short(text string) string {
	if len(text) > maxLine {
		return strings.ToValidUTF8(text[:maxLine], "")
	}
	return text
}

var ownFunction = regexp.MustCompile(`(?m)^(?:github\.com/mattermost/mattermost-plugin-incident-management/server/|main\.)([A-Za-z0-9_/.*()\[\]]+)\(`)

// functions are the plugin's own functions in a stack, innermost first. A stack also has values, which are left out.
func functions(stack string) []string {
	var names []string
	for _, found := range ownFunction.FindAllStringSubmatch(stack, maxFrames) {
		names = append(names, short(found[1]))
	}
	return names
}

// Job remembers a run of a background job.
func (r *Recorder) Job(name string, took time.Duration, err error) {
	now := r.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	j := r.jobs[name]
	if j == nil {
		j = &Job{}
		r.jobs[name] = j
	}
	j.Runs++
	j.Last, j.LastMs = now, took.Milliseconds()
	if err == nil {
		j.InARow = 0
		return
	}
	class, code := failure.Class(err.Error())
	if class == failure.Canceled { // the plugin stops
		return
	}
	j.Failures++
	j.InARow++
	j.LastError, j.LastCode = class, code
}

// JobCounts remembers how many jobs are stored.
func (r *Recorder) JobCounts(counts []jobs.Count) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, j := range r.jobs {
		j.Waiting, j.Retrying, j.Failed, j.StoredError, j.StoredCode = 0, 0, 0, "", ""
	}
	for _, c := range counts {
		j := r.jobs[c.Kind]
		if j == nil {
			j = &Job{}
			r.jobs[c.Kind] = j
		}
		j.Waiting, j.Retrying, j.Failed = c.Waiting, c.Retrying, c.Failed
		if c.LastError != "" {
			j.StoredError, j.StoredCode = failure.Class(c.LastError)
		}
	}
}

// Database remembers an error of the database by its class and code.
func (r *Recorder) Database(class, code string) {
	now := r.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.database[class]
	if t == nil || now.Sub(t.last) > recent {
		t = &trouble{first: now}
		r.database[class] = t
	}
	t.code, t.last = code, now
	t.count++
}

// Mended forgets the errors of the database of a class.
func (r *Recorder) Mended(class string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.database, class)
}

// SlowSearch remembers whether the index for searching is missing.
func (r *Recorder) SlowSearch(slow bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slow = slow
}

// Settings remembers which values of the settings are wrong. It reports whether they are others than before.
func (r *Recorder) Settings(problems []string) (changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed = !slices.Equal(r.settings, problems)
	r.settings = problems
	return changed
}
