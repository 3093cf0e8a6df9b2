package main

import (
	"context"
	"database/sql/driver"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/mattermost/mattermost-server/v5/plugin"
	"github.com/pkg/errors"

	"github.com/mattermost/mattermost-plugin-incident-management/server/api"
	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability/all"
	"github.com/mattermost/mattermost-plugin-incident-management/server/command"
	"github.com/mattermost/mattermost-plugin-incident-management/server/dialog"
	"github.com/mattermost/mattermost-plugin-incident-management/server/failure"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
	"github.com/mattermost/mattermost-plugin-incident-management/server/metrics"
	"github.com/mattermost/mattermost-plugin-incident-management/server/settings"
	"github.com/mattermost/mattermost-plugin-incident-management/server/store"
	"github.com/mattermost/mattermost-plugin-incident-management/server/support"
)

const (
	botUsername    = "incident"
	botDisplayName = "Incident Bot"
	botDescription = "Keeps incident channels informed."
	botPicture     = "assets/incident_plugin_icon.png"
	// predecessor is the id under which the product was published before; both cannot own /incident.
	predecessor = "com.mattermost.plugin-incident-response"
	// migrateTimeout bounds how long an activation waits for another node's migration and for its own.
	migrateTimeout = 10 * time.Minute
)

// Plugin is the only place that knows all packages: it builds and connects them.
type Plugin struct {
	plugin.MattermostPlugin

	running atomic.Pointer[running]
	// ending is what runs no longer for requests, but has not ended yet.
	ending  atomic.Pointer[running]
	config  sync.Mutex
	changes atomic.Int64 // of the configuration
}

// running is everything that exists between activation and deactivation.
type running struct {
	store    *store.Store
	host     *host.Host
	watch    *watch
	service  *app.Service
	http     http.Handler
	commands *command.Handler
	hooks    []capability.Hooks
	stop     context.CancelFunc
	done     sync.WaitGroup
	inFlight inFlight
	ended    sync.Once
	instance string // distinguishes this process from others of the plugin
	// registered means that the command is, testing whether it offers the test tools.
	registered, testing bool
	locale              string // in which it was registered
}

// noPanic turns a panic of a hook, which would end the process, into the hook's error. To be deferred.
func noPanic(err *error) {
	if cause := recover(); cause != nil {
		*err = errors.Errorf("panic: %v\n%s", cause, debug.Stack())
	}
}

