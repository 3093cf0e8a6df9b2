package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCounter_CountsTestsWithoutSubtests(t *testing.T) {
	var log, said bytes.Buffer
	count := counter{log: &log, say: &said}
	lines := `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/one"}
{"Action":"output","Package":"p","Test":"TestA/one","Output":"    a_test.go:1: wrong\n"}
{"Action":"output","Package":"p","Test":"TestA/one","Output":"    --- FAIL: TestA/one (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestA/one"}
{"Action":"run","Package":"p","Test":"TestA/two"}
{"Action":"pass","Package":"p","Test":"TestA/two"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:1: not here\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
FAIL p [build failed]
{"Action":"fail","Package":"p"}
`
	for _, part := range []string{lines[:100], lines[100:101], lines[101:]} {
		_, err := count.Write([]byte(part))
		require.NoError(t, err)
	}
	require.Equal(t, []int{1, 1, 1}, []int{count.passed, count.failed, count.skipped})
	require.Equal(t, "    FAILED  TestA/one\n            a_test.go:1: wrong\n    skipped TestB\n            b_test.go:1: not here\n", said.String())
	require.Contains(t, log.String(), "wrong")
	require.Contains(t, log.String(), "FAIL p [build failed]\n")
}

func TestChooseServers(t *testing.T) {
	all, err := chooseServers(" ")
	require.NoError(t, err)
	require.Len(t, all, 4)
	some, err := chooseServers("11.4.0 5.28.0")
	require.NoError(t, err)
	require.Equal(t, "11.4.0", some[0].Version)
	_, err = chooseServers("5.39")
	require.ErrorContains(t, err, "5.28.0, 5.39.3, 6.7.2, 11.4.0")
}
