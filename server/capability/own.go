package capability

import (
	"context"
	"encoding/json"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// OwnField is a key of the Own of incidents, and of playbooks, that a capability keeps its state in. Clients read it as a field of
// the incident or playbook, which is absent while there is no value.
type OwnField struct {
	// Key is the name of the field. No other capability and no field of the core has it.
	Key string
	// Row makes the short form for the rows of lists (view=summary); nil leaves it out. Without Row they have the whole value.
	Row incident.OwnRow
	// Playbook makes it a field of playbooks. It validates what a client has sent, and returns it in the form in which it is stored;
	// null is none. A field that is missing when a playbook is saved stays as it is: clients of version 1.2.0 do not know it. What
	// is equal to what is stored is not validated again.
	Playbook func(ctx context.Context, userID, teamID string, value json.RawMessage) (json.RawMessage, error)
}

// Fact is something that is said about an incident wherever it is described.
type Fact = app.Fact

// ListFilter makes the condition over IR_Incident i of a parameter of the list of incidents, which is not empty. Its errors are
// Invalid.
type ListFilter func(value string) (sq.Sqlizer, error)

// StartFields makes elements that are added to the start dialog; playbooks are those that it offers, in the form of lists with
// their Own. All are optional, and none begins with an empty string. The name of an element is one of StartOptions.
type StartFields func(ctx context.Context, userID string, playbooks []playbook.Playbook) []model.DialogElement

// EndFields makes elements that are added to the dialog in which a user ends an incident. All are optional. The name of an element is
// one of EndOptions.
type EndFields func(ctx context.Context, userID string, inc *incident.Incident) []model.DialogElement

// FactsOf makes the facts of an incident in a language; nil is English.
type FactsOf func(inc *incident.Incident, language *i18n.Language) []Fact

// Facts are what all capabilities say about an incident, in a language; nil is English. They are complete once the plugin is active.
func (c *Core) Facts(inc *incident.Incident, language *i18n.Language) (all []Fact) {
	for _, plugged := range c.plugged {
		if plugged.Facts != nil {
			all = append(all, plugged.Facts(inc, language)...)
		}
	}
	return all
}

// extensions is what a capability adds to starts and changes.
func (c *Capability) extensions() app.Extensions {
	x := app.Extensions{Deliveries: c.Deliveries, PlaybookFields: map[string]app.PlaybookField{}}
	if c.InTx != nil {
		x.InTx = []app.InTx{c.InTx}
	}
	if c.Starting != nil {
		x.Starting = []app.Starting{c.Starting}
	}
	if c.Ending != nil {
		x.Ending = []app.Ending{c.Ending}
	}
	if c.Adjust != nil {
		x.Adjust = []app.Adjust{c.Adjust}
	}
	if c.CheckPlaybook != nil {
		x.CheckPlaybook = append(x.CheckPlaybook, c.CheckPlaybook)
	}
	if c.Facts != nil {
		x.Facts = append(x.Facts, c.Facts)
	}
	if c.StartLines != nil {
		x.StartLines = append(x.StartLines, c.StartLines)
	}
	if c.EndLines != nil {
		x.EndLines = append(x.EndLines, c.EndLines)
	}
	for _, field := range c.OwnFields {
		if field.Playbook != nil {
			x.PlaybookFields[field.Key] = field.Playbook
		}
	}
	return x
}

// PlaybookKeys are the fields of playbooks that capabilities have.
func (s Set) PlaybookKeys() (keys []string) {
	for _, c := range s {
		for _, field := range c.OwnFields {
			if field.Playbook != nil {
				keys = append(keys, field.Key)
			}
		}
	}
	return keys
}

// StartOptions are the fields of the request to start an incident that capabilities read.
func (s Set) StartOptions() (names []string) {
	for _, c := range s {
		names = append(names, c.StartOptions...)
	}
	return names
}

// StartFields are the elements that all capabilities add to the start dialog.
func (s Set) StartFields(ctx context.Context, userID string, playbooks []playbook.Playbook) (all []model.DialogElement) {
	for _, c := range s {
		if c.StartFields != nil {
			all = append(all, c.StartFields(ctx, userID, playbooks)...)
		}
	}
	return all
}

// EndOptions are the fields of the request to end an incident that capabilities read.
func (s Set) EndOptions() (names []string) {
	for _, c := range s {
		names = append(names, c.EndOptions...)
	}
	return names
}

// EndFields are the elements that all capabilities add to the dialog in which a user ends an incident.
func (s Set) EndFields(ctx context.Context, userID string, inc *incident.Incident) (all []model.DialogElement) {
	for _, c := range s {
		if c.EndFields != nil {
			all = append(all, c.EndFields(ctx, userID, inc)...)
		}
	}
	return all
}

// ListSorts are the names by which lists of incidents can be sorted besides those of the core.
func (s Set) ListSorts() (names []string) {
	for _, c := range s {
		for name := range c.ListSorts {
			names = append(names, name)
		}
	}
	return names
}

// ListFilters are the parameters by which lists of incidents can be filtered besides those of the core.
func (s Set) ListFilters() map[string]ListFilter {
	all := map[string]ListFilter{}
	for _, c := range s {
		for name, filter := range c.ListFilters {
			all[name] = filter
		}
	}
	return all
}