// OnActivate builds the plugin. Any failure aborts the activation with an error that says what to do.
func (p *Plugin) OnActivate() (err error) {
	defer noPanic(&err)
	watchFailures()
	// Nothing here may write Mattermost's configuration: Mattermost would activate the plugin a second time.
	config := p.API.GetUnsanitizedConfig()
	if config == nil {
		return errDisconnected
	}
	botID, err := host.EnsureBot(p.API, &model.Bot{Username: botUsername, DisplayName: botDisplayName, Description: botDescription}, botPicture)
	if err != nil {
		return err
	}
	r := &running{watch: newWatch(), instance: newInstance()}
	r.host = host.New(r.watch.metrics.API(instruments.api(p.API)), botID)
	r.watch.attach(r.host, p.API.LogWarn)
	if r.store, err = openStore(config.SqlSettings, r.host, r.watch.connector); err != nil {
		return err
	}
	service := app.New(r.store.Incidents(), r.store.Playbooks(), r.store.Jobs(), r.host, r.host, manifestID)
	service.Subscriptions = r.store.Subscriptions()
	r.service = service
	capabilities := all.Plug(&capability.Core{PluginID: manifestID, Service: service, Rules: service.Rules(), Incidents: r.store.Incidents(),
		Jobs: r.store.Jobs(), Host: r.host, Log: r.host, Database: r.store, Watch: r.watch})
	if err = migrate(r.store, capabilities.Schemas()); err != nil {
		return err
	}
	r.watch.recorder.Mended(failure.Schema) // before the first migration the tables are missing, which is no problem
	capabilities.Join(service)
	r.hooks = capabilities.Hooks()
	dialogs := dialog.New(service, r.host, manifestID, capabilities.StartFields)
	dialogs.EndFields = capabilities.EndFields
	sources := &support.Sources{PluginID: manifestID, Version: manifestVersion, ServerVersion: r.host.ServerVersion, Config: r.host.Config,
		Settings: func() settings.Settings { return *r.watch.settings.Load() }, Database: r.store.Facts, Recorder: r.watch.recorder}
	budget := limit.Users()
	r.http = instruments.http(api.New(service, r.host, api.Observed(r.watch.metrics), api.Translated(r.host.Locale),
		api.WithMetrics(r.watch.metrics, metrics.ContentType), api.WithSupport(sources), api.WithCapabilities(capabilities), api.WithBudget(budget), api.WithEnd(r.inFlight.draining)))
	r.commands = command.New(service, dialogs, r.host, r.host, manifestID, capabilities.Commands()...)
	r.commands.OfferSupport(sources, r.host)
	r.commands.Share(budget)
	seen := p.changes.Load()
	if err = p.configure(r); err != nil {
		_ = r.store.Close()
		return err
	}
	if r.host.ServerVersion() == "" {
		_ = r.store.Close()
		return errDisconnected
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	runner := jobs.New(r.store.Jobs(), r.host, r.watch, append(service.JobKinds(), capabilities.Jobs()...),
		append(service.PeriodicJobs(), capabilities.Periodic()...)...)
	r.background(func() { runner.Run(ctx) })
	r.background(p.removePredecessor)
	r.background(func() { p.endWithServer(ctx) })
	r.background(func() { r.watch.copies.Run(ctx) })
	r.background(func() { r.watch.tellProblems(ctx, r.host, r.store) })
	go p.endWhenReplaced(ctx, r) // not in the background, which ending waits for
	go p.endWhenAsked(ctx)
	p.running.Store(r)
	if p.changes.Load() != seen { // nobody has followed it
		if err := p.configure(r); err != nil {
			r.host.Warn("The configuration could not be followed.", "error", err.Error())
		}
	}
	p.API.LogInfo("Incident Management is active.", "version", manifestVersion)
	return nil
}

// background runs fn until it returns; a panic in it is logged and ends only fn.
func (r *running) background(fn func()) {
	r.done.Add(1)
	go func() {
		defer r.done.Done()
		defer func() {
			if cause := recover(); cause != nil {
				r.host.Error("A background task of Incident Management failed.", "panic", cause, "stack", string(debug.Stack()))
			}
		}()
		fn()
	}()
}

// OnDeactivate ends what OnActivate started. It waits for requests that are being answered: a start that is cut off would
// leave its channel until the next activation.
func (p *Plugin) OnDeactivate() (err error) {
	defer noPanic(&err)
	r := p.running.Load()
	if r == nil {
		r = p.ending.Load() // it ends for another reason already, and Mattermost must not cut that off
	}
	if r == nil {
		return nil
	}
	return p.shutDown(r)
}

// shutDown lets requests come to their end, then everything that OnActivate has started. Who calls it again waits for the first call.
func (p *Plugin) shutDown(r *running) (err error) {
	r.ended.Do(func() { err = p.shutDownOnce(r) })
	return err
}

func (p *Plugin) shutDownOnce(r *running) error {
	p.ending.Store(r)
	if left := p.drain(r, drainTimeout); left > 0 {
		r.host.Warn("Incident Management ends while requests are being answered. What they have left behind is removed when it is enabled again.", "requests", left)
	}
	r.stop()
	r.done.Wait()
	r.watch.close()
	return r.store.Close()
}

// drain lets no more requests in and waits for those that are being answered. It returns how many are left.
func (p *Plugin) drain(r *running, timeout time.Duration) int {
	p.running.CompareAndSwap(r, nil)
	return r.inFlight.drain(timeout)
}

// OnConfigurationChange follows the settings. Mattermost calls it before activation as well.
func (p *Plugin) OnConfigurationChange() (err error) {
	defer noPanic(&err)
	p.changes.Add(1)
	if r := p.running.Load(); r != nil {
		return p.configure(r)
	}
	return nil
}

// configure reads the configuration and does what it says. Nobody else reads it: it is large, and comes from another process.
func (p *Plugin) configure(r *running) error {
	p.config.Lock()
	defer p.config.Unlock()
	config := p.API.GetConfig()
	if config == nil {
		return errors.New("Mattermost did not give its configuration")
	}
	s := settings.Read(p.API.GetPluginConfig(), config)
	r.host.SetConfig(config)
	r.service.SetPlaybookCreators(s.Creators)
	r.watch.follow(s, r.host)
	locale := r.host.DefaultLocale() // of what the command suggests
	if r.registered && r.testing == s.Testing && r.locale == locale {
		return nil
	}
	if err := p.API.RegisterCommand(r.commands.Command(s.Testing)); err != nil {
		return errors.Wrap(err, "register the command /incident")
	}
	r.registered, r.testing, r.locale = true, s.Testing, locale
	return nil
}

// ServeHTTP answers REST requests, dialogs and buttons.
func (p *Plugin) ServeHTTP(c *plugin.Context, w http.ResponseWriter, req *http.Request) {
	early := headerEarly(w)
	defer early.done()
	w = early
	r := p.enter()
	if r == nil {
		api.Unavailable(w)
		return
	}
	defer r.inFlight.leave()
	if c != nil && c.RequestId != "" {
		req = req.WithContext(api.WithSource(api.WithRequestID(req.Context(), c.RequestId), c.SourcePluginId))
	}
	if answerInstance(r, w, req) {
		return
	}
	r.http.ServeHTTP(w, req)
}

// ExecuteCommand runs /incident.
func (p *Plugin) ExecuteCommand(c *plugin.Context, args *model.CommandArgs) (*model.CommandResponse, *model.AppError) {
	r := p.enter()
	if r == nil {
		return nil, model.NewAppError("ExecuteCommand", api.ErrUnavailable.Code, nil, api.ErrUnavailable.Message, http.StatusServiceUnavailable)
	}
	defer r.inFlight.leave()
	if c != nil && args.Session.Id == "" { // the commands need it to distinguish phones from desktops
		args.Session.Id = c.SessionId
	}
	return r.commands.Execute(context.Background(), args)
}

func openStore(settings model.SqlSettings, log app.Log, wrap func(driver.Connector) driver.Connector) (*store.Store, error) {
	if settings.DriverName == nil || settings.DataSource == nil {
		return nil, errors.New("Mattermost's configuration has no SqlSettings.DriverName and SqlSettings.DataSource")
	}
	options := store.Options{PluginID: manifestID, Log: log, Wrap: wrap}
	if settings.QueryTimeout != nil {
		options.Timeout = time.Duration(*settings.QueryTimeout) * time.Second
	}
	s, err := store.Open(*settings.DriverName, *settings.DataSource, options)
	return s, errors.Wrap(err, "open Mattermost's database")
}

// migrate brings the tables up to date, and closes the store if that fails.
func migrate(s *store.Store, capabilities []capability.Schema) error {
	ctx, cancel := context.WithTimeout(context.Background(), migrateTimeout)
	defer cancel()
	s.Register(capabilities...)
	err := s.Migrate(ctx)
	if err != nil {
		_ = s.Close()
	}
	return errors.Wrap(err, "bring the tables of Incident Management up to date")
}

// removePredecessor removes the plugin under its former id, which answers to the same command. It must not list the
// plugins: that answer has manifests, whose type differs between versions of Mattermost.
func (p *Plugin) removePredecessor() {
	status, appErr := p.API.GetPluginStatus(predecessor)
	if status == nil {
		if appErr != nil && appErr.StatusCode != http.StatusNotFound {
			p.API.LogWarn("Whether the former Incident Response plugin is installed could not be found out. If it is, remove it in the System Console.", "error", appErr.Error())
		}
		return
	}
	if appErr = p.API.RemovePlugin(predecessor); appErr != nil {
		p.API.LogWarn("The former Incident Response plugin could not be removed: remove it in the System Console.", "error", appErr.Error())
	}
}
