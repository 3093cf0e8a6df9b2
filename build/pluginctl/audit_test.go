package main

import "testing"

func TestReadWebAudit(t *testing.T) {
	for report, want := range map[string]int{ // -1: could not check
		``: -1, `null`: -1, `{}`: -1, `{"message":"405 Method Not Allowed","statusCode":405,"error":{"summary":"","detail":""}}`: -1,
		`{"vulnerabilities":{},"metadata":{"vulnerabilities":{"info":0,"total":0}}}`:                                     0,
		`{"vulnerabilities":{"x":{"severity":"high","range":"<2"}},"metadata":{"vulnerabilities":{"high":1,"total":1}}}`: 1,
		`{"metadata":{"vulnerabilities":{"high":1,"total":1}}}`:                                                          -1, `{"vulnerabilities":{}}`: -1,
	} {
		findings, err := readWebAudit([]byte(report))
		if (err != nil) != (want < 0) || want >= 0 && len(findings) != want {
			t.Errorf("%s: %v, %v", report, findings, err)
		}
	}
}
