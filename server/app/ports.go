package app

import (
	"context"
	"iter"
	"math"

	sq "github.com/Masterminds/squirrel"
	"github.com/mattermost/mattermost-server/v5/model"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/playbook"
)

// Header is the part of an incident that decides who may see and change it.
type Header struct {
	ID, TeamID, ChannelID string
	// Public means that the incident's channel is public.
	Public bool
	// ChannelTeamID is the team of the channel, "" if the channel is gone.
	ChannelTeamID string
	// Archived means that the channel is archived.
	Archived bool
	// Joined means that the viewer is a member of the channel in the database. It decides which permission to ask for
	// first and grants nothing.
	Joined bool
	// ReadGranted and PostGranted: the database proves that the viewer may read the channel, and post in it. ListGranted: it
	// proves that they may list the channels of its team. If false, Mattermost has to be asked.
	ReadGranted, PostGranted, ListGranted bool
	// MembersRead: the database proves that all members of the channel may see the incident. Only Incidents.Header reads it.
	MembersRead bool
	// IsActive means that the incident is ongoing. Only Incidents.Header reads it.
	IsActive bool
	// ViewerName is the viewer's username, "" if unknown.
	ViewerName string
	// Known is what was read with the header and spares Update a statement; nil if it was not read.
	Known *KnownState
}

// KnownState is a part of an incident as it was in a revision.
type KnownState struct {
	Revision int64
	// StatusPosts are the status posts, oldest first.
	StatusPosts []incident.StatusPost
}

// ErrAnnounced reports that another post was made for the same event.
var ErrAnnounced = incident.NewError(incident.Conflict, "event.announced", "This change has a post already.")

// UpdateRequest says what Incidents.Update changes.
type UpdateRequest struct {
	IncidentID string
	// ActorID is the user who makes the change, "" for the plugin itself.
	ActorID string
	// At is the time of the change in Unix milliseconds.
	At int64
	// EventID is the id of the event, "" for a new one.
	EventID string
	// Known may be nil.
	Known *KnownState
	Extensions
}

// Filter selects incidents of one team. The zero value of each optional field does not restrict.
type Filter struct {
	TeamID string
	// ViewerID restricts to incidents whose channel is public or has this member; "" shows all (administrators).
	ViewerID string
	// OnlyMember drops public incidents that ViewerID has not joined.
	OnlyMember bool
	// Active selects ongoing (true) or ended (false) incidents; nil both.
	Active          *bool
	CommanderUserID string
	// MemberID keeps incidents whose channel has this user as a current member.
	MemberID string
	// SearchTerm is a literal part of the name, case-insensitive.
	SearchTerm string
	// Where are conditions of capabilities over IR_Incident i.
	Where []sq.Sqlizer
	// Sort is one of id name is_active create_at end_at team_id commander_user_id, in lower case, or one of a capability.
	Sort       string
	Descending bool
	// Page counts from 0; PerPage is at least 1. Offset, if it is not nil, counts incidents and replaces Page.
	Page, PerPage int
	Offset        *int
	// MaxBytes ends the page early, after at least one incident, when the incidents are longer together; 0 for no limit.
	MaxBytes int
	// Summary leaves out stages, status posts and template of all incidents, and says when they were updated last.
	Summary bool
	// Hidden are the roles with which ViewerID may not read channels. Incidents that they see only by such a role are left
	// out, public ones too if PublicHidden.
	Hidden       []RoleKey
	PublicHidden bool
	// CountVersion is TeamAccess.CountVersion. If it is empty, the store counts without its cache.
	CountVersion CountVersion
}

// Skip is the number of incidents before the page.
func (f *Filter) Skip() int {
	if f.Offset != nil {
		return *f.Offset
	}
	return before(f.Page, f.PerPage)
}

// Skip is the number of playbooks before the page.
func (f *PlaybookFilter) Skip() int { return before(f.Page, f.PerPage) }

// before is page × perPage, at most the greatest int.
func before(page, perPage int) int {
	page, perPage = max(page, 0), max(perPage, 1)
	if page > math.MaxInt/perPage {
		return math.MaxInt
	}
	return page * perPage
}

// Listed is an incident in a list.
type Listed struct {
	incident.Incident
	// Bytes is how long its stages and its template are where they are stored.
	Bytes int
	// Partial means that they are left out here.
	Partial bool
	// Channel is what the database has about the channel and the viewer; empty without a viewer.
	Channel ListedChannel
}

