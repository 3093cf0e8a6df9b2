package timeline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// Kind says where an entry comes from.
type Kind string

// The kinds of entries.
const (
	// Own is an event of the incident itself.
	Own Kind = "event"
	// Update is a status update.
	Update Kind = "update"
	// Message is a message that somebody has added.
	Message Kind = "message"
	// Manual was written by hand.
	Manual Kind = "manual"
)

// Entry is one entry of a timeline. All times are Unix milliseconds, 0 = never.
type Entry struct {
	ID         string `json:"id"`
	IncidentID string `json:"incident_id"`
	Kind       Kind   `json:"kind"`
	// HappenedAt orders the timeline, RecordedAt is when the entry was stored.
	HappenedAt int64 `json:"happened_at"`
	RecordedAt int64 `json:"recorded_at"`
	// AuthorID is who did, said or wrote it, "" for the plugin. AuthorName is the name that the author of a message or update had
	// then, or the name that a webhook gave itself.
	AuthorID   string `json:"author_id"`
	AuthorName string `json:"author_name,omitempty"`
	// AddedByID is who added it, "" for the plugin.
	AddedByID string `json:"added_by_id"`
	// Text is as the author wrote it, in Markdown. It is "" for own events and deleted entries.
	Text    string `json:"text"`
	Starred bool   `json:"starred"`
	// Version counts from 1. It is 0 for an own event that was never starred.
	Version int64 `json:"version"`
	// EditedAt is when text or time were last changed here or in Mattermost, EditedByID who did it.
	EditedAt   int64  `json:"edited_at"`
	EditedByID string `json:"edited_by_id"`
	// Original is the first version of an entry that was edited.
	Original *Original `json:"original,omitempty"`
	// Source is the post of a message or update.
	Source *Source `json:"source,omitempty"`
	Files  []File  `json:"files,omitempty"`
	// Event is set for own events.
	Event *Event `json:"event,omitempty"`
	// DeletedAt and DeletedByID are the mark of a deleted entry.
	DeletedAt   int64  `json:"deleted_at"`
	DeletedByID string `json:"deleted_by_id"`

	// seq orders entries with the same HappenedAt: the revision of an own event, RecordedAt of others.
	seq int64
	// eventOf is the event of an own event. event adds the payload.
	eventOf *incident.Event
	// postEditAt is the time of the last edit of the post that is stored.
	postEditAt int64
	// fresh is the text of the post if it was edited since, and freshAt when.
	fresh   *string
	freshAt int64
}

// Original is the first version of an entry.
type Original struct {
	Text       string `json:"text"`
	HappenedAt int64  `json:"happened_at"`
}

// Source names the post that an entry was made from.
type Source struct {
	PostID    string `json:"post_id"`
	ChannelID string `json:"channel_id"`
	// ChannelName is the name of a channel other than the incident's, "" for the incident's own.
	ChannelName string `json:"channel_name,omitempty"`
	// Gone means that the post was deleted, Lost that this happened before its text was stored here.
	Gone bool `json:"gone"`
	Lost bool `json:"lost,omitempty"`
}

// File is a file of a message.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// SHA256 is the hash of the contents in hexadecimal, "" if the file was too long or could not be read.
	SHA256 string `json:"sha256"`
}

// Event is what an own event says.
type Event struct {
	Revision int64              `json:"revision"`
	Type     incident.EventType `json:"type"`
	Before   json.RawMessage    `json:"before"`
	After    json.RawMessage    `json:"after"`
	// PostID is the post that announced it, "" for none.
	PostID string `json:"post_id"`
}

// Version is one version of an entry.
type Version struct {
	Version int64  `json:"version"`
	Action  action `json:"action"`
	// ActorID is who made it, "" for the plugin.
	ActorID    string `json:"actor_id"`
	CreateAt   int64  `json:"create_at"`
	HappenedAt int64  `json:"happened_at"`
	Text       string `json:"text"`
}

// action says what made a version.
type action string

const (
	added      action = "added"
	edited     action = "edited"
	postEdited action = "post_edited"
	starred    action = "starred"
	unstarred  action = "unstarred"
	deleted    action = "deleted"
)

// ownEvent makes an entry of an event.
func ownEvent(e *incident.Event) Entry {
	before, after := incident.EncodePayload(e.Payload)
	return storedEvent(e, e.Type(), object(before), object(after))
}

// storedEvent makes an entry of an event of a type, whose payload may be missing, and of what is stored of it.
func storedEvent(e *incident.Event, kind incident.EventType, before, after json.RawMessage) Entry {
	return Entry{ID: e.ID, IncidentID: e.IncidentID, Kind: Own, HappenedAt: e.CreateAt, RecordedAt: e.CreateAt, AuthorID: e.ActorID, seq: e.Revision, eventOf: e,
		Event: &Event{Revision: e.Revision, Type: kind, Before: before, After: after, PostID: e.PostID}}
}

// event is the event of an own event with its payload.
func (e *Entry) event() *incident.Event {
	if e.eventOf.Payload == nil {
		e.eventOf.Payload = incident.DecodePayload(e.Event.Type, e.Event.Before, e.Event.After)
	}
	return e.eventOf
}

func isObject(content json.RawMessage) bool {
	return len(content) > 0 && content[0] == '{' && json.Valid(content)
}

// object returns the JSON of an object, an empty one for that of anything else, as of a damaged event.
func object(content json.RawMessage) json.RawMessage {
	if len(content) > 0 && content[0] == '{' {
		return content
	}
	return json.RawMessage("{}")
}

// place is a place in the order of a timeline.
type place struct {
	at, seq int64
	id      string
}

// bytes is about how long the texts of an entry are.
func (e *Entry) bytes() int {
	n := len(e.Text)
	if e.Original != nil {
		n += len(e.Original.Text)
	}
	if e.Event != nil {
		n += len(e.Event.Before) + len(e.Event.After)
	}
	return n
}

func (e *Entry) place() place { return place{e.HappenedAt, e.seq, e.ID} }

// compare is negative if p is before q.
func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.seq, q.seq), cmp.Compare(p.id, q.id))
}

// String is the form of a place that clients hand back as a cursor.
func (p place) String() string { return fmt.Sprintf("%d.%d.%s", p.at, p.seq, p.id) }

var cursorPattern = regexp.MustCompile(`^([0-9]{1,15})\.([0-9]{1,15})\.([a-z0-9]{26})$`)

// parsePlace reads a cursor.
func parsePlace(cursor string) (place, error) {
	parts := cursorPattern.FindStringSubmatch(cursor)
	if parts == nil {
		return place{}, incident.InvalidField("cursor", "cursor is not one that an earlier page has returned.")
	}
	at, _ := strconv.ParseInt(parts[1], 10, 64) // fits, having 15 digits
	seq, _ := strconv.ParseInt(parts[2], 10, 64)
	return place{at, seq, parts[3]}, nil
}
