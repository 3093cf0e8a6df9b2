package api

import (
	"context"
	"encoding/json"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Service is what the routes need of the use cases. Each method checks the permission of userID itself and
// fails with an *incident.Error; any other error is internal.
type Service interface {
	IsAdmin(userID string) bool

	Incident(ctx context.Context, userID, id string) (incident.Incident, error)
	IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error)
	IncidentForAutocomplete(ctx context.Context, userID, channelID string) (incident.Incident, error)
	Metadata(ctx context.Context, userID, id string) (app.Metadata, error)
	ListIncidents(ctx context.Context, userID string, f app.Filter) (app.Page, error)
	ListChannelIDs(ctx context.Context, userID string, f app.Filter) ([]string, error)
	Commanders(ctx context.Context, userID, teamID, memberID string) ([]app.CommanderInfo, error)

	// CanEdit lets a route refuse before it looks at the body.
	CanEdit(ctx context.Context, userID, id string) error
	// CheckMark, CheckClick and CheckDirectClick fail with Forbidden unless a dialog, or the post with a button, is the plugin's own.
	CheckMark(mark, userID, path, state string) error
	CheckClick(ctx context.Context, userID, id, postID string) error
	CheckDirectClick(userID, path, postID string) error

	Start(ctx context.Context, r app.StartRequest) (incident.Incident, error)
	End(ctx context.Context, userID, id string) error
	// EndWith is End with options of capabilities.
	EndWith(ctx context.Context, userID, id string, options map[string]json.RawMessage) error
	Restart(ctx context.Context, userID, id string) error
	SetCommander(ctx context.Context, userID, id, targetID string) error
	SetStage(ctx context.Context, userID, id string, index int) (incident.Incident, error)
	MoveToStage(ctx context.Context, userID, id string, from *int, to int) error

	AddTask(ctx context.Context, userID, id string, stage incident.Ref, task incident.Task) (incident.Task, error)
	EditTask(ctx context.Context, userID, id string, stage, task incident.Ref, title, command string, description *string) error
	RemoveTask(ctx context.Context, userID, id string, stage, task incident.Ref) error
	MoveTask(ctx context.Context, userID, id string, stage, task incident.Ref, to int) error
	SetTaskState(ctx context.Context, userID, id string, stage, task incident.Ref, state incident.State) error
	Assign(ctx context.Context, userID, id string, stage, task incident.Ref, assigneeID string) error
	RunTask(ctx context.Context, userID, id string, stage, task incident.Ref, expected *string) (triggerID string, err error)

	Playbook(ctx context.Context, userID, id string) (playbook.Playbook, error)
	ListPlaybooks(ctx context.Context, userID string, f app.PlaybookFilter) (app.PlaybookPage, error)
	MemberPlaybooks(ctx context.Context, userID, teamID string) ([]playbook.Playbook, error)
	CreatePlaybook(ctx context.Context, userID string, p playbook.Playbook) (id string, err error)
	// SavePlaybook returns the new revision; another one than expected (nil for any) fails with an *app.PlaybookConflict.
	SavePlaybook(ctx context.Context, userID, id string, p playbook.Playbook, expected *int64) (int64, error)
	LeavePlaybook(ctx context.Context, userID, id string) error
	DeletePlaybook(ctx context.Context, userID, id string) error
	Subscribe(ctx context.Context, userID string, s app.Subscription) (app.Subscription, error)
	ListSubscriptions(ctx context.Context, userID string, f app.SubscriptionFilter) (app.SubscriptionPage, error)
	Unsubscribe(ctx context.Context, userID, id string) error
}
