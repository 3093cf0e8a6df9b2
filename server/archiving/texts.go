package archiving

import (
	"encoding/json"
	"time"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// The kinds of events: the channel was told that it will be archived, it was archived, it is kept, and it is back.
const (
	EventAnnounced incident.EventType = "channel_archive_announced"
	EventArchived  incident.EventType = "channel_archived"
	EventKept      incident.EventType = "channel_kept"
	EventRestored  incident.EventType = "channel_restored"
)

// Reason says why a channel is not archived, or was.
type Reason string

// The reasons. BecauseArchived is that somebody else has archived the channel, BecauseOngoing that another incident is ongoing in it,
// BecauseGone that it was deleted or is one that Mattermost does not archive. BecauseChoice and BecausePlaybook are those of archiving.
const (
	BecauseUser     Reason = "user"
	BecauseOngoing  Reason = "ongoing"
	BecauseArchived Reason = "archived"
	BecauseGone     Reason = "gone"
	BecauseChoice   Reason = "choice"
	BecausePlaybook Reason = "playbook"
)

// Announced is the payload of EventAnnounced. Times of all payloads are Unix milliseconds.
type Announced struct {
	ArchiveAt int64 `json:"archive_at"`
	AfterDays int64 `json:"archive_after_days"`
}

// Archived is the payload of EventArchived. ByUserID is who chose so at the end, "" for the playbook.
type Archived struct {
	ArchivedAt int64  `json:"archived_at"`
	Because    Reason `json:"because"`
	ByUserID   string `json:"by_user_id,omitempty"`
}

// Kept is the payload of EventKept. ArchiveAt is when the channel would have been archived, 0 while the incident was ongoing.
type Kept struct {
	ArchiveAt int64
	Because   Reason
}

// Restored is the payload of EventRestored. ArchivedAt is when the channel was archived.
type Restored struct {
	ArchivedAt int64 `json:"archived_at"`
}

// Type implements incident.Payload.
func (Announced) Type() incident.EventType { return EventAnnounced }

// Type implements incident.Payload.
func (Archived) Type() incident.EventType { return EventArchived }

// Type implements incident.Payload.
func (Kept) Type() incident.EventType { return EventKept }

// Type implements incident.Payload.
func (Restored) Type() incident.EventType { return EventRestored }

// Sides implements incident.OwnPayload.
func (p Announced) Sides() (before, after interface{}) { return nil, p }

// Sides implements incident.OwnPayload.
func (p Archived) Sides() (before, after interface{}) { return nil, p }

type keptBefore struct {
	ArchiveAt int64 `json:"archive_at"`
}

type keptAfter struct {
	Because Reason `json:"because"`
}

// Sides implements incident.OwnPayload.
func (p Kept) Sides() (before, after interface{}) {
	return keptBefore{p.ArchiveAt}, keptAfter{p.Because}
}

// Sides implements incident.OwnPayload.
func (p Restored) Sides() (before, after interface{}) { return p, nil }

func decodeAnnounced(_, after json.RawMessage) (incident.Payload, error) {
	var p Announced
	err := json.Unmarshal(after, &p)
	return p, err
}

func decodeArchived(_, after json.RawMessage) (incident.Payload, error) {
	var p Archived
	err := json.Unmarshal(after, &p)
	return p, err
}

func decodeKept(before, after json.RawMessage) (incident.Payload, error) {
	var b keptBefore
	var a keptAfter
	if err := json.Unmarshal(before, &b); err != nil {
		return nil, err
	}
	err := json.Unmarshal(after, &a)
	return Kept{b.ArchiveAt, a.Because}, err
}

func decodeRestored(before, _ json.RawMessage) (incident.Payload, error) {
	var p Restored
	err := json.Unmarshal(before, &p)
	return p, err
}

// moment writes a time (Unix ms) for a post that many read.
func moment(at int64) string { return time.UnixMilli(at).UTC().Format("2006-01-02 15:04 UTC") }

// endLines say in the post about the end that the channel will be archived.
func endLines(inc *incident.Incident, l *i18n.Language) []string {
	switch s := stateOf(inc); {
	case s.ArchiveAt == 0:
		return nil
	case s.ByUserID != "":
		return []string{l.T("The channel is archived now. Restarting the incident brings it back.")}
	default:
		return []string{l.T("The channel will be archived at %s, as the playbook says. To keep it, type `/incident channel keep`. Restarting the incident also keeps it.", moment(s.ArchiveAt))}
	}
}

func announcedPost(l *i18n.Language, e *incident.Event, _ func(userID string) string) string {
	p, _ := e.Payload.(Announced)
	return l.T("The incident of this channel has ended, and its playbook lets the channel be archived at %s. To keep it, type `/incident channel keep`. Restarting the incident also keeps it.", moment(p.ArchiveAt))
}

func keptPost(l *i18n.Language, e *incident.Event, name func(userID string) string) string {
	switch p, _ := e.Payload.(Kept); p.Because {
	case BecauseUser:
		return l.T("%s keeps this channel: it is not archived.", text.In(l).Actor(name(e.ActorID)))
	case BecauseOngoing:
		return l.T("This channel is not archived, because another incident is ongoing in it.")
	}
	return ""
}

func restoredPost(l *i18n.Language, _ *incident.Event, _ func(userID string) string) string {
	return l.T("This channel was archived, and is back because the incident goes on.")
}

func announcedSentence(e *incident.Event, _ string, v text.Voice) string {
	p, _ := e.Payload.(Announced)
	return v.Language.T("The channel was told that it will be archived at %s.", v.Time(p.ArchiveAt))
}

func archivedSentence(e *incident.Event, _ string, v text.Voice) string {
	if p, _ := e.Payload.(Archived); p.ByUserID != "" {
		return v.Language.T("The channel was archived, as %s had chosen.", v.Person(p.ByUserID))
	}
	return v.Language.T("The channel was archived, as the playbook says.")
}

func keptSentence(e *incident.Event, who string, v text.Voice) string {
	l := v.Language
	switch p, _ := e.Payload.(Kept); p.Because {
	case BecauseOngoing:
		return l.T("The channel was not archived, because another incident was ongoing in it.")
	case BecauseArchived:
		return l.T("The channel had been archived already.")
	case BecauseGone:
		return l.T("The channel could not be archived.")
	default:
		return l.T("%s kept the channel from being archived.", who)
	}
}

func restoredSentence(e *incident.Event, _ string, v text.Voice) string {
	return v.Language.T("The channel was brought back from the archive.")
}

// facts say in descriptions of the incident what happens to its channel.
func facts(inc *incident.Incident, l *i18n.Language) []capability.Fact {
	s := stateOf(inc)
	if s.ArchiveAt == 0 && s.ArchivedAt == 0 {
		return nil
	}
	return []capability.Fact{{Label: l.T("Channel"), Text: plan(l, s)}}
}

// plan says what happens to the channel.
func plan(l *i18n.Language, s state) string {
	switch {
	case s.ArchivedAt != 0:
		return l.T("The channel was archived at %s.", moment(s.ArchivedAt))
	case s.ArchiveAt != 0:
		return l.T("The channel will be archived at %s.", moment(s.ArchiveAt))
	case s.AfterDays == 1:
		return l.T("The channel will be archived one day after the end.")
	case s.AfterDays > 0:
		return l.T("The channel will be archived %d days after the end.", s.AfterDays)
	default:
		return l.T("The channel will not be archived.")
	}
}
