package app

import (
	"context"
	"strings"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// AddTask appends a task to a stage. Only title, command and description are taken from task.
func (s *Service) AddTask(ctx context.Context, userID, id string, stage incident.Ref, task incident.Task) (incident.Task, error) {
	made := incident.Task{ID: model.NewId(), Title: strings.TrimSpace(task.Title), Description: task.Description}
	made.SetCommand(task.Command, userID, s.now())
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.AddTask(stage, made) })
	return made, err
}

// EditTask replaces a task's title and command, and its description unless that is nil.
func (s *Service) EditTask(ctx context.Context, userID, id string, stage, task incident.Ref, title, command string, description *string) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.EditTask(stage, task, title, command, description, userID, now)
	})
	return err
}

// RemoveTask deletes a task.
func (s *Service) RemoveTask(ctx context.Context, userID, id string, stage, task incident.Ref) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.RemoveTask(stage, task) })
	return err
}

// MoveTask moves a task within its stage so that it ends at position to.
func (s *Service) MoveTask(ctx context.Context, userID, id string, stage, task incident.Ref, to int) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.MoveTask(stage, task, to) })
	return err
}

// SetTaskState opens, starts or closes a task.
func (s *Service) SetTaskState(ctx context.Context, userID, id string, stage, task incident.Ref, state incident.State) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.SetTaskState(stage, task, state, now)
	})
	return err
}

// ToggleTask closes an open task and opens any other.
func (s *Service) ToggleTask(ctx context.Context, userID, id string, stage, task incident.Ref) error {
	_, err := s.edit(ctx, userID, id, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.ToggleTask(stage, task, now)
	})
	return err
}

// Assign gives a task to a member of the incident's channel, or to nobody for "".
func (s *Service) Assign(ctx context.Context, userID, id string, stage, task incident.Ref, assigneeID string) error {
	r, err := s.AuthorizeEdit(ctx, userID, id)
	if err != nil {
		return err
	}
	active := true
	if assigneeID != "" {
		user, err := s.activeMember(r.ChannelID, assigneeID)
		if err != nil {
			return err
		}
		if active = user != nil; active {
			r.Name(assigneeID, user.Username)
		}
	}
	_, err = s.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		set, err := i.Assign(stage, task, assigneeID, now)
		if !active && (set != nil || err != nil) { // a user who has left the channel may keep a task, but gets none
			return nil, errAssigneeNotInChannel
		}
		return set, err
	})
	return err
}

var errAssigneeNotInChannel = incident.InvalidField("assignee_id",
	"assignee_id must name an active member of the incident's channel. Add the user to the channel first.")

// RunTask runs a task's slash command as the user in the incident's channel and returns the command's trigger id,
// which may be empty. What Mattermost checks for a typed command is checked here, because it does not check it for
// plugins: membership, the permission to use commands, and that the channel is not archived. expected, unless nil, is the
// command that the user was shown: another one is a Conflict.
func (s *Service) RunTask(ctx context.Context, userID, id string, stage, task incident.Ref, expected *string) (string, error) {
	r, inc, err := s.LoadForEdit(ctx, userID, id)
	if err != nil {
		return "", err
	}
	st, n, err := inc.FindTask(stage, task)
	if err != nil {
		return "", err
	}
	t := inc.Checklists[st].Tasks[n]
	command := strings.TrimSpace(t.Command)
	if expected != nil && strings.TrimSpace(*expected) != command {
		return "", incident.NewError(incident.Conflict, "task.command_changed", "The command of this task has changed, so it was not run. Check the new command, then run it again.")
	}
	if command == "" {
		return "", incident.InvalidField("command", "command is empty: this task has no slash command to run.")
	}
	channel, err := s.host.Channel(inc.ChannelID)
	if err != nil {
		return "", err
	}
	if channel.DeleteAt != 0 {
		return "", incident.NewError(incident.Conflict, "channel.archived", "The incident's channel is archived: commands cannot be run in it. Restore the channel first.")
	}
	member, err := s.host.IsChannelMember(inc.ChannelID, userID)
	if err != nil {
		return "", err
	}
	if !member {
		return "", incident.NewError(incident.Forbidden, "command.forbidden", "You may not run slash commands in this incident's channel. Join the channel first.")
	}
	if !s.rules.UseCommands(userID, inc.ChannelID, r.PostGranted) {
		return "", incident.NewError(incident.Forbidden, "command.forbidden", "You may not run slash commands in this incident's channel. Ask an administrator for the permission.")
	}
	response, err := s.runCommand(userID, &inc, command)
	if err != nil {
		s.host.Ephemeral(userID, &model.Post{UserId: s.host.BotID(), ChannelId: inc.ChannelID,
			Message: s.answers(userID).CommandFailed(command, userMessage(s.Language(userID), err))})
		if e, ok := incident.AsError(err); ok && e.Kind != incident.NotFound { // that would say that the task is not there
			return "", e
		}
		return "", incident.NewError(incident.Invalid, "command.failed", "The task's command failed: %s", userMessage(nil, err))
	}
	_, err = s.Change(ctx, r, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		return i.CommandRan(t.ID, userID, now)
	})
	if err != nil {
		return "", err
	}
	return response.TriggerId, nil
}

// runCommand runs a slash command in an incident's channel. Tasks may have a command without a slash, as version 1.2.0 allowed.
func (s *Service) runCommand(userID string, inc *incident.Incident, command string) (*model.CommandResponse, error) {
	if !strings.HasPrefix(command, "/") {
		return nil, incident.InvalidField("command", "This command does not begin with a slash. Edit the task and put / in front of it.")
	}
	return s.host.RunCommand(&model.CommandArgs{UserId: userID, TeamId: inc.TeamID, ChannelId: inc.ChannelID, Command: command,
		SiteURL: s.siteURL()})
}

func (s *Service) siteURL() string {
	if url := s.host.Config().ServiceSettings.SiteURL; url != nil {
		return *url
	}
	return ""
}

// userMessage is the part of a host's error that is meant for users.
func userMessage(l *i18n.Language, err error) string {
	if appErr, ok := err.(*model.AppError); ok {
		return appErr.Message
	}
	if e, ok := incident.AsError(err); ok {
		return l.Error(e)
	}
	return err.Error()
}
