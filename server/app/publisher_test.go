package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs/jobstest"
)

// hanging is a Mattermost in which websocket events of one channel do not return until release is closed.
type hanging struct {
	*fakeHost
	channelID     string
	held, release chan struct{}
}

func (h *hanging) Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast) {
	if to.ChannelId == h.channelID {
		select {
		case h.held <- struct{}{}:
		default:
		}
		<-h.release
	}
	h.fakeHost.Publish(event, payload, to)
}

// While the websocket event of one incident hangs in Mattermost, changes of other incidents answer and are published.
func TestPublisher_AHangingEventHoldsUpNoOtherIncident(t *testing.T) {
	w := newServiceFixture(t)
	other := w.incident().Clone()
	other.ID, other.ChannelID = "other", "wide"
	w.incidents.rows["other"] = &other
	host := &hanging{fakeHost: w.host, channelID: "channel0", held: make(chan struct{}, 1), release: make(chan struct{})}
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, host, w.log, "plugin")

	slow := make(chan error, 1)
	go func() { slow <- w.End(ctx, "anna", "inc") }()
	<-host.held
	quick := make(chan error, 1)
	go func() { quick <- w.End(ctx, "anna", "other") }()
	select {
	case err := <-quick:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the change of another incident waited")
	}
	assert.Equal(t, []model.WebsocketBroadcast{{ChannelId: "wide"}}, w.host.Audiences)
	close(host.release)
	require.NoError(t, <-slow)
	assert.Len(t, w.host.Audiences, 2)
}

// ear is a Listener that remembers what it heard.
type ear struct {
	heard []Change
	panic bool
}

func (e *ear) IncidentChanged(_ context.Context, c Change) {
	e.heard = append(e.heard, c)
	if e.panic {
		panic("on purpose")
	}
}

func TestPublisher_ListenersHearOfEachChangeOnce(t *testing.T) {
	w, deaf, e := newServiceFixture(t), &ear{panic: true}, &ear{}
	w.Listen(deaf)
	w.Listen(e)
	require.NoError(t, w.SetTaskState(ctx, "boris", "inc", incident.At(0), incident.At(0), incident.Closed))
	require.NoError(t, w.SetTaskState(ctx, "boris", "inc", incident.At(0), incident.At(0), incident.Closed), "nothing to change")
	started, err := w.Start(ctx, startRequest())
	require.NoError(t, err)
	w.incidents.fails["Update"] = errBroken
	require.Error(t, w.End(ctx, "anna", "inc"))

	var kinds []incident.EventType
	for n, c := range e.heard {
		kinds = append(kinds, c.Event.Type())
		assert.Equal(t, c.Event.Revision, c.After.Revision)
		if n < 1 {
			assert.Equal(t, c.After.Revision-1, c.Before.Revision)
		}
	}
	assert.Equal(t, []incident.EventType{incident.EventTaskState, incident.EventStarted}, kinds)
	first := e.heard[0]
	assert.Equal(t, "boris", first.Actor)
	assert.Equal(t, incident.Open, first.Before.Checklists[0].Tasks[0].State)
	assert.Equal(t, incident.Closed, first.After.Checklists[0].Tasks[0].State)
	assert.Equal(t, started.ID, e.heard[1].After.ID)
	assert.Len(t, deaf.heard, 2)
	assert.True(t, w.log.Has("A listener failed"))
}

// announced are changes of which the bot tells.
var announced = map[string]func(w *serviceFixture) error{
	"state": func(w *serviceFixture) error {
		return w.SetTaskState(ctx, "anna", "inc", incident.At(0), incident.At(0), incident.InProgress)
	},
	"assignee": func(w *serviceFixture) error {
		return w.Assign(ctx, "anna", "inc", incident.At(0), incident.At(0), "boris")
	},
	"stage":     func(w *serviceFixture) error { _, err := w.SetStage(ctx, "anna", "inc", 1); return err },
	"commander": func(w *serviceFixture) error { return w.SetCommander(ctx, "anna", "inc", "boris") },
	"end":       func(w *serviceFixture) error { return w.End(ctx, "anna", "inc") },
	"restart":   func(w *serviceFixture) error { w.incident().IsActive = false; return w.Restart(ctx, "anna", "inc") },
	"start":     func(w *serviceFixture) error { _, err := w.Start(ctx, startRequest()); return err },
}

