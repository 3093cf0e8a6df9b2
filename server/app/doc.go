// Package app holds the use cases: what people do with incidents and playbooks, by REST, command, dialog or button.
// It decides with package access, changes with package incident, stores through the ports in this package and
// lets the rest of the world know after the commit.
package app
