package api

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/mattermost/mattermost-plugin-incident-management/server/export"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// maxFileName is how many characters of an incident's name go into a file name: file systems take 255 bytes.
const maxFileName = 60

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

// export makes one file at a time for each user.
func (a *api) export(r *request) (reply, error) {
	leave, ok := a.heavy.enter(r.Context(), r.userID, 0)
	if !ok {
		return reply{}, errBusyHeavy
	}
	answer, err := a.exported(r)
	if err != nil {
		leave()
		return reply{}, err
	}
	answer.download.done = leave
	return answer, nil
}

func (a *api) exported(r *request) (reply, error) {
	id := r.path("id")
	switch format := r.URL.Query().Get("format"); format {
	case "csv":
		pages, err := a.svc.ExportPosts(r.Context(), r.userID, id)
		if err != nil {
			return reply{}, err
		}
		return reply{download: &download{name: fileName(pages.Name, "csv"), contentType: "text/csv; charset=utf-8", write: func(w io.Writer) error {
			return export.CSV(r.Context(), w, pages.Next)
		}}}, nil
	case "markdown", "json":
		report, err := a.svc.ExportReport(r.Context(), r.userID, id)
		if err != nil {
			return reply{}, err
		}
		if format == "markdown" {
			return reply{download: &download{name: fileName(report.Incident.Name, "md"), contentType: "text/markdown; charset=utf-8", write: func(w io.Writer) error {
				return export.Markdown(r.Context(), w, report)
			}}}, nil
		}
		return reply{download: &download{name: fileName(report.Incident.Name, "json"), contentType: "application/json", write: func(w io.Writer) error {
			return export.JSON(r.Context(), w, report)
		}}}, nil
	default:
		return reply{}, incident.InvalidField("format", "format must be csv, markdown or json.")
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
	h.Set("Content-Type", d.contentType)
	h.Set("Content-Disposition", disposition(d.name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	r.writer.WriteHeader(http.StatusOK)
	w := &clientWriter{Writer: r.writer}
	// Each write is a round trip to Mattermost.
	buffered := bufio.NewWriterSize(w, writeSize)
	err := d.write(buffered)
	if flushed := buffered.Flush(); err == nil {
		err = flushed
	}
	if err != nil && w.err == nil {
		a.logSending(r, err)
	}
}

func (a *api) logSending(r *request, err error) {
	a.log.Error("A download could not be finished", "request_id", r.id, "user_id", r.userID, "route", r.route.method+" "+r.route.path, "error", err.Error())
}

// clientWriter remembers that the client is gone: nobody is left to tell.
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

// fileName makes a name that every file system takes and that shows as what it is: without separators, control
// characters and characters that turn the direction of text around, and not a hidden file.
func fileName(name, extension string) string {
	name = strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|%`, c), c == unicode.ReplacementChar:
			return '-'
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsGraphic(c):
			return c
		default: // control, direction, private use
			return -1
		}
	}, strings.ToValidUTF8(name, "-"))
	name = strings.Trim(incident.Clip(strings.Join(strings.Fields(name), " "), maxFileName), ". ")
	if name == "" || reserved[strings.ToLower(strings.SplitN(name, ".", 2)[0])] {
		name = strings.TrimSpace("incident " + name)
	}
	return name + "." + extension
}

// reserved are names that Windows keeps for devices, with whatever extension.
var reserved = func() map[string]bool {
	names := map[string]bool{"con": true, "prn": true, "aux": true, "nul": true}
	for n := range 10 {
		names[fmt.Sprint("com", n)], names[fmt.Sprint("lpt", n)] = true, true
	}
	return names
}()

// disposition tells the client to save a file (RFC 6266): its name in ASCII for old clients, and whole (RFC 8187).
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