func (w *serviceFixture) onlyPost(t *testing.T) *model.Post {
	t.Helper()
	require.Len(t, w.host.Posts, 1)
	for _, p := range w.host.Posts {
		return p
	}
	return nil
}

// findMarked lets FindPost find the bot's posts by their props, as the database does.
func (w *serviceFixture) findMarked() {
	w.incidents.posts = func(channelID, userID string, _ int64, propPattern string) string {
		for id, p := range w.host.Posts {
			if p.ChannelId == channelID && p.UserId == userID && strings.Contains(model.StringInterfaceToJson(p.GetProps()), propPattern) {
				return id
			}
		}
		return ""
	}
}

// A post that could not be made is made by a later attempt, with the same words and once.
func TestAnnounceEvent_MakesThePostThatFailed(t *testing.T) {
	for name, act := range announced {
		t.Run(name, func(t *testing.T) {
			direct := newServiceFixture(t)
			require.NoError(t, act(direct))
			want := direct.onlyPost(t)

			w := newServiceFixture(t)
			w.findMarked()
			w.host.Fails["CreatePost"] = errBroken
			require.NoError(t, act(w))
			require.Empty(t, w.host.Posts)
			event := &w.incidents.events[len(w.incidents.events)-1]
			require.ErrorIs(t, w.announceEvent(ctx, event.IncidentID, event.ID, 2), errBroken)
			delete(w.host.Fails, "CreatePost")
			for attempt := 3; attempt < 5; attempt++ {
				require.NoError(t, w.announceEvent(ctx, event.IncidentID, event.ID, attempt))
				made := w.onlyPost(t)
				assert.Equal(t, want.Message, made.Message)
				assert.Equal(t, want.ChannelId, made.ChannelId)
				assert.Equal(t, event.ID, made.GetProp(eventProp))
				assert.Equal(t, made.Id, event.PostID)
			}
		})
	}
}

// An attempt may have made the post and died before it noted that.
func TestAnnounceEvent_FindsThePostOfAnEarlierAttempt(t *testing.T) {
	for name, act := range announced {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			w.findMarked()
			w.incidents.fails["AttachPost"] = errBroken
			require.NoError(t, act(w))
			made := w.onlyPost(t)
			event := &w.incidents.events[len(w.incidents.events)-1]
			w.incidents.fails["FindPost"] = errBroken
			require.ErrorIs(t, w.announceEvent(ctx, event.IncidentID, event.ID, 2), errBroken)
			delete(w.incidents.fails, "FindPost")
			require.ErrorIs(t, w.announceEvent(ctx, event.IncidentID, event.ID, 2), errBroken, "it cannot be noted yet")
			delete(w.incidents.fails, "AttachPost")
			require.NoError(t, w.announceEvent(ctx, event.IncidentID, event.ID, 3))
			assert.Equal(t, made.Id, w.onlyPost(t).Id)
			assert.Equal(t, made.Id, event.PostID)
		})
	}
	w := newServiceFixture(t)
	w.findMarked()
	w.incidents.fails["AttachPost"] = errBroken
	require.NoError(t, announced["state"](w))
	delete(w.incidents.fails, "AttachPost")
	require.NoError(t, w.announceEvent(ctx, "inc", w.incidents.events[0].ID, 2))
	assert.Equal(t, w.onlyPost(t).Id, w.incident().Checklists[0].Tasks[0].StateModifiedPostID)
	assert.Len(t, w.host.Events, 2, "clients learn of the post")
}

