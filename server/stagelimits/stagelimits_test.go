package stagelimits

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

func sample() *incident.Incident {
	return &incident.Incident{ID: "inc", IsActive: true, CreateAt: 1_000, Checklists: []incident.Stage{
		{ID: "a", Title: "Triage", LimitSeconds: 60}, {ID: "b", Title: "Mitigate"}, {ID: "c", Title: "Learn", LimitSeconds: 120}}}
}

// change makes a change at now as the use cases do.
func change(t *testing.T, i *incident.Incident, now int64, fn func() (*incident.ChangeSet, error)) {
	t.Helper()
	set, err := fn()
	require.NoError(t, err)
	require.NotNil(t, set)
	adjust(nil, i, now, set)
}

// The clock is that of the current stage, from when it became so, and each visit has its own.
func TestClock_FollowsTheStage(t *testing.T) {
	i := sample()
	require.NoError(t, starting(context.Background(), &app.Start{Incident: i}))
	first := clock{Stage: 0, StageID: "a", Since: 1_000, DueAt: 61_000}
	assert.Equal(t, first, clockOf(i))
	change(t, i, 5_000, func() (*incident.ChangeSet, error) { return i.SetCommander("boris") })
	assert.Equal(t, first, clockOf(i), "another change")
	change(t, i, 6_000, func() (*incident.ChangeSet, error) { return i.SetStage(1) })
	assert.Nil(t, i.Own, "a stage without a limit")
	change(t, i, 7_000, func() (*incident.ChangeSet, error) { return i.SetStage(2) })
	assert.Equal(t, clock{Stage: 2, StageID: "c", Since: 7_000, DueAt: 127_000}, clockOf(i))
	change(t, i, 8_000, func() (*incident.ChangeSet, error) { return i.SetStage(0) })
	assert.Equal(t, clock{Stage: 0, StageID: "a", Since: 8_000, DueAt: 68_000}, clockOf(i), "another visit")
	assert.NotEqual(t, first.key("inc"), clockOf(i).key("inc"))
	change(t, i, 9_000, func() (*incident.ChangeSet, error) { return i.End(9_000) })
	assert.Nil(t, i.Own, "ended")
	change(t, i, 10_000, func() (*incident.ChangeSet, error) { return i.Restart() })
	assert.Equal(t, clock{Stage: 0, StageID: "a", Since: 10_000, DueAt: 70_000}, clockOf(i), "restarted")
}

// Stages of an ongoing incident that are renamed, moved, removed, or get another limit.
func TestClock_FollowsEditedStages(t *testing.T) {
	for name, x := range map[string]struct {
		edit func(i *incident.Incident)
		want clock
	}{
		"renamed": {func(i *incident.Incident) { i.Checklists[0].Title = "Look" }, clock{Stage: 0, StageID: "a", Since: 1_000, DueAt: 61_000, ReachedAt: 7}},
		"moved": {func(i *incident.Incident) {
			i.Checklists[0], i.Checklists[2] = i.Checklists[2], i.Checklists[0]
			i.ActiveStage = 2
		}, clock{Stage: 2, StageID: "a", Since: 1_000, DueAt: 61_000, ReachedAt: 7}},
		"removed":         {func(i *incident.Incident) { i.Checklists = i.Checklists[1:] }, clock{}},
		"the next one is": {func(i *incident.Incident) { i.Checklists = i.Checklists[2:] }, clock{Stage: 0, StageID: "c", Since: 9_000, DueAt: 129_000}},
		"another limit":   {func(i *incident.Incident) { i.Checklists[0].LimitSeconds = 90 }, clock{Stage: 0, StageID: "a", Since: 1_000, DueAt: 91_000, ReachedAt: 7}},
		"no limit":        {func(i *incident.Incident) { i.Checklists[0].LimitSeconds = 0 }, clock{}},
		"all removed":     {func(i *incident.Incident) { i.Checklists = nil }, clock{}},
		"out of range":    {func(i *incident.Incident) { i.ActiveStage = 99 }, clock{Stage: 0, StageID: "a", Since: 1_000, DueAt: 61_000, ReachedAt: 7}},
	} {
		i := sample()
		setClock(i, clock{Stage: 0, StageID: "a", Since: 1_000, DueAt: 61_000, ReachedAt: 7})
		x.edit(i)
		adjust(nil, i, 9_000, nil)
		assert.Equal(t, x.want, clockOf(i), name)
	}
}

