package text

import (
	"sync"

	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// ChangePost returns the message by which the bot announces an event in the incident's channel, "" if the event is not
// announced. name returns a user's name, "" if it is unknown or the id is "".
func (s Sentences) ChangePost(e *incident.Event, name func(userID string) string) string {
	switch p := e.Payload.(type) {
	case incident.Started:
		commander := name(p.CommanderUserID)
		requester := commander
		if e.ActorID != p.CommanderUserID {
			requester = name(e.ActorID)
		}
		if p.ExistingChannel {
			return s.StartedHere(p.Name, requester, commander)
		}
		return s.Started(requester, commander)
	case incident.Ended:
		return s.Ended(name(e.ActorID))
	case incident.Restarted:
		return s.Restarted(name(e.ActorID))
	case incident.CommanderChanged:
		if p.HandoffID != "" {
			return s.HandedOff(name(p.CommanderUserID.Before), name(p.CommanderUserID.After))
		}
		return s.CommanderChanged(name(e.ActorID), name(p.CommanderUserID.Before), name(p.CommanderUserID.After))
	case incident.StageChanged:
		return s.StageChanged(name(e.ActorID), p.Stage.Before.Title, p.Stage.After.Title)
	case incident.TaskStateChanged:
		return s.TaskState(name(e.ActorID), p.Title, p.State.After)
	case incident.TaskAssigneeChanged:
		if p.AssigneeID.Before == p.AssigneeID.After && p.Assignment.Kind != "" {
			return "" // only the task's connection with a role has ended
		}
		known := func(userID string) string {
			if found := name(userID); found != "" || userID == "" {
				return found
			}
			return Unknown
		}
		return s.Assigned(name(e.ActorID), p.Title, known(p.AssigneeID.Before), known(p.AssigneeID.After))
	case incident.OwnPayload:
		if w := wordsOf(e.Type()); w.Post != nil {
			return w.Post(s.language, e, name)
		}
	}
	return ""
}

// Announced reports whether the bot announces events with a payload.
func Announced(p incident.Payload) bool {
	return In(nil).ChangePost(&incident.Event{Payload: p}, func(string) string { return "" }) != ""
}

// Voice renders the parts of a sentence for one kind of document.
type Voice struct {
	// Language is that of the document; nil is English.
	Language *i18n.Language
	// Person names a user; it is "" for the id "".
	Person func(userID string) string
	// Escape makes user text harmless in the document.
	Escape func(text string) string
	// Time renders Unix milliseconds.
	Time func(millis int64) string
	// TaskTitle is the present title of a task, "" if it is gone.
	TaskTitle func(taskID string) string
}

// Sentence returns an event as a sentence of a timeline. It is "" for events that a timeline leaves out: reminders that
// were dismissed or dropped, and events of an unknown type.
func Sentence(e *incident.Event, v Voice) string {
	l := v.Language
	who := v.Person(e.ActorID)
	if who == "" {
		who = "Incident Management"
	}
	about := func(taskID, title string) incident.Text {
		if title == "" {
			title = v.TaskTitle(taskID)
		}
		if title == "" {
			return incident.NewText("a task")
		}
		return incident.NewText("the task “%s”", v.Escape(title))
	}
	switch p := e.Readable().(type) {
	case incident.Started:
		return l.T("%s started the incident.", who)
	case incident.Ended:
		return l.T("%s ended the incident.", who)
	case incident.Restarted:
		return l.T("%s restarted the incident.", who)
	case incident.CommanderChanged:
		if p.HandoffID != "" {
			return l.T("%s accepted the handoff of command from %s.", who, v.Person(p.CommanderUserID.Before))
		}
		if p.CommanderUserID.Before != "" {
			return l.T("%s made %s commander in place of %s.", who, v.Person(p.CommanderUserID.After), v.Person(p.CommanderUserID.Before))
		}
		return l.T("%s made %s commander.", who, v.Person(p.CommanderUserID.After))
	case incident.StageChanged:
		return l.T("%s moved from the stage “%s” to “%s”.", who, v.Escape(p.Stage.Before.Title), v.Escape(p.Stage.After.Title))
	case incident.TaskStateChanged:
		switch task := about(p.TaskID, p.Title); p.State.After {
		case incident.InProgress:
			return l.T("%s took up %s.", who, task)
		case incident.Closed:
			return l.T("%s completed %s.", who, task)
		default:
			return l.T("%s opened %s.", who, task)
		}
	case incident.TaskAssigneeChanged:
		if p.AssigneeID.After == "" && p.AssigneeID.Before == "" {
			return l.T("%s left %s unassigned.", who, about(p.TaskID, p.Title))
		}
		if p.AssigneeID.After == "" {
			return l.T("%s took %s from %s.", who, about(p.TaskID, p.Title), v.Person(p.AssigneeID.Before))
		}
		return l.T("%s assigned %s to %s.", who, about(p.TaskID, p.Title), v.Person(p.AssigneeID.After))
	case incident.TaskAdded:
		return l.T("%s added %s.", who, about(p.TaskID, p.Task.Title))
	case incident.TaskEdited:
		return l.T("%s edited %s.", who, about(p.TaskID, p.Title.After))
	case incident.TaskRemoved:
		return l.T("%s deleted %s.", who, about(p.TaskID, p.Task.Title))
	case incident.TaskMoved:
		return l.T("%s moved %s.", who, about(p.TaskID, ""))
	case incident.TaskRun:
		return l.T("%s ran the command of %s.", who, about(p.TaskID, ""))
	case incident.StatusUpdated:
		return l.T("%s posted a status update.", who)
	case incident.UpdatePlanned:
		if p.Clock.After.NextUpdateAt == 0 {
			return ""
		}
		return l.T("%s set the time of the next status update to %s.", who, v.Time(p.Clock.After.NextUpdateAt))
	case incident.UpdateOverdue:
		return l.T("The next status update was due at %s and had not come.", v.Time(p.Clock.After.OverdueSince))
	case incident.ReminderPosted:
		return l.T("A reminder of the next status update was posted.")
	case incident.StartTimeChanged:
		return l.T("%s set the start to %s.", who, v.Time(p.CreateAt.After))
	case incident.OwnPayload:
		if w := wordsOf(e.Type()); w.Sentence != nil {
			return w.Sentence(e, who, v)
		}
	}
	return ""
}

// Words are the sentences about a kind of event that a capability has registered. Both functions are optional.
type Words struct {
	// Post is ChangePost for this kind, in a language.
	Post func(l *i18n.Language, e *incident.Event, name func(userID string) string) string
	// Sentence is the sentence of a timeline. who is the actor's name, or the plugin's.
	Sentence func(e *incident.Event, who string, v Voice) string
}

var words sync.Map

// RegisterEvent adds the words about a kind of event.
func RegisterEvent(kind incident.EventType, w Words) { words.Store(kind, w) }

// OwnEvents lists the kinds of events of capabilities that have a sentence.
func OwnEvents() (kinds []incident.EventType) {
	words.Range(func(kind, w any) bool {
		if w.(Words).Sentence != nil {
			kinds = append(kinds, kind.(incident.EventType))
		}
		return true
	})
	return kinds
}

func wordsOf(kind incident.EventType) Words {
	w, _ := words.Load(kind)
	found, _ := w.(Words)
	return found
}
