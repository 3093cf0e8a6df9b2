package archiving

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/host/hosttest"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

const ended = int64(1_000_000_000)

// bench is one incident, its channel, and the use cases. Its clock stands at now.
type bench struct {
	*hosttest.Host
	capability.Incidents
	t       *testing.T
	a       *archiving
	inc     *incident.Incident
	gone    bool
	channel *channel
	waiting int
	now     int64
	// duringArchive is called when Mattermost is asked to archive the channel.
	duringArchive func()
	may           allowed
	events        []incident.Payload
	posts         []string
}

func newBench(t *testing.T, days int64) *bench {
	b := &bench{Host: hosttest.New(), t: t, now: ended, may: true, channel: &channel{Name: "outage"},
		inc: &incident.Incident{ID: "inc", ChannelID: "channel0", IsActive: true}}
	b.Channels["channel0"].Type = model.CHANNEL_OPEN
	book := &playbook.Playbook{}
	if days > 0 {
		book.Own.Store(ownKey, template{days})
	}
	require.NoError(t, starting(t.Context(), &app.Start{Playbook: book, Incident: b.inc}))
	b.a = &archiving{core: b, incidents: b, host: b, rights: &b.may, log: &hosttest.Log{}, db: b, now: func() time.Time { return time.UnixMilli(b.now) }}
	return b
}

func (b *bench) AuthorizeEdit(_ context.Context, userID, id string) (app.ChangeRequest, error) {
	if userID == "stranger" {
		return app.ChangeRequest{}, incident.ErrForbidden
	}
	return app.AsPlugin(id), nil
}

// Change changes the incident as the use cases do, and keeps the job.
func (b *bench) Change(_ context.Context, _ app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	if b.gone {
		return app.Change{}, incident.ErrNotFound
	}
	before, after := b.inc.Clone(), b.inc.Clone()
	set, err := fn(&after, b.now)
	if err != nil || set == nil {
		return app.Change{Before: before, After: before}, err
	}
	adjust(&before, &after, b.now, set)
	b.inc = &after
	b.events = append(b.events, set.Payload)
	return app.Change{Before: before, After: after, Event: &incident.Event{CreateAt: b.now, Payload: set.Payload}}, nil
}

func (b *bench) Get(context.Context, string) (incident.Incident, error) {
	if b.gone {
		return incident.Incident{}, incident.ErrNotFound
	}
	return b.inc.Clone(), nil
}
func (b *bench) JobKinds() []jobs.Kind {
	return []jobs.Kind{{Name: "announcement", Ordered: true}, {Name: "other"}}
}
func (b *bench) Language(string) *i18n.Language { return nil }
func (b *bench) PostLanguage() *i18n.Language   { return nil }
func (b *bench) BotID() string                  { return "bot" }
func (b *bench) CreatePost(p *model.Post) (*model.Post, error) {
	b.posts = append(b.posts, p.Message)
	return p, nil
}
func (b *bench) ArchiveChannel(id string) error {
	if err := b.Call("ArchiveChannel", id); err != nil {
		return err
	}
	b.channel.DeleteAt = b.now + 7
	if b.duringArchive != nil {
		b.duringArchive()
	}
	return nil
}

// allowed are the rights of everybody.
type allowed bool

func (a *allowed) ArchiveChannel(string, *model.Channel) bool { return bool(*a) }

func (b *bench) read(context.Context, string) (*channel, error) {
	if b.channel == nil {
		return nil, nil
	}
	copied := *b.channel
	return &copied, nil
}
func (b *bench) unpublished(_ context.Context, _ string, kinds []string) (int, error) {
	assert.Equal(b.t, []string{"announcement"}, kinds)
	return b.waiting, nil
}
func (b *bench) members(context.Context, string, uint64) ([]string, error) {
	return []string{"anna", "boris"}, nil
}
func (b *bench) planned(context.Context, string) ([]string, error) { return nil, nil }
func (b *bench) restore(_ context.Context, _ string, archivedAt, _ int64) (bool, error) {
	if b.channel.DeleteAt != archivedAt {
		return false, nil
	}
	b.channel.DeleteAt = 0
	return true, nil
}

