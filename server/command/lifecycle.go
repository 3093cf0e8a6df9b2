package command

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (h *Handler) start(ctx context.Context, c *call) error {
	if len(c.words) > 2 {
		return refuse("`/incident start` takes nothing after it: the dialog asks for the name and the description.")
	}
	var clientID, postID string
	if len(c.words) > 0 {
		clientID = c.words[0]
	}
	if len(c.words) > 1 {
		postID = c.words[1]
	}
	return h.dialogs.OpenStart(ctx, c.UserId, c.TeamId, c.ChannelId, c.TriggerId, clientID, postID, c.Session.Id)
}

func (h *Handler) end(ctx context.Context, c *call) error {
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	return h.dialogs.OpenEnd(ctx, c.UserId, inc.ID, c.TriggerId)
}

func (h *Handler) restart(ctx context.Context, c *call) error {
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	return h.svc.Restart(ctx, c.UserId, inc.ID)
}

func (h *Handler) stage(ctx context.Context, c *call) error {
	if len(c.words) != 1 {
		return refuse("Say which way: `/incident stage next` or `/incident stage prev`.")
	}
	way := strings.ToLower(c.words[0])
	if way != "next" && way != "prev" {
		return refuse("Stages go only two ways: `/incident stage next` or `/incident stage prev`.")
	}
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	from := inc.StageIndex()
	switch {
	case from < 0:
		return refuse("This incident has no stages to move between.")
	case way == "prev" && from == 0:
		return refuse("This incident is in its first stage already.")
	case way == "prev":
		return h.svc.MoveToStage(ctx, c.UserId, inc.ID, &from, from-1)
	case from+1 == len(inc.Checklists) && !inc.IsActive:
		return refuse("This incident is in its last stage already, and has ended.")
	case from+1 == len(inc.Checklists):
		return refuse("This incident is in its last stage already. To end it, run `/incident end`.")
	case !inc.CurrentStage().Finished():
		return h.dialogs.OpenNextStage(ctx, c.UserId, inc.ID, c.TriggerId, from, from+1)
	default:
		return h.svc.MoveToStage(ctx, c.UserId, inc.ID, &from, from+1)
	}
}

func (h *Handler) check(ctx context.Context, c *call) error {
	if len(c.words) == 1 {
		if task, err := incident.ParseRef("item", c.words[0]); err == nil && task.ID != "" {
			return h.checkByID(ctx, c, task)
		}
	}
	if len(c.words) != 2 {
		h.help(c, c.T("Say which task: `/incident check 0 1` is the second task of the first stage."))
		return nil
	}
	// The positions are only read here; whether they exist is decided on the locked incident.
	stage, err := incident.ParseRef(c.T("The first argument, the checklist,"), c.words[0])
	if err != nil {
		return err
	}
	task, err := incident.ParseRef(c.T("The second argument, the item,"), c.words[1])
	if err != nil {
		return err
	}
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	return h.svc.ToggleTask(ctx, c.UserId, inc.ID, stage, task)
}

// checkByID toggles a task that is named by its id alone, in the stage that has it.
func (h *Handler) checkByID(ctx context.Context, c *call, task incident.Ref) error {
	inc, err := h.current(ctx, c)
	if err != nil {
		return err
	}
	for s := range inc.Checklists {
		stage := incident.At(s)
		if inc.Checklists[s].ID != "" {
			stage = incident.ByID(inc.Checklists[s].ID)
		}
		if _, _, err := inc.FindTask(incident.At(s), task); err == nil {
			return h.svc.ToggleTask(ctx, c.UserId, inc.ID, stage, task)
		}
	}
	return incident.NewError(incident.NotFound, "task.not_found", "There is no task with this id in this incident. Choose one of the suggestions.")
}
