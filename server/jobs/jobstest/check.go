package jobstest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

// Check tests a store. nodes are several connections to it.
func Check(t *testing.T, nodes ...jobs.Store) {
	t.Helper()
	for name, test := range map[string]func(c *checker, t *testing.T){
		"added once":         (*checker).addedOnce,
		"claimed when due":   (*checker).claimedWhenDue,
		"claimed by one":     (*checker).claimedByOne,
		"lost lease":         (*checker).lostLease,
		"retried":            (*checker).retried,
		"parked and counted": (*checker).parked,
		"done and purged":    (*checker).done,
		"unfinished":         (*checker).unfinished,
		"withdrawn":          (*checker).withdrawn,
		"ordered":            (*checker).ordered,
		"first attempt":      (*checker).first,
	} {
		t.Run(name, func(t *testing.T) { test(&checker{nodes: nodes, kind: "k" + model.NewId()[:8]}, t) })
	}
}

type checker struct {
	nodes []jobs.Store
	kind  string
}

func (c *checker) s() jobs.Store { return c.nodes[0] }

func (c *checker) add(t *testing.T, key string, at int64) jobs.Job {
	t.Helper()
	job := jobs.Job{ID: model.NewId(), Kind: c.kind, Key: key, DueAt: at, NextAttemptAt: at, CreateAt: 1, Payload: []byte(`{"a":"ü'\\"}`)}
	require.NoError(t, c.s().Add(t.Context(), job))
	return job
}

func (c *checker) due(t *testing.T, now int64) []jobs.Job {
	t.Helper()
	list, err := c.s().Due(t.Context(), jobs.Query{Kind: c.kind, Now: now, Limit: 100})
	require.NoError(t, err)
	return list
}

func (c *checker) claim(t *testing.T, job jobs.Job, now, until int64) (jobs.Lease, bool) {
	t.Helper()
	lease := jobs.Lease{JobID: job.ID, Owner: model.NewId()}
	claimed, err := c.s().Claim(t.Context(), job, lease.Owner, now, until)
	require.NoError(t, err)
	return lease, claimed
}

func (c *checker) addedOnce(t *testing.T) {
	job := c.add(t, "key", 100)
	c.add(t, "key", 50)
	other := c.add(t, "other", 90)
	list := c.due(t, 100)
	require.Len(t, list, 2)
	assert.Equal(t, other.ID, list[0].ID, "the earliest first")
	assert.JSONEq(t, string(job.Payload), string(list[1].Payload))
	job.Payload, list[1].Payload = nil, nil
	assert.Equal(t, job, list[1])
	list, err := c.s().Due(t.Context(), jobs.Query{Kind: c.kind, Now: 100, Limit: 1, Newest: true})
	require.NoError(t, err)
	assert.Equal(t, job.ID, list[0].ID, "the latest first")
	list, err = c.s().Due(t.Context(), jobs.Query{Kind: c.kind, Now: 100, Limit: 1})
	require.NoError(t, err)
	assert.Len(t, list, 1)
}

func (c *checker) claimedWhenDue(t *testing.T) {
	job := c.add(t, "key", 100)
	assert.Empty(t, c.due(t, 99))
	_, claimed := c.claim(t, job, 99, 200)
	assert.False(t, claimed, "too early")
	require.Len(t, c.due(t, 100), 1)
	_, claimed = c.claim(t, job, 100, 200)
	assert.True(t, claimed)
	assert.Empty(t, c.due(t, 199), "leased")
	list := c.due(t, 200)
	require.Len(t, list, 1, "the lease has ended")
	assert.Equal(t, 1, list[0].Attempts)
	_, claimed = c.claim(t, job, 200, 300)
	assert.False(t, claimed, "claimed by what was read before the first claim")
	_, claimed = c.claim(t, list[0], 200, 300)
	assert.True(t, claimed)
}

