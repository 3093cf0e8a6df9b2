// Package e2e tests the packed plugin in a real Mattermost server. Its tests
// are built with the tag e2e and run by "make test-e2e"; setup_test.go is the
// harness that they share and says how to use it.
package e2e
