package main

import (
	"bytes"
	"io"
	"sync"
)

// prefixer writes whole lines, each with a prefix, so that several steps can write to one place.
type prefixer struct {
	prefix string
	to     io.Writer
	rest   []byte // of a line that has not ended
}

// writing keeps the lines of several prefixers apart.
var writing sync.Mutex

// Write implements io.Writer. A step writes from one goroutine at a time.
func (p *prefixer) Write(content []byte) (int, error) {
	p.rest = append(p.rest, content...)
	end := bytes.LastIndexByte(p.rest, '\n') + 1
	if end == 0 {
		return len(content), nil
	}
	var out bytes.Buffer
	for line := range bytes.Lines(p.rest[:end]) {
		if text := bytes.TrimRight(line, "\r\n"); len(text) == 0 {
			out.WriteString(p.prefix + " |\n")
		} else {
			out.WriteString(p.prefix + " | " + string(text) + "\n")
		}
	}
	p.rest = append([]byte(nil), p.rest[end:]...)
	writing.Lock()
	defer writing.Unlock()
	_, err := p.to.Write(out.Bytes())
	return len(content), err
}

// flush writes a last line that has no end.
func (p *prefixer) flush() {
	if len(p.rest) > 0 {
		_, _ = p.Write([]byte("\n"))
	}
}