// Who uses no limits has no clock, and what is damaged is replaced.
func TestClock_WithoutLimits(t *testing.T) {
	i := sample()
	i.Checklists[0].LimitSeconds = 0
	adjust(nil, i, 5, nil)
	assert.Nil(t, i.Own)
	i = sample()
	i.Own = incident.Own{ownKey: json.RawMessage(`"x"`)}
	adjust(nil, i, 5, nil)
	assert.Equal(t, clock{StageID: "a", Since: 5, DueAt: 60_005}, clockOf(i))
}

// service changes one incident.
type service struct{ inc *incident.Incident }

func (s *service) Change(_ context.Context, _ app.ChangeRequest, fn func(inc *incident.Incident, now int64) (*incident.ChangeSet, error)) (app.Change, error) {
	if s.inc == nil {
		return app.Change{}, incident.ErrNotFound
	}
	set, err := fn(s.inc, 90_000)
	if err != nil || set == nil {
		return app.Change{}, err
	}
	adjust(nil, s.inc, 90_000, set)
	return app.Change{Event: &incident.Event{CreateAt: 90_000, Payload: set.Payload}}, nil
}

// The channel is told once for each visit, and not of one that is over.
func TestReached(t *testing.T) {
	i := sample()
	require.NoError(t, starting(context.Background(), &app.Start{Incident: i}))
	job := *clockOf(i).job("inc", 1)
	assert.EqualValues(t, 61_000, job.NextAttemptAt)
	l := &limits{&service{i}}
	require.NoError(t, l.reached(context.Background(), job))
	assert.EqualValues(t, 90_000, clockOf(i).ReachedAt)
	assert.Nil(t, clockOf(i).job("inc", 1), "nothing is left to do")
	told := clockOf(i)
	require.NoError(t, l.reached(context.Background(), job))
	assert.Equal(t, told, clockOf(i), "told again")
	for name, spoil := range map[string]func(i *incident.Incident){
		"left":               func(i *incident.Incident) { i.ActiveStage = 1 },
		"ended":              func(i *incident.Incident) { i.IsActive = false },
		"another visit":      func(i *incident.Incident) { setClock(i, clock{StageID: "a", Since: 2_000, DueAt: 62_000}) },
		"no stages any more": func(i *incident.Incident) { i.Checklists = nil },
	} {
		i := sample()
		require.NoError(t, starting(context.Background(), &app.Start{Incident: i}))
		spoil(i)
		before := clockOf(i)
		require.NoError(t, (&limits{&service{i}}).reached(context.Background(), job), name)
		assert.Equal(t, before, clockOf(i), name)
	}
	require.NoError(t, (&limits{&service{}}).reached(context.Background(), jobs.Job{IncidentID: "gone"}))
}

func TestTexts(t *testing.T) {
	r := Reached{Title: "Mitigate *all*", LimitSeconds: 1800, DueAt: 10_000, StageID: "a"}
	e := &incident.Event{CreateAt: 12_000, Payload: r}
	assert.Equal(t, `The stage **Mitigate all** has taken longer than 30m.`, post(nil, e, nil))
	for title, shown := range map[string]string{"": "—", " Triage ": "Triage", "**Fix** `db*1`": "Fix `db*1`", "@channel": "@\u200bchannel"} {
		named := *e
		named.Payload = Reached{Title: title, LimitSeconds: 1800, DueAt: e.CreateAt}
		assert.Equal(t, "The stage **"+shown+"** has taken longer than 30m.", post(nil, &named, nil), "%q", title)
	}
	e.CreateAt += 3 * 24 * 3600_000
	assert.Contains(t, post(nil, e, nil), "longer than 30m. This message is 3d late.")
	before, after := incident.EncodePayload(r)
	read, err := decode(before, after)
	require.NoError(t, err)
	assert.Equal(t, r, read)
}

// The key of the job has room in the table of jobs, with ids and times as they are.
func TestClock_KeyFits(t *testing.T) {
	now := time.Now().UnixMilli()
	job := clock{StageID: model.NewId(), Since: now, DueAt: now + 2_592_000_000}.job(model.NewId(), now)
	require.LessOrEqual(t, len(job.Key), jobs.MaxKey, job.Key)
}

func TestFacts(t *testing.T) {
	inc := sample()
	require.Nil(t, facts(inc, nil))
	require.NoError(t, starting(context.Background(), &app.Start{Incident: inc}))
	require.Equal(t, []app.Fact{{Label: "Time limit of the stage", Text: "until 1970-01-01 00:01 UTC", At: 61_000}}, facts(inc, nil))
	c := clockOf(inc)
	c.ReachedAt = 62_000
	setClock(inc, c)
	require.Equal(t, []app.Fact{{Label: "Time limit of the stage", Text: "reached at 1970-01-01 00:01 UTC", At: 61_000}}, facts(inc, nil))
	inc.IsActive = false
	require.Nil(t, facts(inc, nil))
}
