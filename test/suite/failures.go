package main

import (
	"bytes"
	"regexp"
)

// maxFailureLines is how many lines on failures are kept of a step, and maxFailureBytes the length of one of them.
const (
	maxFailureLines = 8
	maxFailureBytes = 200
)

// aboutFailure matches what the runners write about a failed test: "go test", Playwright's lists, Vitest, TypeScript, ESLint and staticcheck.
var aboutFailure = regexp.MustCompile(
	`^\s*(--- FAIL: |FAIL\s|panic: |WARNING: DATA RACE|✘|\w*Error: |\d+:\d+\s+error\s|make(\[\d+\])?: \*\*\* |[^ ]+_test\.go:\d+: \S|[^ ]+: error TS|[^ ]+\.go:\d+:\d+: )`)

// escapes are the terminal's sequences for colours.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// failures keeps the lines of an output that are about failures. Logs are often cut to their end, so the report repeats them there.
type failures struct {
	line  []byte
	lines []string
}

func (f *failures) Write(p []byte) (int, error) {
	f.line = append(f.line, p...)
	for {
		end := bytes.IndexByte(f.line, '\n')
		if end < 0 {
			return len(p), nil
		}
		f.take(f.line[:end])
		f.line = f.line[end+1:]
	}
}

func (f *failures) take(line []byte) {
	line = escapes.ReplaceAll(line, nil)
	if len(f.lines) >= maxFailureLines || !aboutFailure.Match(line) {
		return
	}
	line = bytes.TrimSpace(line)
	if len(line) > maxFailureBytes {
		line = append(bytes.ToValidUTF8(line[:maxFailureBytes:maxFailureBytes], nil), "…"...)
	}
	f.lines = append(f.lines, string(line))
}
