package api

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
)

// writeSize is how many bytes of a long answer are sent at once.
const writeSize = 64 << 10

// download is a file that is made while it is sent.
type download struct {
	name, contentType string
	write             func(w io.Writer) error
	// done, unless it is nil, is called when the file was sent, or could not be.
	done func()
}

func (d *download) finish() {
	if d.done != nil {
		d.done()
	}
}

// send sends a file. Its status goes out first, so that all a later failure can do is to be logged.
func (a *api) send(r *request, d *download) {
	defer func() {
		if value := recover(); value != nil {
			a.logSending(r, &panicError{value: value, stack: debug.Stack()})
		}
	}()
	h := r.writer.Header()
	setType(h, d.contentType)
	h.Set("Content-Disposition", disposition(d.name))
	r.writer.WriteHeader(http.StatusOK)
	w := &clientWriter{Writer: r.writer}
	// Each write is a round trip to Mattermost.
	buffered := bufio.NewWriterSize(&paying{w, r.Context()}, writeSize)
	err := d.write(buffered)
	if flushed := buffered.Flush(); err == nil {
		err = flushed
	}
	if err != nil && w.err == nil && r.Context().Err() == nil {
		a.logSending(r, err)
	}
}

func (a *api) logSending(r *request, err error) {
	a.log.Error("A download could not be finished", "request_id", r.id, "user_id", r.userID, "route", r.route.method+" "+r.route.path, "error", err.Error())
}

// clientWriter remembers that the client is gone and cannot get an error.
type clientWriter struct {
	io.Writer
	err error
}

func (w *clientWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil {
		w.err = err
	}
	return n, err
}

// disposition returns a header that makes the client save a file (RFC 6266): its name in ASCII for old clients, and whole (RFC 8187).
func disposition(name string) string {
	ascii := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return '_'
		}
		return c
	}, name)
	value := `attachment; filename="` + ascii + `"`
	if ascii != name {
		value += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
	}
	return value
}
