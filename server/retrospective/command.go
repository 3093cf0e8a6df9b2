package retrospective

import (
	"context"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

func (r *retrospectives) commands() []capability.Command {
	return []capability.Command{{Name: "retrospective", Run: r.command,
		Suggestion: func() *model.AutocompleteData {
			return model.NewAutocompleteData("retrospective", "", i18n.N("Show the state of the retrospective of this channel's incident, and where to read it"))
		},
		Usage: []capability.Usage{{Help: i18n.N("Show the state of the retrospective of this channel's incident, and where to read it.")}},
	}}
}

// command shows the caller the state of the retrospective and where it is.
func (r *retrospectives) command(ctx context.Context, c *capability.Call) error {
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	if len(c.Words) > 0 {
		return capability.UsageError("`/incident retrospective` takes no arguments.")
	}
	if _, err := r.mayRead(ctx, c.UserId, inc.ID); err != nil {
		return err
	}
	doc, _, err := r.store.Read(ctx, inc.ID)
	if err != nil {
		return err
	}
	l := r.core.Language(c.UserId)
	name, link := "**"+text.Escape(inc.Name)+"**", r.link(&inc, l)
	var message string
	switch {
	case doc.State == Published:
		message = l.T("The retrospective of %s was published on %s: %s", name, when(doc.PublishedAt), link)
	case doc.State == Drafted:
		message = l.T("The retrospective of %s is a draft, last changed on %s: %s", name, when(doc.UpdateAt), link)
	case inc.IsActive:
		message = l.T("The retrospective of %s drafts itself while the incident goes on: %s", name, link)
	default:
		message = l.T("The retrospective of %s has a draft on which nobody has worked yet: %s", name, link)
	}
	if doc.DueAt > 0 && doc.State != Published {
		message += "\n" + l.T("It is due on %s.", when(doc.DueAt))
	}
	c.Say(message)
	return nil
}