// end ends the incident; archive is what was sent as the option, "" for nothing.
func (b *bench) end(archive string) error {
	e := app.End{UserID: "anna", Incident: b.inc, Options: map[string]json.RawMessage{}}
	if archive != "" {
		e.Options[optionArchive] = json.RawMessage(archive)
	}
	if err := b.a.ending(b.t.Context(), &e); err != nil {
		return err
	}
	_, err := b.Change(b.t.Context(), app.ChangeRequest{}, func(i *incident.Incident, now int64) (*incident.ChangeSet, error) {
		set, err := i.End(now)
		e.Apply(i, now)
		return set, err
	})
	return err
}

func (b *bench) restart() {
	_, err := b.Change(b.t.Context(), app.ChangeRequest{}, func(i *incident.Incident, _ int64) (*incident.ChangeSet, error) { return i.Restart() })
	require.NoError(b.t, err)
}

// due makes an attempt of the next step, at its time.
func (b *bench) due(attempts int) error {
	job := stateOf(b.inc).job("inc", b.now)
	require.NotNil(b.t, job, "something is planned")
	b.now = max(b.now, job.DueAt)
	job.Attempts = attempts
	return b.a.archiveLater(b.t.Context(), *job)
}

// The channel is archived some seconds after an end by choice, once all posts were made, and with the right only.
func TestEnd_ByChoice(t *testing.T) {
	b := newBench(t, 0)
	require.NoError(t, b.end("true"))
	assert.Equal(t, state{ArchiveAt: ended, ByUserID: "anna"}, stateOf(b.inc))
	assert.EqualValues(t, ended+5000, stateOf(b.inc).job("inc", 1).NextAttemptAt)
	assert.Equal(t, []string{"The channel is archived now. Restarting the incident brings it back."}, endLines(b.inc, nil))
	b.waiting = 1
	_, later := jobs.IsLater(b.due(1))
	require.True(t, later, "a post is still to be made")
	assert.Empty(t, b.Calls)
	b.waiting = 0
	require.NoError(t, b.due(2))
	assert.Equal(t, state{ArchivedAt: b.channel.DeleteAt, ByUserID: "anna"}, stateOf(b.inc))
	assert.Equal(t, Archived{ArchivedAt: b.channel.DeleteAt, Because: BecauseChoice, ByUserID: "anna"}, b.events[len(b.events)-1])
	b.restart()
	assert.Nil(t, b.inc.Own, "nothing is left after the restart")
}

// What is refused ends nothing, and an end without the option is as ever.
func TestEnd_Refused(t *testing.T) {
	for name, x := range map[string]struct {
		option string
		spoil  func(b *bench)
		code   string
	}{
		"no right":          {"true", func(b *bench) { b.may = false }, "channel.archive_forbidden"},
		"default channel":   {"true", func(b *bench) { b.Channels["channel0"].Name = model.DEFAULT_CHANNEL }, "channel.not_archivable"},
		"deleted for good":  {"true", func(b *bench) { delete(b.Channels, "channel0") }, "channel.not_archivable"},
		"a number":          {"1", func(*bench) {}, "input.invalid"},
		"another text":      {`"yes"`, func(*bench) {}, "input.invalid"},
		"a list":            {"[true]", func(*bench) {}, "input.invalid"},
		"not chosen":        {"false", func(b *bench) { b.may = false }, ""},
		"text of a dialog":  {`"false"`, func(b *bench) { b.may = false }, ""},
		"null":              {"null", func(b *bench) { b.may = false }, ""},
		"left out":          {"", func(b *bench) { b.may = false }, ""},
		"archived already":  {"true", func(b *bench) { b.Channels["channel0"].DeleteAt = 5 }, ""},
		"text of a client ": {`"true"`, func(*bench) {}, ""},
	} {
		b := newBench(t, 0)
		x.spoil(b)
		err := b.end(x.option)
		if x.code == "" {
			require.NoError(t, err, name)
			assert.False(t, b.inc.IsActive, name)
			assert.Equal(t, x.option == `"true"`, b.inc.Own != nil, name)
			continue
		}
		e, _ := incident.AsError(err)
		require.NotNil(t, e, name)
		assert.Equal(t, x.code, e.Code, name)
		assert.Equal(t, optionArchive, e.Field, name)
		assert.True(t, b.inc.IsActive && b.inc.Own == nil, name)
	}
}