func TestAnnounceEvent_NothingToAnnounce(t *testing.T) {
	w := newServiceFixture(t)
	require.NoError(t, w.announceEvent(ctx, "inc", "unknown", 2))
	require.NoError(t, w.announceEvent(ctx, "unknown", "unknown", 2))
	require.NoError(t, w.RemoveTask(ctx, "anna", "inc", incident.At(0), incident.At(1)))
	require.NoError(t, w.announceEvent(ctx, "inc", w.incidents.events[0].ID, 2))
	assert.Zero(t, w.host.Did("CreatePost"))

	w.host.Fails["CreatePost"] = incident.NewError(incident.NotFound, "host.not_found", "no such channel")
	require.NoError(t, w.End(ctx, "anna", "inc"))
	ended := w.incidents.events[1].ID
	require.Error(t, w.announceEvent(ctx, "inc", ended, 2), "the channel is there: it is tried again")
	delete(w.host.Channels, "channel0")
	require.NoError(t, w.announceEvent(ctx, "inc", ended, 3), "there is nobody to tell")

	w.incidents.fails["Event"] = errBroken
	require.ErrorIs(t, w.announceEvent(ctx, "inc", ended, 3), errBroken)
}

// While Mattermost is busy no post can be made. Afterwards each change has its post, once, in the order of the changes, and
// nothing is left to do.
func TestAnnouncements_AreMadeLaterWhenMattermostWasBusy(t *testing.T) {
	for name, act := range announced {
		t.Run(name, func(t *testing.T) {
			w := newServiceFixture(t)
			w.findMarked()
			w.host.Fails["CreatePost"] = errBroken
			require.NoError(t, act(w))
			require.NoError(t, w.SetTaskState(ctx, "anna", "inc", incident.At(0), incident.At(1), incident.Closed))
			w.run(t, JobAnnouncement)
			assert.Equal(t, 2, w.host.Did("CreatePost"), "the next attempts have to wait")
			w.later(publishBackoff)
			w.run(t, JobAnnouncement)
			require.Len(t, w.waiting(), 2)
			delete(w.host.Fails, "CreatePost")
			for range 3 {
				w.later(time.Minute)
				w.run(t, JobAnnouncement)
			}
			assert.Empty(t, w.incidents.jobs.Rows(""))
			require.Len(t, w.host.Posts, 2)
			if name != "start" { // of another incident
				assert.NotContains(t, w.host.Posts["post0"].Message, "two", "the earlier change first")
				assert.Contains(t, w.host.Posts["post1"].Message, "two")
			}
			for _, e := range w.incidents.events {
				assert.NotEmpty(t, e.PostID)
			}
		})
	}
}

func TestAnnouncements_LeaveNoJobBehind(t *testing.T) {
	for name, act := range announced {
		w := newServiceFixture(t)
		require.NoError(t, act(w), name)
		assert.Empty(t, w.incidents.jobs.Rows(""), name)
	}
}

// The process dies between the commit and the post, or between the post and its note.
func TestAnnouncements_OfAProcessThatDied(t *testing.T) {
	for _, posted := range []bool{false, true} {
		w := newServiceFixture(t)
		w.findMarked()
		w.incidents.fails["AttachPost"] = errBroken
		w.host.Fails["CreatePost"] = map[bool]error{false: errBroken}[posted]
		w.incidents.jobs.Fails["Retry"] = errBroken // it stores nothing any more
		require.NoError(t, w.SetTaskState(ctx, "anna", "inc", incident.At(0), incident.At(0), incident.Closed))
		w.incidents.fails, w.host.Fails, w.incidents.jobs.Fails = map[string]error{}, map[string]error{}, map[string]error{}
		w.run(t, JobAnnouncement)
		require.Len(t, w.waiting(), 1, "the lease goes on")
		w.later(publishLease)
		w.run(t, JobAnnouncement)
		assert.Equal(t, w.onlyPost(t).Id, w.incident().Checklists[0].Tasks[0].StateModifiedPostID)
		assert.Empty(t, w.waiting())
	}
}

