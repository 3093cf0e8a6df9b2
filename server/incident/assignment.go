package incident

import (
	"regexp"

	"github.com/mattermost/mattermost-server/v5/model"
)

// AssignmentKind says by what a task falls to somebody.
type AssignmentKind string

// The kinds of an Assignment. AssignedToNobody is only sent by clients, never stored.
const (
	AssignedToRole      AssignmentKind = "role"
	AssignedToCommander AssignmentKind = "commander"
	AssignedToUser      AssignmentKind = "user"
	AssignedToNobody    AssignmentKind = "none"
)

// Assignment says to whom a task falls, in a playbook and in an incident. The zero value is nobody. In an incident the assignee of
// the task is who that is at present, "" while the role is empty.
type Assignment struct {
	Kind AssignmentKind `json:"kind"`
	// Role is the key of a role, for AssignedToRole.
	Role string `json:"role,omitempty"`
	// UserID is a user, for AssignedToUser.
	UserID string `json:"user_id,omitempty"`
}

// Lengths of a role's key and the characters that it may have.
const MaxRoleKey = 32

var roleKey = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

// IsRoleKey reports whether a text has the form of a role's key.
func IsRoleKey(key string) bool { return roleKey.MatchString(key) }

// check validates what a client sent. Whether there is such a role is checked by who knows the roles.
func (a Assignment) check() error {
	switch a.Kind {
	case "", AssignedToNobody, AssignedToCommander:
		return nil
	case AssignedToRole:
		if !IsRoleKey(a.Role) {
			return InvalidField("checklists.items.assignment.role",
				"checklists.items.assignment.role must be the key of a role: 1 to %d characters a-z, 0-9, _ and -. Choose one of the playbook's roles.", MaxRoleKey)
		}
		return nil
	case AssignedToUser:
		if !model.IsValidId(a.UserID) {
			return InvalidField("checklists.items.assignment.user_id", "checklists.items.assignment.user_id must be the id of a user: 26 letters and digits.")
		}
		return nil
	}
	return InvalidField("checklists.items.assignment.kind", "checklists.items.assignment.kind must be one of: role, commander, user, none.")
}

// Clean is a checked assignment as it is stored: only the field that belongs to its kind.
func (a Assignment) Clean() Assignment {
	switch a.Kind {
	case AssignedToRole:
		return Assignment{Kind: a.Kind, Role: a.Role}
	case AssignedToUser:
		return Assignment{Kind: a.Kind, UserID: a.UserID}
	case AssignedToCommander:
		return Assignment{Kind: a.Kind}
	}
	return Assignment{}
}

// Reassign gives a task to who its assignment falls to, at now (Unix ms), "" for nobody. It keeps the assignment, and reports
// whether the assignee is another one.
func (t *Task) Reassign(userID string, now int64) bool {
	if t.AssigneeID == userID {
		return false
	}
	t.AssigneeID, t.AssigneeModified, t.AssigneeModifiedPostID = userID, now, ""
	return true
}
