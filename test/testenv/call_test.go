package testenv

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCall(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusForbidden)
		}
		content, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"Said": %q}`, r.Method+" "+r.Header.Get("Authorization")+" "+string(content))
	}))
	defer server.Close()

	var answer struct{ Said string }
	require.NoError(t, Call(t.Context(), server.Client(), "secret", "PUT", server.URL+"/", map[string]int{"a": 1}, &answer))
	require.Equal(t, "PUT Bearer secret {\"a\":1}\n", answer.Said)
	require.NoError(t, Call(t.Context(), server.Client(), "secret", "GET", server.URL+"/", nil, nil))
	require.ErrorContains(t, Call(t.Context(), server.Client(), "secret", "GET", server.URL+"/refused", nil, &answer), "answered 403 Forbidden: {")
}
