package incident

// OwnClock is the key of Own, and the field of the JSON form, that holds the Clock. The capability of status updates registers it.
const OwnClock = "clock"

// Clock says when the next status update of an incident is due. Times are Unix milliseconds, 0 is none. At most one of them is set.
type Clock struct {
	// NextUpdateAt is when the next update is due.
	NextUpdateAt int64 `json:"next_update_at"`
	// OverdueSince means that an update was due then and none has come. It is set exactly while a reminder post is displayed.
	OverdueSince int64 `json:"overdue_since"`
}

// Clock returns the clock; it is empty if no update is due, and if what is stored cannot be read.
func (i *Incident) Clock() Clock {
	var c Clock
	if _, err := i.Own.Load(OwnClock, &c); err != nil {
		return Clock{}
	}
	return c
}

// SetClock replaces the clock. An empty one is not stored.
func (i *Incident) SetClock(c Clock) {
	switch {
	case c != Clock{}:
		i.Own.Store(OwnClock, c)
	case i.Own[OwnClock] != nil:
		i.Own.Store(OwnClock, nil)
	}
}

// PlansUpdate is the payload of a change that asks for another time of the next status update, see ChangeSet.NextUpdate, and tells of it.
type PlansUpdate interface {
	OwnPayload
	// WithNextUpdate returns the payload that says that the next update was due at before and is due at after. Both are Unix
	// milliseconds, 0 for none.
	WithNextUpdate(before, after int64) OwnPayload
	// PlannedUpdate returns what it says: the next update is due at a time after the change, 0 for none. moved is false if the change did
	// not move it.
	PlannedUpdate() (at int64, moved bool)
}

// ErrNotPlanned is the Conflict of a time for the next status update of an incident that has ended.
var ErrNotPlanned = NewError(Conflict, "incident.ended", "This incident has ended: no status update is due. Restart it first.")

// PlanUpdate makes the next status update due at a time (Unix ms). The displayed reminder post is removed. The same time is no change. An
// ended incident is a Conflict.
func (i *Incident) PlanUpdate(at int64) (*ChangeSet, error) {
	if !i.IsActive {
		return nil, ErrNotPlanned
	}
	before, after := i.Clock(), Clock{NextUpdateAt: at}
	if before == after && i.ReminderPostID == "" {
		return nil, nil
	}
	set := NewChangeSet(UpdatePlanned{Clock: Pair[Clock]{before, after}, ReminderPostID: Pair[string]{i.ReminderPostID, ""}})
	i.ReminderPostID = ""
	i.SetClock(after)
	return set, nil
}

// NoteClock stores a clock that was found to be another one, as after version 1.2.0 has run. The same one is no change.
func (i *Incident) NoteClock(c Clock) (*ChangeSet, error) {
	before := i.Clock()
	if before == c {
		return nil, nil
	}
	i.SetClock(c)
	return NewChangeSet(UpdatePlanned{Clock: Pair[Clock]{before, c}, ReminderPostID: Pair[string]{i.ReminderPostID, i.ReminderPostID}}), nil
}

// ShowOverdue remembers postID as the reminder post of an update that was due at a time (Unix ms) and has not come.
func (i *Incident) ShowOverdue(postID string, due int64) (*ChangeSet, error) {
	before, after := i.Clock(), Clock{OverdueSince: due}
	set := NewChangeSet(UpdateOverdue{Clock: Pair[Clock]{before, after}, ReminderPostID: Pair[string]{i.ReminderPostID, postID}})
	set.PostID = postID
	i.ReminderPostID = postID
	i.SetClock(after)
	return set, nil
}
