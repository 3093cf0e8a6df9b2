package engine

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

const (
	// floodClients change one incident as fast as they can.
	floodClients = 40
	// bystanders change an incident of their own, ten times a second each.
	bystanders  = 3
	measureTime = 6 * time.Second
)

// fairness measures how long a change of an incident takes while nothing else happens, while as much happens spread
// over as many incidents as there are clients, and while one incident is flooded: what one client costs the others
// should not depend on where it knocks. It asserts nothing, because times depend on the machine.
func (w *cluster) fairness() error {
	n := w.nodes[0]
	start := func(name string) (incident.Incident, error) {
		var made incident.Incident
		a := w.call(n, w.members[0], "POST", "/incidents", map[string]any{"name": name, "team_id": w.otherTeam.Id, "commander_user_id": w.members[0].id})
		if a.status != 201 {
			return made, fmt.Errorf("start an incident: %s", a)
		}
		if err := a.decode(&made); err != nil {
			return made, err
		}
		a = w.call(n, w.members[0], "PUT", "/incidents/"+made.ID+"/checklists/0/add", map[string]any{"title": "task"})
		if a.status != 201 {
			return made, fmt.Errorf("add a task: %s", a)
		}
		return made, nil
	}
	if _, response := n.Admin.AddTeamMember(w.otherTeam.Id, w.members[0].id); response.Error != nil {
		return response.Error
	}
	var own, spread []incident.Incident
	for k := range bystanders + floodClients {
		made, err := start("Fair " + strconv.Itoa(k))
		if err != nil {
			return err
		}
		if k < bystanders {
			own = append(own, made)
		} else {
			spread = append(spread, made)
		}
	}
	flooded := make([]incident.Incident, floodClients)
	for k := range flooded {
		flooded[k] = spread[0]
	}
	for _, load := range []struct {
		name      string
		incidents []incident.Incident
	}{{"nothing else", nil}, {fmt.Sprintf("%d clients on %d incidents", floodClients, floodClients), spread},
		{fmt.Sprintf("%d clients on one incident", floodClients), flooded}} {
		times, others := w.measure(n, own, load.incidents)
		if len(times) == 0 {
			return fmt.Errorf("no change of a bystander succeeded")
		}
		slices.Sort(times)
		at := func(share float64) time.Duration {
			return times[int(share*float64(len(times)-1))].Round(100 * time.Microsecond)
		}
		w.options.Log("%s: fairness: a change of another incident beside %-26s median %s, 95%% %s, longest %s (%d changes; the others made %d)",
			w.options.Driver, load.name+":", at(0.5), at(0.95), at(1), len(times), others)
	}
	return nil
}

// measure returns how long the bystanders' changes took, and how many changes the others made in that time.
func (w *cluster) measure(n *node, own, load []incident.Incident) (times []time.Duration, others int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	until := time.Now().Add(measureTime)
	toggle := func(i incident.Incident, k int) *answer {
		return w.call(n, w.members[0], "PUT", "/incidents/"+i.ID+"/checklists/0/item/0/state",
			map[string]any{"new_state": []string{"closed", "", "in_progress"}[k%3]})
	}
	for _, i := range load {
		all.Go(func() {
			for k := 0; time.Now().Before(until); k++ {
				if a := toggle(i, k); a.status == 200 {
					mu.Lock()
					others++
					mu.Unlock()
				}
			}
		})
	}
	for _, i := range own {
		all.Go(func() {
			for k := 0; time.Now().Before(until); k++ {
				begin := time.Now()
				a := toggle(i, k)
				took := time.Since(begin)
				if a.status == 200 {
					mu.Lock()
					times = append(times, took)
					mu.Unlock()
				}
				time.Sleep(100*time.Millisecond - took)
			}
		})
	}
	all.Wait()
	return times, others
}
