package incident

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each change that plans, ends or replaces an update leaves the clock that fits it.
func TestClock_FollowsEachChange(t *testing.T) {
	planned, late := Clock{NextUpdateAt: 50}, Clock{OverdueSince: 50}
	for name, x := range map[string]struct {
		before Clock
		ended  bool
		change func(i *Incident) (*ChangeSet, error)
		want   Clock
	}{
		"update with a reminder":    {planned, false, func(i *Incident) (*ChangeSet, error) { return i.UpdateStatus("p", 60, 9) }, Clock{NextUpdateAt: 60_009}},
		"update without a reminder": {late, false, func(i *Incident) (*ChangeSet, error) { return i.UpdateStatus("p", 0, 9) }, Clock{}},
		"due":                       {planned, false, func(i *Incident) (*ChangeSet, error) { return i.ShowOverdue("p", 50) }, late},
		"told again":                {late, false, func(i *Incident) (*ChangeSet, error) { return i.ShowReminderPost("p") }, late},
		"snoozed":                   {late, false, func(i *Incident) (*ChangeSet, error) { return i.PlanUpdate(70) }, Clock{NextUpdateAt: 70}},
		"planned from nothing":      {Clock{}, false, func(i *Incident) (*ChangeSet, error) { return i.PlanUpdate(70) }, Clock{NextUpdateAt: 70}},
		"dismissed":                 {late, false, func(i *Incident) (*ChangeSet, error) { return i.ClearReminderPost() }, Clock{}},
		"dropped":                   {planned, false, func(i *Incident) (*ChangeSet, error) { return i.DropReminder(50) }, Clock{}},
		"ended":                     {planned, false, func(i *Incident) (*ChangeSet, error) { return i.End(9) }, Clock{}},
		"restarted after 1.2.0":     {planned, true, func(i *Incident) (*ChangeSet, error) { return i.Restart() }, Clock{}},
		"commander":                 {planned, false, func(i *Incident) (*ChangeSet, error) { return i.SetCommander("b") }, planned},
	} {
		i := codecSample()
		i.IsActive = !x.ended
		i.SetClock(x.before)
		set, err := x.change(i)
		require.NoError(t, err, name)
		require.NotNil(t, set, name)
		assert.Equal(t, x.want, i.Clock(), name)
		if x.want == (Clock{}) {
			assert.Nil(t, i.Own, "%s: nothing is left", name)
		}
	}
}

func TestPlanUpdate(t *testing.T) {
	i := codecSample()
	i.IsActive = false
	_, err := i.PlanUpdate(5)
	assert.Equal(t, ErrNotPlanned, err)
	i.IsActive = true
	set, err := i.PlanUpdate(5)
	require.NoError(t, err)
	assert.Equal(t, "old", (&Event{Payload: set.Payload}).RemovedReminderPost())
	assert.Empty(t, i.ReminderPostID)
	set, err = i.PlanUpdate(5)
	assert.True(t, set == nil && err == nil, "the same time is no change")
}

func TestNoteClock(t *testing.T) {
	i := codecSample()
	set, err := i.NoteClock(Clock{NextUpdateAt: 5})
	require.NoError(t, err)
	assert.Equal(t, "old", i.ReminderPostID, "the reminder post stays")
	assert.Empty(t, (&Event{Payload: set.Payload}).RemovedReminderPost())
	set, err = i.NoteClock(Clock{NextUpdateAt: 5})
	assert.True(t, set == nil && err == nil, "the same one is no change")
}

// A clock that cannot be read counts as none, and is replaced.
func TestClock_Damaged(t *testing.T) {
	i := codecSample()
	for _, damaged := range []string{`7`, `"x"`, `{"next_update_at":"soon"}`, `[]`} {
		i.Own = Own{OwnClock: json.RawMessage(damaged)}
		assert.Equal(t, Clock{}, i.Clock(), damaged)
		i.SetClock(Clock{})
		assert.Nil(t, i.Own, damaged)
	}
}
