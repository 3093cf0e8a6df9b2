package incident

// Incident is a running or ended piece of work bound to exactly one channel. A channel has at most one that is ongoing.
// Its JSON form is that of version 1.2.0 plus revision and post_revision.
// All times are Unix milliseconds unless stated; 0 means never.
type Incident struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	IsActive        bool   `json:"is_active"`
	CommanderUserID string `json:"commander_user_id"`
	TeamID          string `json:"team_id"`
	ChannelID       string `json:"channel_id"`
	CreateAt        int64  `json:"create_at"`
	EndAt           int64  `json:"end_at"`
	DeleteAt        int64  `json:"delete_at"`
	// ActiveStage is the zero-based index of the current stage as stored; see StageIndex.
	ActiveStage      int          `json:"active_stage"`
	ActiveStageTitle string       `json:"active_stage_title"`
	PostID           string       `json:"post_id"`
	PlaybookID       string       `json:"playbook_id"`
	Checklists       []Stage      `json:"checklists"`
	StatusPostIDs    []string     `json:"status_post_ids"`
	StatusPosts      []StatusPost `json:"status_posts"`
	// LastStatusAt is when the newest status update was posted that was not deleted; 0 is never. Only rows of lists have it.
	LastStatusAt int64 `json:"last_status_at,omitempty"`
	// ReminderPostID is the reminder post that is displayed at present, else empty.
	ReminderPostID string `json:"reminder_post_id"`
	// PreviousReminder is the reminder interval chosen last, in nanoseconds.
	PreviousReminder        int64  `json:"previous_reminder"`
	BroadcastChannelID      string `json:"broadcast_channel_id"`
	ReminderMessageTemplate string `json:"reminder_message_template"`
	// ExistingChannel means that the incident was started in a channel that was there before, and was not made for it.
	ExistingChannel bool `json:"existing_channel,omitempty"`

	// Visibility says who sees an incident that was started in an existing channel, whatever its playbook says: VisibilityPublic,
	// the whole team, or VisibilityPrivate, the channel's members. Only the answer to the start has it.
	Visibility string `json:"visibility,omitempty"`

	// Revision grows by one with each change.
	Revision int64 `json:"revision"`
	// PostRevision grows by one each time the id of an announcement is attached without another change.
	// Of two states of an incident the newer has the greater (Revision, PostRevision).
	PostRevision int64 `json:"post_revision"`

	// Own is what capabilities keep with the incident. Its registered keys are fields of the JSON form.
	Own Own `json:"-"`
}

// The values of Incident.Visibility.
const (
	VisibilityPublic  = "public"
	VisibilityPrivate = "private"
)

// StatusPost is one status update: a post in the incident's channel.
type StatusPost struct {
	ID       string `json:"id"`
	CreateAt int64  `json:"create_at"`
	DeleteAt int64  `json:"delete_at"`
}

// StageIndex is the current stage as clients see it: -1 without stages, 0 if the stored value is out of range.
func (i *Incident) StageIndex() int {
	switch {
	case len(i.Checklists) == 0:
		return -1
	case i.ActiveStage < 0 || i.ActiveStage >= len(i.Checklists):
		return 0
	default:
		return i.ActiveStage
	}
}

// CurrentStage is the active stage, or nil without stages.
func (i *Incident) CurrentStage() *Stage {
	n := i.StageIndex()
	if n < 0 {
		return nil
	}
	return &i.Checklists[n]
}

// MarshalJSON writes the form that clients read: no null lists, active_stage in range.
func (i Incident) MarshalJSON() ([]byte, error) {
	type plain Incident
	p := plain(i)
	p.ActiveStage = i.StageIndex()
	p.Checklists = normalStages(i.Checklists)
	if p.StatusPostIDs == nil {
		p.StatusPostIDs = []string{}
	}
	if p.StatusPosts == nil {
		p.StatusPosts = []StatusPost{}
	}
	out, err := Marshal(p)
	if err != nil || len(i.Own) == 0 {
		return out, err
	}
	return AppendOwn(out, i.Own), nil
}

// LastStatusPostID is the newest status post that is not deleted, or "".
func (i *Incident) LastStatusPostID() string {
	for n := len(i.StatusPosts) - 1; n >= 0; n-- {
		if i.StatusPosts[n].DeleteAt == 0 {
			return i.StatusPosts[n].ID
		}
	}
	return ""
}

// Clone returns a deep copy.
func (i *Incident) Clone() Incident {
	c := *i
	c.Checklists = CloneStages(i.Checklists)
	c.StatusPostIDs = append([]string(nil), i.StatusPostIDs...)
	c.StatusPosts = append([]StatusPost(nil), i.StatusPosts...)
	c.Own = i.Own.Clone()
	return c
}
