package incident

import (
	"encoding/json"
	"reflect"
	"testing"
)

// stored are events as version 2.0.0 writes them, made by the changes of codecSample.
var stored = []struct {
	kind          EventType
	before, after string
	make          func(i *Incident) (*ChangeSet, error)
}{
	{EventEnded, `{"end_at":3,"is_active":true,"reminder_post_id":"old"}`, `{"end_at":9,"is_active":false,"reminder_post_id":""}`,
		func(i *Incident) (*ChangeSet, error) { return i.End(9) }},
	{EventRestarted, `{"end_at":3,"is_active":false}`, `{"end_at":0,"is_active":true}`,
		func(i *Incident) (*ChangeSet, error) { i.IsActive = false; return i.Restart() }},
	{EventCommander, `{"commander_user_id":"anna"}`, `{"commander_user_id":"ben"}`,
		func(i *Incident) (*ChangeSet, error) { return i.SetCommander("ben") }},
	{EventStage, `{"active_stage":0,"active_stage_title":"One"}`, `{"active_stage":1,"active_stage_title":"Two"}`,
		func(i *Incident) (*ChangeSet, error) { return i.SetStage(1) }},
	{EventTaskState, `{"checklist":0,"checklist_id":"s1","item_id":"t1","state":"closed","state_modified":4,"title":"a <b>"}`,
		`{"checklist":0,"checklist_id":"s1","item_id":"t1","state":"in_progress","state_modified":9,"title":"a <b>"}`,
		func(i *Incident) (*ChangeSet, error) { return i.SetTaskState(At(0), At(0), InProgress, 9) }},
	{EventTaskAssignee, `{"assignee_id":"anna","assignee_modified":5,"checklist":0,"checklist_id":"s1","item_id":"t1","title":"a <b>"}`,
		`{"assignee_id":"","assignee_modified":9,"checklist":0,"checklist_id":"s1","item_id":"t1","title":"a <b>"}`,
		func(i *Incident) (*ChangeSet, error) { return i.Assign(At(0), At(0), "", 9) }},
	{EventTaskAdded, `{}`, `{"checklist":1,"checklist_id":"s2","item":0,"item_id":"t3","task":{"id":"t3","title":"c","state":"","state_modified":0,"state_modified_post_id":"","assignee_id":"","assignee_modified":0,"assignee_modified_post_id":"","command":"/y","command_last_run":0,"description":""}}`,
		func(i *Incident) (*ChangeSet, error) {
			return i.AddTask(At(1), Task{ID: "t3", Title: "c", Command: "/y"})
		}},
	{EventTaskEdited, `{"checklist":0,"checklist_id":"s1","command":"/x","description":"d","item_id":"t1","title":"a <b>"}`,
		`{"checklist":0,"checklist_id":"s1","command":"/z","description":"d","item_id":"t1","title":"n"}`,
		func(i *Incident) (*ChangeSet, error) { return i.EditTask(At(0), At(0), "n", "/z", nil, "e", 9) }},
	{EventTaskRemoved, `{"checklist":0,"checklist_id":"s1","item":0,"item_id":"t1","task":{"id":"t1","title":"a <b>","state":"closed","state_modified":4,"state_modified_post_id":"","assignee_id":"anna","assignee_modified":5,"assignee_modified_post_id":"","command":"/x","command_last_run":6,"description":"d"}}`,
		`{"checklist":0,"checklist_id":"s1","item_id":"t1"}`,
		func(i *Incident) (*ChangeSet, error) { return i.RemoveTask(At(0), At(0)) }},
	{EventTaskMoved, `{"checklist":0,"checklist_id":"s1","item":0,"item_id":"t1"}`, `{"checklist":0,"checklist_id":"s1","item":1,"item_id":"t1"}`,
		func(i *Incident) (*ChangeSet, error) { return i.MoveTask(At(0), At(0), 1) }},
	{EventTaskRun, `{"checklist":0,"checklist_id":"s1","command_last_run":6,"item_id":"t1"}`, `{"checklist":0,"checklist_id":"s1","command_last_run":9,"item_id":"t1"}`,
		func(i *Incident) (*ChangeSet, error) { return i.CommandRan("t1", "r", 9) }},
	{EventStatusUpdate, `{"previous_reminder":7,"reminder_post_id":"old"}`,
		`{"previous_reminder":60000000000,"reminder_at":60009,"reminder_post_id":"","status_post_id":"post"}`,
		func(i *Incident) (*ChangeSet, error) { return i.UpdateStatus("post", 60, 9) }},
	{EventReminderCleared, `{"reminder_post_id":"old"}`, `{"reminder_post_id":""}`,
		func(i *Incident) (*ChangeSet, error) { return i.ClearReminderPost() }},
	{EventReminderPosted, `{"reminder_post_id":"old"}`, `{"reminder_post_id":"new"}`,
		func(i *Incident) (*ChangeSet, error) { return i.ShowReminderPost("new") }},
	{EventUpdatePlanned, `{"next_update_at":8,"overdue_since":0,"reminder_post_id":"old"}`, `{"next_update_at":60,"overdue_since":0,"reminder_post_id":""}`,
		func(i *Incident) (*ChangeSet, error) { i.SetClock(Clock{NextUpdateAt: 8}); return i.PlanUpdate(60) }},
	{EventUpdateOverdue, `{"next_update_at":8,"overdue_since":0,"reminder_post_id":"old"}`, `{"next_update_at":0,"overdue_since":8,"reminder_post_id":"new"}`,
		func(i *Incident) (*ChangeSet, error) {
			i.SetClock(Clock{NextUpdateAt: 8})
			return i.ShowOverdue("new", 8)
		}},
	{EventReminderDropped, `{"reminder_at":9}`, `{"reminder_at":0}`,
		func(i *Incident) (*ChangeSet, error) { return i.DropReminder(9) }},
	{EventStarted, `{}`, `{"channel_id":"c","commander_user_id":"anna","create_at":4,"name":"n","playbook_id":"b","post_id":"p","team_id":"t"}`,
		func(*Incident) (*ChangeSet, error) {
			return NewChangeSet(Started{Name: "n", CommanderUserID: "anna", TeamID: "t", ChannelID: "c", PlaybookID: "b", PostID: "p", CreateAt: 4}), nil
		}},
	{EventStarted, `{}`, `{"channel_id":"c","commander_user_id":"anna","create_at":4,"existing_channel":true,"name":"n","next_update_at":9,"playbook_id":"b","post_id":"p","team_id":"t"}`,
		func(*Incident) (*ChangeSet, error) {
			return NewChangeSet(Started{Name: "n", CommanderUserID: "anna", TeamID: "t", ChannelID: "c", PlaybookID: "b", PostID: "p", CreateAt: 4, ExistingChannel: true, NextUpdateAt: 9}), nil
		}},
	{EventStartTimeChanged, `{"create_at":1}`, `{"create_at":2}`,
		func(*Incident) (*ChangeSet, error) { return NewChangeSet(StartTimeChanged{Pair[int64]{1, 2}}), nil }},
}