// The element is there for those who may archive the channel.
func TestEndFields(t *testing.T) {
	b := newBench(t, 0)
	fields := b.a.endFields(t.Context(), "anna", b.inc)
	require.Len(t, fields, 1)
	assert.Equal(t, model.DialogElement{DisplayName: "Channel", Name: "archive_channel", Type: "bool", Optional: true, Placeholder: "Archive the channel",
		HelpText: "Restarting the incident brings it back."}, fields[0])
	b = newBench(t, 3)
	assert.Contains(t, b.a.endFields(t.Context(), "anna", b.inc)[0].HelpText, "as the playbook says")
	for name, spoil := range map[string]func(b *bench){
		"no right":         func(b *bench) { b.may = false },
		"archived":         func(b *bench) { b.Channels["channel0"].DeleteAt = 1 },
		"default channel":  func(b *bench) { b.Channels["channel0"].Name = model.DEFAULT_CHANNEL },
		"deleted for good": func(b *bench) { delete(b.Channels, "channel0") },
	} {
		b := newBench(t, 0)
		spoil(b)
		assert.Empty(t, b.a.endFields(t.Context(), "anna", b.inc), name)
	}
}

// By the playbook, the channel is told a day before, and archived after.
func TestEnd_ByThePlaybook(t *testing.T) {
	b := newBench(t, 7)
	assert.Equal(t, state{AfterDays: 7}, stateOf(b.inc))
	require.NoError(t, b.end(""))
	at := ended + 7*24*3600_000
	assert.Equal(t, state{AfterDays: 7, ArchiveAt: at}, stateOf(b.inc))
	require.NoError(t, b.due(1))
	assert.EqualValues(t, at-25*3600_000, b.now)
	assert.Equal(t, state{AfterDays: 7, ArchiveAt: at, WarnedAt: b.now}, stateOf(b.inc))
	assert.Equal(t, Announced{ArchiveAt: at, AfterDays: 7}, b.events[len(b.events)-1])
	assert.Empty(t, b.Calls)
	require.NoError(t, b.due(1))
	assert.EqualValues(t, at, b.now)
	assert.Equal(t, state{AfterDays: 7, ArchivedAt: at + 7}, stateOf(b.inc))
	assert.Equal(t, Archived{ArchivedAt: at + 7, Because: BecausePlaybook}, b.events[len(b.events)-1])
	b.restart()
	assert.Equal(t, state{AfterDays: 7}, stateOf(b.inc), "the next end plans again")

	late := newBench(t, 7)
	require.NoError(t, late.end(""))
	late.now = at + 3*24*3600_000
	require.NoError(t, late.due(1))
	assert.Equal(t, late.now+24*3600_000, stateOf(late.inc).ArchiveAt, "never without a day's warning")

	one := newBench(t, 1)
	require.NoError(t, one.end(""))
	assert.Equal(t, state{AfterDays: 1, ArchiveAt: ended + 24*3600_000, WarnedAt: ended}, stateOf(one.inc))
	assert.Contains(t, endLines(one.inc, nil)[0], "will be archived at 1970-01-13 13:46 UTC")
	require.NoError(t, one.due(1))
	assert.NotZero(t, stateOf(one.inc).ArchivedAt)
}

