package text

import (
	"fmt"
	"sync"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// ChangePost returns the message by which the bot announces an event in the incident's channel, "" if the event is not
// announced. name returns a user's name, "" if it is unknown or the id is "".
func ChangePost(e *incident.Event, name func(userID string) string) string {
	switch p := e.Payload.(type) {
	case incident.Started:
		commander := name(p.CommanderUserID)
		requester := commander
		if e.ActorID != p.CommanderUserID {
			requester = name(e.ActorID)
		}
		return Started(requester, commander)
	case incident.Ended:
		return Ended(name(e.ActorID))
	case incident.Restarted:
		return Restarted(name(e.ActorID))
	case incident.CommanderChanged:
		return CommanderChanged(name(e.ActorID), name(p.CommanderUserID.Before), name(p.CommanderUserID.After))
	case incident.StageChanged:
		return StageChanged(name(e.ActorID), p.Stage.Before.Title, p.Stage.After.Title)
	case incident.TaskStateChanged:
		return TaskState(name(e.ActorID), p.Title, p.State.After)
	case incident.TaskAssigneeChanged:
		known := func(userID string) string {
			if found := name(userID); found != "" || userID == "" {
				return found
			}
			return Unknown
		}
		return Assigned(name(e.ActorID), p.Title, known(p.AssigneeID.Before), known(p.AssigneeID.After))
	case incident.OwnPayload:
		if w := wordsOf(e.Type()); w.Post != nil {
			return w.Post(e, name)
		}
	}
	return ""
}

// Announced reports whether the bot announces events with a payload.
func Announced(p incident.Payload) bool {
	return ChangePost(&incident.Event{Payload: p}, func(string) string { return "" }) != ""
}

// Voice renders the parts of a sentence for one kind of document.
type Voice struct {
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
	who := v.Person(e.ActorID)
	if who == "" {
		who = "Incident Management"
	}
	about := func(taskID, title string) string {
		if title == "" {
			title = v.TaskTitle(taskID)
		}
		if title == "" {
			return "a task"
		}
		return "the task “" + v.Escape(title) + "”"
	}
	switch p := e.Readable().(type) {
	case incident.Started:
		return who + " started the incident."
	case incident.Ended:
		return who + " ended the incident."
	case incident.Restarted:
		return who + " restarted the incident."
	case incident.CommanderChanged:
		former := ""
		if p.CommanderUserID.Before != "" {
			former = " in place of " + v.Person(p.CommanderUserID.Before)
		}
		return fmt.Sprintf("%s made %s commander%s.", who, v.Person(p.CommanderUserID.After), former)
	case incident.StageChanged:
		return fmt.Sprintf("%s moved from the stage “%s” to “%s”.", who, v.Escape(p.Stage.Before.Title), v.Escape(p.Stage.After.Title))
	case incident.TaskStateChanged:
		verb := map[incident.State]string{incident.Open: "opened", incident.InProgress: "took up", incident.Closed: "completed"}[p.State.After]
		return fmt.Sprintf("%s %s %s.", who, verb, about(p.TaskID, p.Title))
	case incident.TaskAssigneeChanged:
		if p.AssigneeID.After == "" {
			return fmt.Sprintf("%s took %s from %s.", who, about(p.TaskID, p.Title), v.Person(p.AssigneeID.Before))
		}
		return fmt.Sprintf("%s assigned %s to %s.", who, about(p.TaskID, p.Title), v.Person(p.AssigneeID.After))
	case incident.TaskAdded:
		return fmt.Sprintf("%s added %s.", who, about(p.TaskID, p.Task.Title))
	case incident.TaskEdited:
		return fmt.Sprintf("%s edited %s.", who, about(p.TaskID, p.Title.After))
	case incident.TaskRemoved:
		return fmt.Sprintf("%s deleted %s.", who, about(p.TaskID, p.Task.Title))
	case incident.TaskMoved:
		return fmt.Sprintf("%s moved %s.", who, about(p.TaskID, ""))
	case incident.TaskRun:
		return fmt.Sprintf("%s ran the command of %s.", who, about(p.TaskID, ""))
	case incident.StatusUpdated:
		return who + " posted a status update."
	case incident.ReminderPosted:
		return "A reminder of the next status update was posted."
	case incident.StartTimeChanged:
		return fmt.Sprintf("%s set the start to %s.", who, v.Time(p.CreateAt.After))
	case incident.OwnPayload:
		if w := wordsOf(e.Type()); w.Sentence != nil {
			return w.Sentence(e, who, v)
		}
	}
	return ""
}

// Words are the sentences about a kind of event that a capability has registered. Both functions are optional.
type Words struct {
	// Post is ChangePost for this kind.
	Post func(e *incident.Event, name func(userID string) string) string
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
