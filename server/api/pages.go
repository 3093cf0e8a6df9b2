package api

import (
	"bufio"
	"io"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// heavyTimeout is how long a long list waits for another one of the same user.
const heavyTimeout = 5 * time.Second

// sendPage sends a page of incidents that is too long to be held in memory. Its status goes out first, so that all a later
// failure can do is to be logged; the body is not closed then.
func (a *api) sendPage(r *request, p *app.Page) error {
	leave, ok := a.heavy.enter(r.Context(), r.userID, heavyTimeout)
	if !ok {
		return errBusyHeavy
	}
	defer leave()
	items := []byte(`"items":[]}`)
	head, err := incident.Marshal(p)
	if err != nil {
		return err
	}
	h := r.writer.Header()
	setJSON(h)
	h.Set("Vary", "Accept-Encoding")
	zipped := acceptsGzip(r.Header)
	if zipped {
		h.Set("Content-Encoding", "gzip")
	}
	r.writer.WriteHeader(http.StatusOK)
	client := &clientWriter{Writer: r.writer}
	buffered := bufio.NewWriterSize(client, writeSize)
	var out io.Writer = buffered
	finish := buffered.Flush
	if zipped {
		zipper, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
		if err != nil {
			return err
		}
		out = zipper
		finish = func() error {
			if err := zipper.Close(); err != nil {
				return err
			}
			return buffered.Flush()
		}
	}
	out = &paying{out, r.Context()}
	write := func() error {
		if _, err := out.Write(head[:len(head)-len(items)]); err != nil {
			return err
		}
		separator := []byte(`"items":[`)
		for part, err := range p.Rest(r.Context()) {
			if err != nil {
				return err
			}
			for n := range part {
				content, err := incident.Marshal(part[n])
				if err != nil {
					return err
				}
				if _, err = out.Write(separator); err != nil {
					return err
				}
				separator = []byte(",")
				if _, err = out.Write(content); err != nil {
					return err
				}
			}
		}
		if len(separator) > 1 { // all are gone
			if _, err := out.Write(separator); err != nil {
				return err
			}
		}
		_, err := io.WriteString(out, "]}")
		return err
	}
	if err = write(); err == nil {
		err = finish()
	}
	if err != nil && client.err == nil && r.Context().Err() == nil {
		a.logSending(r, err)
	}
	return nil
}