// The first attempt was so slow that another node has made the post meanwhile.
func TestAnnouncements_OfTwoPostsOneStays(t *testing.T) {
	w := newServiceFixture(t)
	host := &overtaken{fakeHost: w.host}
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, host, w.log, "plugin")
	host.afterPost = func() {
		e := w.incidents.events[0]
		_, err := w.incidents.AttachPost(ctx, w.incident().Clone(), e.ID, "theirs", func(*incident.Incident) bool { return false })
		require.NoError(t, err)
	}
	require.NoError(t, w.End(ctx, "anna", "inc"))
	assert.Empty(t, w.host.Posts, "ours is deleted")
	assert.Equal(t, "theirs", w.incidents.events[0].PostID)
	assert.Empty(t, w.waiting())
}

// An incident that is deleted for good while the post about its change is being made has no post about that, and no job.
func TestAnnouncements_OfAnIncidentThatIsDeletedMeanwhile(t *testing.T) {
	w := newServiceFixture(t)
	host := &overtaken{fakeHost: w.host}
	w.Service = New(w.incidents, w.playbooks, w.incidents.jobs, host, w.log, "plugin")
	host.afterPost = func() {
		w.incidents.fails["AttachPost"] = fmt.Errorf("note the post of an event: %w", incident.ErrNotFound)
		w.incidents.jobs.Delete(w.incidents.events[0].ID)
	}
	require.NoError(t, w.End(ctx, "anna", "inc"))
	assert.Empty(t, w.host.Posts)
	assert.Empty(t, w.waiting())
	assert.False(t, w.log.Has("tried again"))
}

// overtaken is a Mattermost in which something happens after a post was made, before the plugin learns of it.
type overtaken struct {
	*fakeHost
	afterPost func()
}

func (h *overtaken) CreatePost(p *model.Post) (*model.Post, error) {
	made, err := h.fakeHost.CreatePost(p)
	h.afterPost()
	return made, err
}

func TestAnnouncements_EndWithTheirChannel(t *testing.T) {
	refused := incident.NewError(incident.Forbidden, "host.refused", "not here")
	for name, spoil := range map[string]func(w *serviceFixture){
		"gone":     func(w *serviceFixture) { delete(w.host.Channels, "channel0") },
		"archived": func(w *serviceFixture) { w.host.Channels["channel0"].DeleteAt = 1 },
	} {
		w := newServiceFixture(t)
		w.host.Fails["CreatePost"] = refused
		spoil(w)
		require.NoError(t, w.End(ctx, "anna", "inc"))
		assert.Empty(t, w.incidents.jobs.Rows(""), name)

		w = newServiceFixture(t)
		w.host.Fails["CreatePost"] = errBroken
		require.NoError(t, w.End(ctx, "anna", "inc"))
		w.host.Fails["CreatePost"] = refused
		spoil(w)
		w.later(time.Minute)
		w.run(t, JobAnnouncement)
		assert.Empty(t, w.incidents.jobs.Rows(""), name)
	}
	w := newServiceFixture(t)
	w.host.Fails["CreatePost"] = refused
	require.NoError(t, w.End(ctx, "anna", "inc"))
	for range maxRefusals {
		w.later(time.Minute)
		w.run(t, JobAnnouncement)
	}
	rows := w.incidents.jobs.Rows("")
	require.Len(t, rows, 1)
	assert.Equal(t, jobstest.Failed, rows[0].State, "the bot may not post there: that is not tried for ever")
	assert.Equal(t, maxRefusals, rows[0].Attempts)
}

// Only who was found to be allowed can change an incident.
func TestChange_NeedsAPermittedRequest(t *testing.T) {
	w := newServiceFixture(t)
	fn := func(i *incident.Incident, now int64) (*incident.ChangeSet, error) { return i.End(now) }
	_, err := w.Change(ctx, ChangeRequest{Header: Header{ID: "inc"}, actorID: "anna"}, fn)
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	w.host.Denied[model.PERMISSION_READ_CHANNEL.Id+":anna:channel0"] = true
	r, err := w.AuthorizeEdit(ctx, "anna", "inc")
	require.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	_, err = w.Change(ctx, r, fn)
	assert.True(t, incident.IsKind(err, incident.Forbidden), "%v", err)
	assert.True(t, w.incident().IsActive)
}