func (c *checker) claimedByOne(t *testing.T) {
	job := c.add(t, "key", 100)
	var wait sync.WaitGroup
	won := make([]bool, 10)
	errs := make([]error, 10)
	for n := range won {
		wait.Add(1)
		go func() {
			defer wait.Done()
			won[n], errs[n] = c.nodes[n%len(c.nodes)].Claim(context.Background(), job, fmt.Sprint("node", n), 100, 200)
		}()
	}
	wait.Wait()
	count := 0
	for n := range won {
		require.NoError(t, errs[n])
		if won[n] {
			count++
		}
	}
	assert.Equal(t, 1, count)
}

func (c *checker) lostLease(t *testing.T) {
	job := c.add(t, "key", 100)
	first, _ := c.claim(t, job, 100, 200)
	second, claimed := c.claim(t, c.due(t, 200)[0], 200, 300)
	require.True(t, claimed)
	require.NoError(t, c.s().Complete(t.Context(), first, false, 210))
	require.NoError(t, c.s().Complete(t.Context(), first, true, 210))
	require.NoError(t, c.s().Retry(t.Context(), first, 1, "no"))
	require.NoError(t, c.s().Park(t.Context(), first, 210, "no"))
	list := c.due(t, 300)
	require.Len(t, list, 1, "only the holder of the lease decides")
	assert.Empty(t, list[0].LastError)
	require.NoError(t, c.s().Complete(t.Context(), second, false, 300))
	assert.Empty(t, c.due(t, 1<<40))
	require.NoError(t, c.s().Complete(t.Context(), second, false, 300), "completed already")
}

func (c *checker) retried(t *testing.T) {
	lease, _ := c.claim(t, c.add(t, "key", 100), 100, 1000)
	require.NoError(t, c.s().Retry(t.Context(), lease, 500, "busy"))
	assert.Empty(t, c.due(t, 499))
	list := c.due(t, 500)
	require.Len(t, list, 1)
	assert.Equal(t, "busy", list[0].LastError)
	assert.Equal(t, 1, list[0].Attempts)
	assert.EqualValues(t, 100, list[0].DueAt)
}

func (c *checker) count(t *testing.T) jobs.Count {
	t.Helper()
	counts, err := c.s().Counts(t.Context())
	require.NoError(t, err)
	for _, count := range counts {
		if count.Kind == c.kind {
			return count
		}
	}
	return jobs.Count{Kind: c.kind}
}

func (c *checker) parked(t *testing.T) {
	assert.Equal(t, jobs.Count{Kind: c.kind}, c.count(t))
	c.add(t, "waiting", 100)
	retried, _ := c.claim(t, c.add(t, "retried", 100), 100, 200)
	require.NoError(t, c.s().Retry(t.Context(), retried, 150, "older"))
	parked, _ := c.claim(t, c.add(t, "parked", 100), 100, 200)
	require.NoError(t, c.s().Park(t.Context(), parked, 160, "newer"))
	assert.Equal(t, jobs.Count{Kind: c.kind, Waiting: 2, Retrying: 1, Failed: 1, LastError: "newer"}, c.count(t))
	assert.Len(t, c.due(t, 1<<40), 2, "a parked job is not due")
	require.NoError(t, c.s().Purge(t.Context(), 0, 160))
	assert.EqualValues(t, 1, c.count(t).Failed, "not old yet")
	require.NoError(t, c.s().Purge(t.Context(), 0, 161))
	assert.Equal(t, jobs.Count{Kind: c.kind, Waiting: 2, Retrying: 1, LastError: "older"}, c.count(t))
}

func (c *checker) done(t *testing.T) {
	job := c.add(t, "key", 100)
	lease, _ := c.claim(t, job, 100, 200)
	require.NoError(t, c.s().Complete(t.Context(), lease, true, 120))
	assert.Empty(t, c.due(t, 1<<40))
	assert.Equal(t, jobs.Count{Kind: c.kind}, c.count(t))
	claimed, stored, err := c.s().ClaimUnfinished(t.Context(), job.ID, "x", 300, 400)
	require.NoError(t, err)
	assert.False(t, claimed)
	assert.True(t, stored, "it can be seen that it was done")
	require.NoError(t, c.s().Purge(t.Context(), 120, 0))
	require.NoError(t, c.s().Purge(t.Context(), 121, 0))
	_, stored, err = c.s().ClaimUnfinished(t.Context(), job.ID, "x", 300, 400)
	require.NoError(t, err)
	assert.False(t, stored)
}

