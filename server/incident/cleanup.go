package incident

import "strconv"

// deletePost notes that a post which is not displayed any more has to be deleted; "" is none.
func (set *ChangeSet) deletePost(postID string) {
	if postID != "" {
		set.DeletePosts = append(set.DeletePosts, postID)
	}
}

// ReminderMark identifies the reminder of an incident that is due at a time (Unix ms). Reminder posts are marked with it.
func ReminderMark(incidentID string, due int64) string {
	return incidentID + ":" + strconv.FormatInt(due, 10)
}
