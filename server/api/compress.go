package api

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// worthCompressing is the length in bytes from which bodies are compressed: a shorter one fits into one packet anyhow.
const worthCompressing = 1400

// acceptsGzip reports whether the client takes gzip (RFC 9110, section 12.5.3). "*" alone is not
// enough: clients send it that leave the choice to a proxy.
func acceptsGzip(h http.Header) bool {
	for _, list := range h.Values("Accept-Encoding") {
		for _, one := range strings.Split(list, ",") {
			coding, params, err := mime.ParseMediaType(one)
			if err != nil || coding != "gzip" && coding != "x-gzip" {
				continue
			}
			quality, err := strconv.ParseFloat(params["q"], 64)
			return params["q"] == "" || err == nil && quality > 0
		}
	}
	return false
}

// compress is fast rather than thorough, and keeps no memory from one body to the next. The body is sent in one piece: each
// write is a call to Mattermost, and middleware such as gzhttp passes the 100 small writes of a gzip.Writer for 50 KB on.
func compress(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.StatelessCompression)
	if err != nil {
		return nil, err
	}
	if _, err = w.Write(content); err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}