// A plan is given up where the channel is not to be archived any more, both when it is to be told and when it is to be archived.
func TestPlan_IsGivenUp(t *testing.T) {
	for name, x := range map[string]struct {
		spoil func(b *bench)
		why   Reason
	}{
		"archived by somebody":   {func(b *bench) { b.channel.DeleteAt = 5 }, BecauseArchived},
		"another incident":       {func(b *bench) { b.channel.Ongoing = 1 }, BecauseOngoing},
		"deleted for good":       {func(b *bench) { b.channel = nil }, BecauseGone},
		"became the default one": {func(b *bench) { b.channel.Name = model.DEFAULT_CHANNEL }, BecauseGone},
	} {
		for _, warned := range []bool{false, true} {
			b := newBench(t, 7)
			require.NoError(t, b.end(""))
			if warned {
				require.NoError(t, b.due(1))
			}
			at := stateOf(b.inc).ArchiveAt
			x.spoil(b)
			require.NoError(t, b.due(1), name)
			assert.Equal(t, state{AfterDays: 7}, stateOf(b.inc), name)
			assert.Equal(t, Kept{ArchiveAt: at, Because: x.why}, b.events[len(b.events)-1], name)
			assert.Empty(t, b.Calls, name)
		}
	}
}

// An attempt that was interrupted after the channel was archived is completed, and one that was overtaken brings the channel back.
func TestArchive_Interrupted(t *testing.T) {
	b := newBench(t, 0)
	require.NoError(t, b.end("true"))
	b.channel.DeleteAt = ended + 6000
	require.NoError(t, b.due(2))
	assert.Equal(t, state{ArchivedAt: ended + 6000, ByUserID: "anna"}, stateOf(b.inc))
	assert.Empty(t, b.Calls, "not archived again")

	for name, overtake := range map[string]func(b *bench){
		"restarted": (*bench).restart,
		"kept": func(b *bench) {
			_, err := b.a.keep(b.t.Context(), "anna", "inc")
			require.NoError(b.t, err)
		},
	} {
		b = newBench(t, 0)
		require.NoError(t, b.end("true"))
		b.duringArchive = func() { overtake(b) }
		require.NoError(t, b.due(1), name)
		assert.Zero(t, b.channel.DeleteAt, name)
		assert.Nil(t, b.inc.Own, name)
		assert.Equal(t, []string{"This channel was archived, and is back because the incident goes on."}, b.posts, name)
		assert.Equal(t, 1, b.Did("RefreshMember boris"), name)
	}

	b = newBench(t, 0)
	require.NoError(t, b.end("true"))
	job := *stateOf(b.inc).job("inc", b.now)
	b.restart()
	b.channel.DeleteAt, job.Attempts = job.DueAt+1, 2
	require.NoError(t, b.a.archiveLater(t.Context(), job))
	assert.Zero(t, b.channel.DeleteAt, "archived by an attempt that was interrupted, and restarted after it")
	b.channel.DeleteAt, job.Attempts = job.DueAt-1, 1
	require.NoError(t, b.a.archiveLater(t.Context(), job))
	assert.NotZero(t, b.channel.DeleteAt, "archived by somebody")

	b = newBench(t, 0)
	require.NoError(t, b.end("true"))
	b.Fails["ArchiveChannel"] = assert.AnError
	require.ErrorIs(t, b.due(1), assert.AnError)
	assert.Zero(t, stateOf(b.inc).ArchivedAt)
	b.gone = true
	require.NoError(t, b.due(2), "the incident was deleted")
}

