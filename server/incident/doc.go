// Package incident holds the rules of an incident: its data, its limits and every way it may change.
// It does no I/O. A change is a method on *Incident that either refuses with an *Error, returns nil because
// there is nothing to do, or alters the incident and returns the Write to be stored with it.
package incident
