package app

import "github.com/mattermost/mattermost-plugin-incident-management/server/jobs"

// DatabaseFacts is what a support report says of the database. It has numbers and versions, and nothing that a user typed.
type DatabaseFacts struct {
	Driver string `json:"driver"`
	// Version is what the database says of itself, "" if it does not answer.
	Version string `json:"version"`
	// Schema is the version of the tables of 1.2.0, Step the number of the plugin's own steps that were taken; SchemaKnown
	// and StepKnown are the newest that this plugin knows.
	Schema      string `json:"schema"`
	SchemaKnown string `json:"schema_known"`
	Step        int    `json:"step"`
	StepKnown   int    `json:"step_known"`
	// Connections are those that the plugin has open on this node, Waited how often one had to be waited for.
	Connections int   `json:"connections"`
	InUse       int   `json:"connections_in_use"`
	Waited      int64 `json:"connections_waited_for"`
	// Counts are numbers of rows, by what they are. What could not be counted is missing.
	Counts map[string]int64 `json:"counts"`
	// Jobs are the stored jobs of each kind. The report has them without the texts of their errors.
	Jobs []jobs.Count `json:"-"`
	// SlowSearch means that searching by name reads all names, because the index for it is missing.
	SlowSearch bool `json:"slow_search"`
	// Failed are the errors met on the way.
	Failed []error `json:"-"`
}

// The keys of DatabaseFacts.Counts.
const (
	CountIncidents = "incidents"
	CountOngoing   = "incidents_ongoing"
	CountPlaybooks = "playbooks"
	CountEvents    = "recorded_changes"
	CountReminders = "pending_reminders"
)