func (c *checker) unfinished(t *testing.T) {
	job := c.add(t, "key", 100)
	lease := jobs.Lease{JobID: job.ID, Owner: model.NewId()}
	claimed, stored, err := c.s().ClaimUnfinished(t.Context(), job.ID, lease.Owner, 10, 50)
	require.NoError(t, err)
	assert.True(t, claimed && stored, "before it is due")
	claimed, stored, err = c.s().ClaimUnfinished(t.Context(), job.ID, "other", 20, 60)
	require.NoError(t, err)
	assert.True(t, !claimed && stored, "while somebody has it")
	require.NoError(t, c.s().Complete(t.Context(), lease, false, 30))
	claimed, stored, err = c.s().ClaimUnfinished(t.Context(), job.ID, "other", 20, 60)
	require.NoError(t, err)
	assert.True(t, !claimed && !stored)
}

func (c *checker) withdrawn(t *testing.T) {
	c.add(t, "free", 100)
	_, claimed := c.claim(t, c.add(t, "claimed", 100), 100, 101)
	require.True(t, claimed)
	for _, key := range []string{"free", "claimed", "none"} {
		require.NoError(t, c.s().Withdraw(t.Context(), c.kind, key))
	}
	list := c.due(t, 200)
	require.Len(t, list, 1)
	assert.Equal(t, "claimed", list[0].Key)
}

func (c *checker) ordered(t *testing.T) {
	incident, other := model.NewId(), model.NewId()
	for n, one := range []struct {
		incident string
		position int64
	}{{incident, 3}, {incident, 2}, {other, 9}} {
		require.NoError(t, c.s().Add(t.Context(), jobs.Job{ID: model.NewId(), Kind: c.kind, Key: fmt.Sprint(n), IncidentID: one.incident,
			Position: one.position, DueAt: 100, NextAttemptAt: 100 - int64(n)}))
	}
	keys := func() (keys []string) {
		list, err := c.s().Due(t.Context(), jobs.Query{Kind: c.kind, Ordered: true, Now: 100, Limit: 10})
		require.NoError(t, err)
		for _, job := range list {
			keys = append(keys, job.Key)
		}
		return keys
	}
	assert.Equal(t, []string{"2", "1"}, keys())
	first := c.due(t, 100)[1]
	require.Equal(t, "1", first.Key)
	lease, _ := c.claim(t, first, 100, 200)
	assert.Equal(t, []string{"2"}, keys(), "while the first is being done")
	require.NoError(t, c.s().Park(t.Context(), lease, 100, "failed"))
	assert.Equal(t, []string{"2", "0"}, keys(), "a parked one lets the next ones go")
}

// Who stores a job may make the first attempt at once.
func (c *checker) first(t *testing.T) {
	for _, end := range []string{"retried", "completed", "died"} {
		job := jobs.Job{ID: model.NewId(), Kind: c.kind, Key: end, DueAt: 100, NextAttemptAt: 100, CreateAt: 100}
		require.NoError(t, c.s().Add(t.Context(), job.First(100, time.Second)))
		assert.Empty(t, c.due(t, 1099), end)
		switch end {
		case "retried":
			require.NoError(t, c.s().Retry(t.Context(), jobs.FirstLease(job.ID), 500, "busy"))
		case "completed":
			require.NoError(t, c.s().Complete(t.Context(), jobs.FirstLease(job.ID), false, 500))
			assert.Empty(t, c.due(t, 1<<40))
			continue
		}
		at := map[string]int64{"retried": 500, "died": 1100}[end]
		assert.Empty(t, c.due(t, at-1), end)
		list := c.due(t, at)
		require.Len(t, list, 1, end)
		assert.Equal(t, 1, list[0].Attempts, end)
		lease, claimed := c.claim(t, list[0], at, at+10)
		require.True(t, claimed, end)
		require.NoError(t, c.s().Complete(t.Context(), jobs.FirstLease(job.ID), false, at), "the lease was lost")
		require.Len(t, c.due(t, at+10), 1)
		require.NoError(t, c.s().Complete(t.Context(), lease, false, at))
	}
}