func codecSample() *Incident {
	return &Incident{ID: "i", IsActive: true, EndAt: 3, CommanderUserID: "anna", ReminderPostID: "old", ActiveStageTitle: "One", PreviousReminder: 7,
		Checklists: []Stage{{ID: "s1", Title: "One", Tasks: []Task{
			{ID: "t1", Title: "a <b>", Command: "/x", Description: "d", State: Closed, StateModified: 4, AssigneeID: "anna", AssigneeModified: 5, CommandLastRun: 6},
			{ID: "t2", Title: "b"}}}, {ID: "s2", Title: "Two"}}}
}

func TestCodec_WritesAndReadsTheStoredForm(t *testing.T) {
	for _, c := range stored {
		set, err := c.make(codecSample())
		if err != nil {
			t.Fatalf("%s: %v", c.kind, err)
		}
		before, after := EncodePayload(set.Payload)
		if set.Payload.Type() != c.kind || string(before) != c.before || string(after) != c.after {
			t.Errorf("%s is stored as %s %s %s, want %s %s", c.kind, set.Payload.Type(), before, after, c.before, c.after)
		}
		if got := DecodePayload(c.kind, json.RawMessage(c.before), json.RawMessage(c.after)); !reflect.DeepEqual(got, set.Payload) {
			t.Errorf("%s is read as %#v, want %#v", c.kind, got, set.Payload)
		}
	}
}