// Everybody who may change the incident may keep its channel, during the incident and after it.
func TestKeep(t *testing.T) {
	b := newBench(t, 7)
	_, err := b.a.keep(t.Context(), "stranger", "inc")
	require.ErrorIs(t, err, incident.ErrForbidden)
	c, err := b.a.keep(t.Context(), "anna", "inc")
	require.NoError(t, err)
	assert.Equal(t, Kept{Because: BecauseUser}, c.Event.Payload)
	assert.Nil(t, b.inc.Own)
	c, err = b.a.keep(t.Context(), "anna", "inc")
	require.NoError(t, err)
	assert.Nil(t, c.Event, "nothing is planned")

	b = newBench(t, 7)
	require.NoError(t, b.end(""))
	_, err = b.a.keep(t.Context(), "anna", "inc")
	require.NoError(t, err)
	assert.Nil(t, b.inc.Own)

	b = newBench(t, 0)
	require.NoError(t, b.end("true"))
	require.NoError(t, b.due(1))
	_, err = b.a.keep(t.Context(), "anna", "inc")
	require.ErrorIs(t, err, errArchived)
}

func TestPlaybook(t *testing.T) {
	for sent, want := range map[string]string{
		`{"archive_after_days":7}`: `{"archive_after_days":7}`, `{"archive_after_days":365,"x":1}`: `{"archive_after_days":365}`, `{"archive_after_days":0}`: "", `{}`: "",
		`{"archive_after_days":366}`: "!", `{"archive_after_days":-1}`: "!", `{"archive_after_days":1.5}`: "!", `{"archive_after_days":"7"}`: "!", `7`: "!", `[]`: "!", `"x"`: "!",
	} {
		clean, err := cleanPlaybook(t.Context(), "", "", json.RawMessage(sent))
		if want == "!" {
			assert.True(t, incident.IsKind(err, incident.Invalid), sent)
			continue
		}
		require.NoError(t, err, sent)
		assert.Equal(t, want, string(clean), sent)
	}
	inc := &incident.Incident{ExistingChannel: true}
	book := &playbook.Playbook{Own: incident.Own{ownKey: json.RawMessage(`{"archive_after_days":7}`)}}
	require.NoError(t, starting(t.Context(), &app.Start{Playbook: book, Incident: inc}))
	assert.Nil(t, inc.Own, "an existing channel is not the playbook's")
	for _, damaged := range []string{`"x"`, `{"archive_after_days":-5}`, `{"archive_after_days":999}`} {
		book.Own, inc.ExistingChannel = incident.Own{ownKey: json.RawMessage(damaged)}, false
		require.NoError(t, starting(t.Context(), &app.Start{Playbook: book, Incident: inc}))
		assert.Nil(t, inc.Own, damaged)
	}
}

// The members of a channel that is back hear of it before it is told, also if one of them cannot be reached.
func TestRestored_IsHeard(t *testing.T) {
	b := newBench(t, 0)
	b.Fails["RefreshMember anna"] = assert.AnError
	require.NoError(t, b.a.tellRestored(t.Context(), restoredJob("inc", 5, 9)))
	assert.Equal(t, []string{"RefreshMember anna", "RefreshMember boris"}, b.Calls)
	assert.Equal(t, []incident.Payload{Restored{5}}, b.events)
	b.gone = true
	require.NoError(t, b.a.tellRestored(t.Context(), restoredJob("inc", 5, 9)), "the incident was deleted")
	assert.Len(t, b.Calls, 2)
}

// Events are read as they were written.
func TestEvents(t *testing.T) {
	for _, kind := range (&archiving{}).capability().Events {
		incident.RegisterEvent(kind.Type, kind.Decode)
	}
	for _, p := range []incident.OwnPayload{Announced{5, 7}, Archived{5, BecauseChoice, "anna"}, Kept{5, BecauseUser}, Restored{5}} {
		before, after := incident.EncodePayload(p)
		read, err := map[incident.EventType]incident.Decoder{EventAnnounced: decodeAnnounced, EventArchived: decodeArchived, EventKept: decodeKept,
			EventRestored: decodeRestored}[p.Type()](before, after)
		require.NoError(t, err)
		assert.Equal(t, p, read)
	}
}
