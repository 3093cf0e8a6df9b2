// Package e2e tests the packed plugin in a real Mattermost server. Its tests
// are built with the tag e2e and run by "make test-e2e". Each file is named
// after its subject: who may do what is in permissions_test.go (a table of
// every route for every role), guests_test.go and visibility_test.go.
// setup_test.go and the files helper_*_test.go contain what the tests share;
// setup_test.go says how to use it.
package e2e
