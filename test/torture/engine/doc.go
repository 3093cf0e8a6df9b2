// Package engine tests the plugin under faults on real Mattermost servers.
// Clients change incidents at full rate and keep a journal of acknowledged
// changes, while servers, plugins, databases and connections are killed,
// stopped, cut, frozen and filled up at random moments. Afterwards a checker compares the
// journal with the rows, the events, the posts, the reminders and the channels.
//
// Two Mattermost servers share one database and one directory of files, as the
// nodes of a cluster do. Everything random comes from one seed: the faults and
// the clients' choices repeat with it, their interleaving does not.
//
// The program test/torture runs it for as long as one likes, a test in
// test/e2e for half a minute.
package engine
