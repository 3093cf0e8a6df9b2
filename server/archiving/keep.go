package archiving

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

var errArchived = incident.NewError(incident.Conflict, "channel.archived",
	"The channel is archived already. Restart the incident to bring it back, or unarchive the channel.")

// keep makes a plan of an incident void: nothing archives its channel, until somebody chooses so at another end. Without a plan it is no
// change.
func (a *archiving) keep(ctx context.Context, userID, id string) (app.Change, error) {
	r, err := a.core.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return app.Change{}, err
	}
	return a.core.Change(ctx, r, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) {
		s := stateOf(i)
		switch {
		case s.ArchivedAt != 0:
			return nil, errArchived
		case s == state{}:
			return nil, nil
		}
		state{}.store(i)
		return i.ChangeOwn(Kept{ArchiveAt: s.ArchiveAt, Because: BecauseUser}), nil
	})
}

func (a *archiving) routes() []capability.Route {
	return []capability.Route{{Method: http.MethodPost, Path: capability.IncidentPath + "/channel/keep",
		Handle: func(r *capability.Request) (capability.Answer, error) {
			c, err := a.keep(r.Context(), r.UserID, r.Var("id"))
			return capability.Answer{Body: c.After}, err
		}}}
}

func (a *archiving) commands() []capability.Command {
	return []capability.Command{{Name: "channel", After: "restart", Suggestion: suggestion, Run: a.run, Usage: []capability.Usage{
		{Help: i18n.N("Show whether this channel will be archived after the end of its incident.")},
		{Arguments: " keep", Help: i18n.N("Keep this channel: it is not archived.")},
	}}}
}

func suggestion() *model.AutocompleteData {
	data := model.NewAutocompleteData("channel", "[keep]", i18n.N("Show whether this channel will be archived, or keep it"))
	data.AddStaticListArgument(i18n.N("What to do"), false, []model.AutocompleteListItem{{Item: "keep", HelpText: i18n.N("Keep this channel")}})
	return data
}

func (a *archiving) run(ctx context.Context, c *capability.Call) error {
	inc, err := c.Incident(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(c.Words) == 0:
		c.Say(plan(c.Language(), stateOf(&inc)))
		return nil
	case len(c.Words) > 1 || !strings.EqualFold(c.Words[0], "keep"):
		return capability.UsageError("Type `/incident channel` or `/incident channel keep`.")
	}
	// An earlier incident of the channel may have a plan as well.
	ids, err := a.db.planned(ctx, inc.ChannelID)
	if err != nil {
		return err
	}
	if !slices.Contains(ids, inc.ID) {
		ids = append(ids, inc.ID)
	}
	changed := false
	for _, id := range ids {
		change, err := a.keep(ctx, c.UserId, id)
		if err != nil {
			return err
		}
		changed = changed || change.Event != nil
	}
	if !changed {
		c.Say(plan(c.Language(), state{}))
	}
	return nil
}
