package incident

import "strconv"

// LooseEnd is something in Mattermost that a crash may leave behind: it is stored before, or together with, what may
// leave it, and deleted once it is tied up. Whoever finds an old one ties it up.
type LooseEnd struct {
	// ID is that of the incident to be started, or of the post to be deleted, or a new one.
	ID   string       `json:"-"`
	Kind LooseEndKind `json:"-"`
	// IncidentID is the incident that it belongs to.
	IncidentID string `json:"-"`
	// CreateAt is in Unix milliseconds.
	CreateAt int64 `json:"-"`

	// TeamID and Names tell which channel may have been made.
	TeamID string   `json:"team_id,omitempty"`
	Names  []string `json:"names,omitempty"`
	// Mark is what the post in question is marked with.
	Mark string `json:"mark,omitempty"`
}

// LooseEndKind says what may be left behind.
type LooseEndKind string

// The kinds of LooseEnd.
const (
	// LooseChannel is a channel made for an incident that is not stored yet. Storing the incident ties it up.
	LooseChannel LooseEndKind = "channel"
	// LooseStatus is the post of a status update that is not stored yet. Storing the update ties it up.
	LooseStatus LooseEndKind = "status"
	// LoosePost is a post, known by ID, that is to be deleted.
	LoosePost LooseEndKind = "post"
	// LooseReminder is the post of a reminder that was replaced or cancelled while somebody posted it.
	LooseReminder LooseEndKind = "reminder"
	// TiedUp is what was taken back. Who still tries to store it is refused.
	TiedUp LooseEndKind = "tied_up"
)

// deletePost adds the job to delete a post that is no longer displayed; "" is none.
func (s *ChangeSet) deletePost(postID string) {
	if postID != "" {
		s.LooseEnds = append(s.LooseEnds, LooseEnd{ID: postID, Kind: LoosePost})
	}
}

// ReminderMark identifies the reminder of an incident that is due at a time (Unix ms). Reminder posts are marked with it.
func ReminderMark(incidentID string, due int64) string {
	return incidentID + ":" + strconv.FormatInt(due, 10)
}