// A row of a newer version, and one that is damaged, keep their text; what can be read of the latter is still there.
func TestCodec_UnknownRows(t *testing.T) {
	for name, c := range map[string]struct {
		kind                        EventType
		before, after               string
		writtenBefore, writtenAfter string
		readable                    Payload
	}{
		"unknown type": {"severity_changed", `{"severity":1}`, `{"severity":2}`, `{"severity":1}`, `{"severity":2}`, nil},
		"no JSON":      {EventCommander, `broken`, `{"commander_user_id":"b"}`, `"broken"`, `{"commander_user_id":"b"}`, CommanderChanged{CommanderUserID: Pair[string]{"", "b"}}},
		"empty":        {EventRestarted, ``, ``, `""`, `""`, Restarted{}},
		"no object":    {EventEnded, `[]`, `7`, `[]`, `7`, Ended{}},
		"wrong type":   {EventTaskState, `{"state":"closed"}`, `{"state":7,"item_id":"t"}`, `{"state":"closed"}`, `{"state":7,"item_id":"t"}`, TaskStateChanged{TaskRef: TaskRef{TaskID: "t"}, State: Pair[State]{Closed, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := DecodePayload(c.kind, json.RawMessage(c.before), json.RawMessage(c.after))
			if _, unknown := p.(Unknown); !unknown || p.Type() != c.kind {
				t.Fatalf("read as %#v", p)
			}
			e := Event{Payload: p}
			if got := e.Readable(); !reflect.DeepEqual(got, c.readable) {
				t.Errorf("readable is %#v", got)
			}
			before, after := EncodePayload(p)
			if string(before) != c.writtenBefore || string(after) != c.writtenAfter {
				t.Errorf("written as %s %s", before, after)
			}
		})
	}
	// Names that are not known, of a newer version, do not harm.
	if p := DecodePayload(EventCommander, json.RawMessage(`{"reason":"x"}`), json.RawMessage(`{"commander_user_id":"b"}`)); p != (CommanderChanged{CommanderUserID: Pair[string]{"", "b"}}) {
		t.Errorf("read as %#v", p)
	}
}

func TestEvent_RemovedReminderPost(t *testing.T) {
	for _, c := range stored {
		set, _ := c.make(codecSample())
		want := map[EventType]string{EventEnded: "old", EventStatusUpdate: "old", EventReminderCleared: "old", EventReminderPosted: "old",
			EventUpdatePlanned: "old", EventUpdateOverdue: "old"}[c.kind]
		if got := (&Event{Payload: set.Payload}).RemovedReminderPost(); got != want {
			t.Errorf("%s removes %q, want %q", c.kind, got, want)
		}
	}
	if got := (&Event{Payload: ReminderPosted{Pair[string]{"same", "same"}}}).RemovedReminderPost(); got != "" {
		t.Errorf("the displayed post is removed: %q", got)
	}
}

// A stored stage out of range is the first one, and so is its title.
func TestSetStage_FromAStageOutOfRange(t *testing.T) {
	i := codecSample()
	i.ActiveStage, i.ActiveStageTitle = 7, "stale"
	set, err := i.SetStage(1)
	if err != nil || set.Payload != (StageChanged{Pair[StageRef]{StageRef{7, "One"}, StageRef{1, "Two"}}}) {
		t.Errorf("%v, %+v", err, set)
	}
}

// Every row can be read, and what is written of it is JSON.
func FuzzDecodePayload(f *testing.F) {
	for _, c := range stored {
		f.Add(string(c.kind), c.before, c.after)
	}
	f.Add("severity_changed", `{"severity":1}`, "")
	f.Add(string(EventTaskAdded), `null`, "{\"task\":7,\"item\":\"\xff\"}")
	f.Fuzz(func(t *testing.T, kind, before, after string) {
		p := DecodePayload(EventType(kind), json.RawMessage(before), json.RawMessage(after))
		if p.Type() != EventType(kind) {
			t.Errorf("read as %s", p.Type())
		}
		b, a := EncodePayload(p)
		if !json.Valid(b) || !json.Valid(a) {
			t.Errorf("written as %s %s", b, a)
		}
		if _, unknown := p.(Unknown); !unknown {
			if again := DecodePayload(p.Type(), b, a); !reflect.DeepEqual(again, p) {
				t.Errorf("read again as %#v, want %#v", again, p)
			}
		}
	})
}
