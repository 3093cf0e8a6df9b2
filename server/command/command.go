// Package command answers the slash command /incident.
package command

import (
	"context"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// Service is what the commands need of the use cases; *app.Service has it.
type Service interface {
	IsAdmin(userID string) bool
	IncidentByChannel(ctx context.Context, userID, channelID string) (incident.Incident, error)
	ListIncidents(ctx context.Context, userID string, f app.Filter) (app.Page, error)

	Restart(ctx context.Context, userID, id string) error
	SetCommanderByName(ctx context.Context, userID, id, username string) error
	MoveToStage(ctx context.Context, userID, id string, from *int, to int) error
	AnnounceInChannel(ctx context.Context, userID string, inc incident.Incident, channelName string) error

	ToggleTask(ctx context.Context, userID, id string, stage, task incident.Ref) error
	// Facts are what capabilities say about an incident.
	Facts(inc *incident.Incident, language *i18n.Language) []app.Fact
}

// Dialogs opens dialogs; *dialog.Dialogs does.
type Dialogs interface {
	OpenStart(ctx context.Context, userID, teamID, channelID, triggerID, clientID, postID, sessionID string) error
	OpenEnd(ctx context.Context, userID, id, triggerID string) error
	OpenNextStage(ctx context.Context, userID, id, triggerID string, from, to int) error
}

var _ Service = (*app.Service)(nil)

// Handler answers /incident. It is safe for concurrent use.
type Handler struct {
	svc      Service
	dialogs  Dialogs
	host     app.Host
	log      app.Log
	pluginID string
	support  Support
	files    Files
	// capabilities are the sub-commands of capabilities.
	capabilities []capability.Command
	// running limits how many commands of one user are run at once.
	running limit.PerKey
	// budget bounds what is done for one user in a second.
	budget *limit.Budget
}

const (
	// maxRunning is how many commands of a user are run at once: each may read a whole incident. maxWait is how long a further one waits.
	maxRunning = 3
	maxWait    = 30 * time.Second
)

var errBusy = incident.NewError(incident.Busy, "command.busy", "Too many of your commands are being run at this moment. Wait for them, then try again.")

// New makes a Handler for the plugin with the given id. The sub-commands of capabilities follow those of the core.
func New(svc Service, dialogs Dialogs, host app.Host, log app.Log, pluginID string, capabilities ...capability.Command) *Handler {
	return &Handler{svc: svc, dialogs: dialogs, host: host, log: log, pluginID: pluginID, capabilities: capabilities,
		running: limit.PerKey{Slots: maxRunning}, budget: limit.Users()}
}

// Share lets commands share the budget of each user with others who work for them.
func (h *Handler) Share(b *limit.Budget) { h.budget = b }

// added is the capability's sub-command of that name, or nil.
func (h *Handler) added(name string) *capability.Command {
	for n := range h.capabilities {
		if h.capabilities[n].Name == name {
			return &h.capabilities[n]
		}
	}
	return nil
}

// maxEcho is how many characters of what was typed a reply repeats.
const maxEcho = 64

// call is one run of the command.
type call struct {
	*model.CommandArgs
	// words follow the name of the sub-command.
	words    []string
	language func() *i18n.Language
}

// T returns a text in the language of the caller.
func (c *call) T(format string, values ...interface{}) string {
	return c.language().T(format, values...)
}

// Execute runs the command. The response is always empty: what there is to say is said by posts of the bot that only
// the caller sees, by dialogs and by visible effects. args.Session names the caller's session; without one, as when a
// task's command runs, a desktop is assumed.
func (h *Handler) Execute(ctx context.Context, args *model.CommandArgs) (response *model.CommandResponse, _ *model.AppError) {
	response = &model.CommandResponse{} // named, so that it is returned after a panic as well
	if args == nil {
		return response, nil
	}
	words := strings.Fields(args.Command)
	if len(words) == 0 || !strings.EqualFold(words[0], "/"+trigger) {
		return response, nil
	}
	c := &call{CommandArgs: args, language: sync.OnceValue(func() *i18n.Language { return i18n.For(h.host.Locale(args.UserId)) })}
	defer func() {
		if cause := recover(); cause != nil {
			h.failed(c, "panic", cause, "stack", string(debug.Stack()))
		}
	}()
	name := ""
	if len(words) > 1 {
		name, c.words = strings.ToLower(words[1]), words[2:]
	}
	if err := h.inTurn(ctx, c, name); err != nil {
		h.report(c, err)
	}
	return response, nil
}

// inTurn runs a command when few enough others of the same user are being run, and the user's budget is not overdrawn.
func (h *Handler) inTurn(ctx context.Context, c *call, name string) error {
	ctx, leave, err := h.budget.Turn(ctx, &h.running, c.UserId, maxWait)
	if err != nil {
		return errBusy
	}
	defer leave()
	return h.run(ctx, c, name)
}

func (h *Handler) run(ctx context.Context, c *call, name string) error {
	switch name {
	case "start":
		return h.start(ctx, c)
	case "end":
		return h.end(ctx, c)
	case "restart":
		return h.restart(ctx, c)
	case "stage":
		return h.stage(ctx, c)
	case "check":
		return h.check(ctx, c)
	case "commander":
		return h.commander(ctx, c)
	case "announce":
		return h.announce(ctx, c)
	case "list":
		return h.list(ctx, c)
	case "info":
		return h.info(ctx, c)
	case "support":
		return h.sendSupport(ctx, c)
	case "", "help":
		h.help(c, "")
	default:
		if added := h.added(name); added != nil {
			return added.Run(ctx, &capability.Call{CommandArgs: c.CommandArgs, Words: c.words, Testing: h.testing(),
				Incident: func(ctx context.Context) (incident.Incident, error) { return h.current(ctx, c) },
				T:        c.T, Language: c.language,
				Say: func(text string) { h.say(c, text) }, Help: func(wrong string) { h.help(c, wrong) }})
		}
		h.help(c, c.T("There is no command %s.", text.Code("/"+trigger+" "+incident.Truncate(name, maxEcho))))
	}
	return nil
}

// current is the incident of the channel in which the command was typed.
func (h *Handler) current(ctx context.Context, c *call) (incident.Incident, error) {
	inc, err := h.svc.IncidentByChannel(ctx, c.UserId, c.ChannelId)
	if incident.IsKind(err, incident.NotFound) {
		return inc, incident.ErrNoChannel
	}
	return inc, err
}

// refuse makes the error for a command that is used wrongly.
func refuse(format string, args ...interface{}) error { return capability.UsageError(format, args...) }

// report shows the caller an error.
func (h *Handler) report(c *call, err error) {
	if e, ok := incident.AsError(err); ok {
		h.say(c, c.language().Error(e))
		return
	}
	h.failed(c, "error", err.Error())
}

// failed logs an unexpected failure and shows the caller the id under which the log has it.
func (h *Handler) failed(c *call, pairs ...interface{}) {
	id := model.NewId()
	h.log.Error("A command could not be done.", append([]interface{}{
		"request_id", id, "user_id", c.UserId, "channel_id", c.ChannelId, "command", incident.Truncate(c.Command, 200),
	}, pairs...)...)
	h.say(c, c.T("This could not be done. Try again later. If it fails again, give your system administrator this request id: %s.", "`"+id+"`"))
}

// say shows the caller a text.
func (h *Handler) say(c *call, text string) {
	h.show(c, &model.Post{Message: text})
}

func (h *Handler) show(c *call, post *model.Post) {
	post.UserId, post.ChannelId, post.RootId = h.host.BotID(), c.ChannelId, c.RootId
	h.host.Ephemeral(c.UserId, post)
}

// testing reports whether the server is set up for tests.
func (h *Handler) testing() bool {
	config := h.host.Config()
	return config != nil && config.ServiceSettings.EnableTesting != nil && *config.ServiceSettings.EnableTesting
}

// mention names a user so that they are linked.
func (h *Handler) mention(userID string) string {
	user, err := h.host.User(userID)
	if err != nil {
		return "—"
	}
	return "@" + user.Username
}