// ListedChannel is what decides whether the viewer of a list may read an incident.
type ListedChannel struct {
	// TeamID is the team of the channel, "" if the channel is gone.
	TeamID string
	Public bool
	// Plain: the viewer is a member or guest of the channel, and the channel has no scheme.
	Plain bool
	// Roles identifies the viewer's roles in the channel. In channels of one team with the same Roles the viewer has the
	// same permissions.
	Roles string
}

// EventSize is the size of an event in bytes.
type EventSize struct {
	Revision int64
	Bytes    int
}

// EventFilter selects events of an incident. The zero value of each field but Limit does not restrict.
type EventFilter struct {
	Types []incident.EventType
	// IDs are the ids of the events.
	IDs []string
	// After is the place behind which the page begins; with Descending the place before which it ends.
	After *EventPlace
	// Descending gives the newest first.
	Descending bool
	Limit      int
}

// EventPlace is a place in the order of an incident's events, by time.
type EventPlace struct{ CreateAt, Revision int64 }

// TeamAccess is what the database proves about a user in a team. Where it proves nothing, Mattermost has to be asked.
type TeamAccess struct {
	// ListGranted: the user may list the channels of the team.
	ListGranted bool
	// ReadGranted: members and guests may read the team's channels that have no scheme.
	ReadGranted bool
	// PlainOnly: in all their channels the user is a member or guest, and no channel or team has a scheme.
	PlainOnly bool
	// NotAdmin: the user is no administrator of the system.
	NotAdmin     bool
	CountVersion CountVersion
}

// CountVersion is the version of the cached counts: a count is valid while its version is unchanged.
type CountVersion struct {
	// Events changes with starts, ends, restarts and changes of commanders, Channels with changes of channels. Both are those of
	// all teams, and name the time of the newest change. Viewer changes with the channels in which the user is.
	Events, Channels, Viewer string
}

// Incidents stores incidents. Unknown ids give incident.ErrNotFound.
type Incidents interface {
	Get(ctx context.Context, id string) (incident.Incident, error)
	// Header reads what decides whether viewerID, which may be "", may see and change an incident.
	Header(ctx context.Context, id, viewerID string) (Header, error)
	// View reads the incident with its header. The incident is nil if its channel is private and viewerID is not a
	// member. Get reads it for others who may see it, such as administrators.
	View(ctx context.Context, id, viewerID string) (Header, *incident.Incident, error)
	// ViewByChannel is View for the incident of a channel: the ongoing one, else the newest.
	ViewByChannel(ctx context.Context, channelID, viewerID string) (Header, *incident.Incident, error)

	// OngoingIn is the incident that is ongoing in a channel, with nothing but id and name.
	OngoingIn(ctx context.Context, channelID string) (inc incident.Incident, found bool, err error)
	// Create stores inc with revision 1, its Started event with its PublishingJobs, and the use of the idempotency key, which
	// may be "", in one transaction. If actorID has used key before, it stores nothing and returns the incident made then,
	// and no event. It is ErrOngoingInChannel if another incident is ongoing in inc's channel.
	Create(ctx context.Context, inc incident.Incident, actorID, key string, now int64, x Extensions) (made incident.Incident, started *incident.Event, err error)
	// FindByKey is the incident that actorID made with the idempotency key within the last day.
	FindByKey(ctx context.Context, actorID, key string) (inc incident.Incident, found bool, err error)

	// Update locks an incident, calls fn with its fresh state, and commits the new state (revision + 1), the event, its
	// PublishingJobs and the rest of the ChangeSet together. fn must be pure: it runs again after a deadlock or a
	// serialization failure. If fn returns no ChangeSet, nothing is stored and the Change has no event.
	Update(ctx context.Context, r UpdateRequest, fn func(inc *incident.Incident) (*incident.ChangeSet, error)) (Change, error)
	// AttachPost stores postID with the event and completes the job of the announcement. If fn returns true, it also stores
	// the incident as fn has changed it, with post_revision + 1. committed is the state that Update has returned: if it is
	// still the newest it is not read again, else fn gets the fresh state of the locked row. AttachPost returns the state
	// after that. It fails with ErrAnnounced if the event has another post.
	AttachPost(ctx context.Context, committed incident.Incident, eventID, postID string, fn func(inc *incident.Incident) bool) (incident.Incident, error)
	// Event reads one event of an incident. An unknown one is NotFound.
	Event(ctx context.Context, incidentID, eventID string) (incident.Event, error)
	// EventSizes are the revisions of the newest events of an incident, oldest first, at most limit, and how long they are.
	EventSizes(ctx context.Context, id string, limit int) ([]EventSize, error)
	// EventsBetween are the events of an incident with the revisions from and to and those between, oldest first.
	EventsBetween(ctx context.Context, id string, from, to int64) ([]incident.Event, error)

	// EventPage are the events of an incident that f selects, in order of (CreateAt, Revision).
	EventPage(ctx context.Context, id string, f EventFilter) ([]incident.Event, error)

	// TeamAccess reads what is known about a user in a team. For unknown ids nothing is granted.
	TeamAccess(ctx context.Context, userID, teamID string) (TeamAccess, error)
	// ViewerRoles are the different roles that a user has in the channels of a team's incidents.
	ViewerRoles(ctx context.Context, viewerID, teamID string) ([]ViewerRole, error)
	// NewMembersMay reports whether the role of ordinary members of a new channel of the team has the permission.
	NewMembersMay(ctx context.Context, teamID, permission string) (bool, error)
	// MemberGroups are the members of a channel, grouped by their roles; MembersInGroups are the ids of those of some groups.
	MemberGroups(ctx context.Context, channelID string) ([]MemberGroup, error)
	MembersInGroups(ctx context.Context, channelID string, roles []string) (userIDs []string, err error)
	// List returns one page and the number of all matches. What is too long for the page's budget of bytes is left out of an
	// incident, see Listed; GetMany reads it.
	List(ctx context.Context, f Filter) (items []Listed, total int, err error)
	// GetMany reads incidents with all that List may leave out. Those that are gone are missing.
	GetMany(ctx context.Context, ids []string) (map[string]incident.Incident, error)
	ChannelIDs(ctx context.Context, f Filter) ([]string, error)
	// Reach reads what decides which incidents of all teams a user may see. For an unknown user it is empty.
	Reach(ctx context.Context, userID string) (Reach, error)
	// Commanders lists the distinct commanders of the matching incidents (TeamID, ViewerID and MemberID only), by username.
	Commanders(ctx context.Context, f Filter) ([]CommanderInfo, error)
	Metadata(ctx context.Context, id string) (Metadata, error)
	// ViewMetadata reads the metadata with the incident's header. Like the incident of View, they may be nil.
	ViewMetadata(ctx context.Context, id, viewerID string) (Header, *Metadata, error)

	// FoldNames stores the folded forms, by which names are searched and sorted, of names that have none, as those that version
	// 1.2.0 has stored.
	FoldNames(ctx context.Context) error
	// FindPost looks for a post by userID ("" is anybody) in the channel since (Unix ms) whose props contain the JSON text propPattern.
	FindPost(ctx context.Context, channelID, userID string, since int64, propPattern string) (postID string, err error)

	// OrphanChannels finds the ids of channels that a start which was interrupted has made.
	OrphanChannels(ctx context.Context, o Orphan) ([]string, error)
}

// Playbooks stores playbooks. Unknown and deleted ids give ErrPlaybookNotFound.
type Playbooks interface {
	// View reads a playbook that is not deleted. listGranted means that the database proves that viewerID may list the
	// channels of its team. If it is false, Mattermost has to be asked.
	View(ctx context.Context, id, viewerID string) (p playbook.Playbook, listGranted bool, err error)
	// GetAny also finds deleted playbooks.
	GetAny(ctx context.Context, id string) (playbook.Playbook, error)
	// Create stores p with revision 1. If its creator has limit playbooks already that are not deleted, it fails with
	// ErrTooManyPlaybooks; 0 is no limit.
	Create(ctx context.Context, p playbook.Playbook, limit int) error
	// Update locks the playbook, lets fn alter it and stores it with its members and the next revision.
	Update(ctx context.Context, id string, fn func(p *playbook.Playbook) error) error
	// Delete sets delete_at (Unix ms) if it is 0.
	Delete(ctx context.Context, id string, now int64) error
	// List returns one slim page (no stages, members, broadcast, template, timer) and the number of all matches.
	List(ctx context.Context, f PlaybookFilter) (items []playbook.Playbook, total int, err error)
}

// PlaybookFilter selects playbooks of one team.
type PlaybookFilter struct {
	TeamID string
	// MemberID restricts to playbooks with this member; "" shows all.
	MemberID string
	// WithOwn reads the Own of the playbooks as well, unless it is longer than 16 KiB: there may be a thousand.
	WithOwn bool
	// UsedBy, if it is not "", puts those first from which this user has started an incident most recently, and then those
	// from which anybody has.
	UsedBy string
	// Sort is one of title stages steps.
	Sort          string
	Descending    bool
	Page, PerPage int
}

// ErrTooManyPlaybooks means that a user has reached playbook.MaxPerCreator.
var ErrTooManyPlaybooks = incident.NewError(incident.Conflict, "playbook.creator_limit",
	"You have created the maximum of %d playbooks. Delete some of them, or ask an administrator to create this one.", playbook.MaxPerCreator)

// ErrPlaybookNotFound means that a playbook does not exist or is deleted.
var ErrPlaybookNotFound = incident.NewError(incident.NotFound, "playbook.not_found", "This playbook does not exist or was deleted. Choose another one.")

// CommanderInfo names a commander.
type CommanderInfo struct {
	UserID   string `json:"user_id"`
	Username string `json:"username"`
}

// Metadata is what the incident page shows beside the incident.
type Metadata struct {
	ChannelName        string `json:"channel_name"`
	ChannelDisplayName string `json:"channel_display_name"`
	TeamName           string `json:"team_name"`
	// NumMembers counts the people who were ever in the channel, without bots.
	NumMembers int64 `json:"num_members"`
	// TotalPosts is the host's message counter of the channel.
	TotalPosts int64 `json:"total_posts"`
}

// Page of incidents.
type Page struct {
	TotalCount int  `json:"total_count"`
	PageCount  int  `json:"page_count"`
	HasMore    bool `json:"has_more"`
	// NextOffset is set if the page ended early, see Filter.MaxBytes: the Offset of what follows.
	NextOffset int                 `json:"next_offset,omitempty"`
	Items      []incident.Incident `json:"items"`
	// Rest gives the items part by part if they are too long together to be held in memory; Items is empty then.
	Rest func(ctx context.Context) iter.Seq2[[]incident.Incident, error] `json:"-"`
}

// PlaybookPage is a page of slim playbooks.
type PlaybookPage struct {
	TotalCount int                 `json:"total_count"`
	PageCount  int                 `json:"page_count"`
	HasMore    bool                `json:"has_more"`
	Items      []playbook.Playbook `json:"items"`
	// CanCreate reports whether the user may create playbooks in the team.
	CanCreate bool `json:"can_create"`
}

// Host is the part of Mattermost that the use cases need. Missing things give *incident.Error of kind NotFound.
type Host interface {
	HasPermission(userID string, p *model.Permission) bool
	HasPermissionToTeam(userID, teamID string, p *model.Permission) bool
	HasPermissionToChannel(userID, channelID string, p *model.Permission) bool
	// ServerVersion is the version of Mattermost; "" if it is not known.
	ServerVersion() string
	User(id string) (*model.User, error)
	UserByUsername(name string) (*model.User, error)
	// Locale is the language that a user has chosen, such as "de" or "pt-BR"; DefaultLocale is that of the server, in which the
	// bot posts.
	Locale(userID string) string
	DefaultLocale() string
	Team(id string) (*model.Team, error)
	IsTeamMember(teamID, userID string) (bool, error)
	Channel(id string) (*model.Channel, error)
	// ChannelByName finds a channel that is not archived.
	ChannelByName(teamID, name string) (*model.Channel, error)
	IsChannelMember(channelID, userID string) (bool, error)
	// CreateChannel returns Mattermost's own error, see *model.AppError.
	CreateChannel(c *model.Channel) (*model.Channel, *model.AppError)
	ArchiveChannel(id string) error
	AddToChannel(channelID, userID, asUserID string) error
	// RefreshMember makes Mattermost look up again of which channels a member gets the events. It changes nothing of the member.
	RefreshMember(channelID, userID string) error
	Post(id string) (*model.Post, error)
	// FileName is the name of a file that was attached to a post.
	FileName(id string) (string, error)
	CreatePost(p *model.Post) (*model.Post, error)
	UpdatePost(p *model.Post) (*model.Post, error)
	// DeletePost succeeds if the post is gone already.
	DeletePost(id string) error
	// File reads the contents of a file.
	File(id string) ([]byte, error)
	Ephemeral(userID string, p *model.Post)
	RunCommand(args *model.CommandArgs) (*model.CommandResponse, error)
	OpenDialog(triggerID, path string, d model.Dialog) error
	// DirectChannel is the channel of the direct messages between the bot and a user.
	DirectChannel(userID string) (*model.Channel, error)
	Publish(event string, payload map[string]interface{}, to *model.WebsocketBroadcast)
	Session(id string) (*model.Session, error)
	Config() *model.Config
	KVGet(key string) ([]byte, error)
	// KVCompareAndSet stores value if the present one equals old (nil = missing) and reports whether it did.
	KVCompareAndSet(key string, old, value []byte) (bool, error)
	BotID() string
}

// Log writes to the plugin log of Mattermost; pairs alternate names and values.
type Log interface {
	Debug(msg string, pairs ...interface{})
	Info(msg string, pairs ...interface{})
	Warn(msg string, pairs ...interface{})
	Error(msg string, pairs ...interface{})
}
