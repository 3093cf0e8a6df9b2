package api

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/dialog"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// object is a JSON object to be changed by one test.
type object map[string]interface{}

func (o object) with(name string, value interface{}) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	if c[name] = value; value == nil {
		delete(c, name)
	}
	return c
}

func (o object) String() string {
	content, _ := json.Marshal(o)
	return string(content)
}

var (
	startFieldsGiven = object{"playbookID": book, "incidentName": "Checkout", "incidentDescription": "slow"}
	start            = object{"user_id": user, "team_id": team, "channel_id": channel, "state": `{"post_id":"p1","client_id":"c1","nonce":"n1"}`, "submission": startFieldsGiven}
)

const (
	dialogPath = "/incidents/dialog"
	stagePath  = "/incidents/" + inc + "/next-stage-dialog"
)

func TestStartDialog(t *testing.T) {
	b := newBench(t)
	w := b.want(201, "POST", dialogPath, start.String())
	if w.Header().Get("Location") != "/api/v0/incidents/"+inc || w.Body.Len() > 0 {
		t.Errorf("answered %v %s", w.Header(), w.Body)
	}
	got := b.started
	if got.RequesterID != user || got.CommanderID != user || got.TeamID != team || got.Name != "Checkout" || got.Description != "slow" ||
		got.PlaybookID != book || got.PostID != "p1" || got.ClientID != "c1" || got.DialogChannelID != channel {
		t.Errorf("started %+v", got)
	}
	for _, state := range []string{"null", "{}", `{"post_id":""}`} {
		b.want(201, "POST", dialogPath, start.with("state", state).String())
	}
	b.want(201, "POST", dialogPath, start.with("submission", startFieldsGiven.with("incidentDescription", nil)).String())
}

// Only a dialog of the plugin that says so may quote a post that is not public.
func TestStartDialog_QuotesPrivatePostsOnlyIfItSaysSo(t *testing.T) {
	marked := dialog.StartState{PostID: "p1", ClientID: "c1", Nonce: "n1", Warned: true}
	mark := "mark " + user + " " + dialogPath + " " + marked.Marked()
	for what, c := range map[string]struct {
		state object
		only  bool
	}{
		"not warned":         {object{"post_id": "p1", "client_id": "c1", "nonce": "n1"}, true},
		"warned, not marked": {object{"post_id": "p1", "client_id": "c1", "nonce": "n1", "told": true}, true},
		"marked for another": {object{"post_id": "p2", "client_id": "c1", "nonce": "n1", "told": true, "mark": mark}, true},
		"warned and marked":  {object{"post_id": "p1", "client_id": "c1", "nonce": "n1", "told": true, "mark": mark}, false},
	} {
		b := newBench(t)
		b.want(201, "POST", dialogPath, start.with("state", c.state.String()).String())
		if b.started.PublicPostOnly != c.only {
			t.Errorf("%s: only public posts: %v", what, b.started.PublicPostOnly)
		}
	}
}

// The same opened dialog starts one incident, another one another.
func TestStartDialogKeys(t *testing.T) {
	key := func(o object) string {
		b := newBench(t)
		b.want(201, "POST", dialogPath, o.String())
		return b.started.Key
	}
	first := key(start)
	if !strings.HasPrefix(first, "dialog:") || len(first) > 128 {
		t.Errorf("the key is %q", first)
	}
	renamed := start.with("submission", startFieldsGiven.with("incidentName", "Another"))
	if key(start) != first || key(renamed) != first {
		t.Error("submissions of one dialog have different keys")
	}
	if key(start.with("state", `{"nonce":"n2"}`)) == first {
		t.Error("two dialogs have the same key")
	}
	client := start.with("state", `{"client_id":"c1"}`)
	if k := key(client); k == "" || k != key(client) || k == first {
		t.Errorf("the key of a dialog without nonce is %q", k)
	}
	if key(client) == key(client.with("submission", startFieldsGiven.with("incidentName", "Another"))) {
		t.Error("different submissions without nonce have the same key")
	}
	if k := key(start.with("state", "{}")); k != "" {
		t.Errorf("a dialog without ids has the key %q", k)
	}
}

func TestStartDialogMalformed(t *testing.T) {
	for name, body := range map[string]string{
		"empty": "", "not JSON": "{", "list": "[]", "other user": start.with("user_id", other).String(), "no user": start.with("user_id", nil).String(),
		"empty state": start.with("state", "").String(), "broken state": start.with("state", "{").String(), "state is text": start.with("state", `"x"`).String(),
		"no state": start.with("state", nil).String(), "state is number": start.with("state", 1).String(), "no team": start.with("team_id", "").String(),
		"submission is text": start.with("submission", "x").String(), "huge client": start.with("state", `{"client_id":"`+strings.Repeat("x", 65)+`"}`).String(),
		"NUL in team": start.with("team_id", "\x00").String(), "null": "null",
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.want(400, "POST", dialogPath, body)
			b.untouched()
		})
	}
}

func TestStartDialog_Refusals(t *testing.T) {
	refused := func(kind incident.Kind, field string) error {
		return incident.NewError(kind, "x", "Refused.").WithField(field)
	}
	for _, x := range []struct {
		err    error
		answer string
	}{
		{refused(incident.Invalid, "name"), `{"errors":{"incidentName":"Refused."}}`},
		{refused(incident.Invalid, "description"), `{"errors":{"incidentDescription":"Refused."}}`},
		{refused(incident.NotFound, "playbook_id"), `{"errors":{"playbookID":"Refused."}}`},
		{refused(incident.Forbidden, "playbook_id"), `{"errors":{"playbookID":"Refused."}}`},
		{refused(incident.Forbidden, "team_id"), `{"errors":{"incidentName":"Refused."}}`},
		{refused(incident.Forbidden, ""), `{"errors":{"incidentName":"Refused."}}`},
		{refused(incident.Conflict, ""), `{"error":"Refused."}`},
		{refused(incident.NotFound, "post_id"), `{"error":"Refused."}`},
	} {
		b := newBench(t)
		b.errs["Start"] = x.err
		if w := b.want(200, "POST", dialogPath, start.String()); w.Body.String() != x.answer {
			t.Errorf("answered %s, want %s", w.Body, x.answer)
		}
	}
	b := newBench(t)
	b.errs["Start"] = errors.New("disk full")
	b.contains(b.want(500, "POST", dialogPath, start.String()), `"error":"Something went wrong`)
}

func TestStartDialog_ErrorsNameTheirField(t *testing.T) {
	for _, x := range []struct {
		name  string
		value interface{}
	}{
		{"playbookID", nil}, {"playbookID", ""}, {"playbookID", 7}, {"playbookID", []string{book}}, {"playbookID", "\x00"},
		{"incidentName", nil}, {"incidentName", true}, {"incidentDescription", 1},
	} {
		b := newBench(t)
		w := b.want(200, "POST", dialogPath, start.with("submission", startFieldsGiven.with(x.name, x.value)).String())
		b.contains(w, `{"errors":{"`+x.name+`":"`)
		b.untouched()
	}
	b := newBench(t)
	b.contains(b.want(200, "POST", dialogPath, start.with("submission", nil).String()), `{"errors":{"playbookID":"`)
	b.untouched()
}

func TestDialogs_CancelledOnesDoNothing(t *testing.T) {
	for path, body := range map[string]object{dialogPath: start, stagePath: {"state": "1"}} {
		b := newBench(t)
		if w := b.want(200, "POST", path, body.with("cancelled", true).String()); w.Body.Len() > 0 {
			t.Errorf("%s answered %s", path, w.Body)
		}
		b.untouched()
	}
}

func TestNextStageDialog(t *testing.T) {
	b := newBench(t)
	b.want(200, "POST", stagePath, `{"state":"2","user_id":"`+user+`"}`)
	if b.from != nil {
		t.Errorf("from is %d", *b.from)
	}
	b.want(200, "POST", stagePath, `{"state":"2","user_id":"`+other+`"}`) // as in 1.2.0, nobody looks at it
	b.want(200, "POST", stagePath+"?from=1", `{"state":"2"}`)
	if b.from == nil || *b.from != 1 {
		t.Errorf("from is %v", b.from)
	}
	b.calls = nil
	for _, body := range []string{"", "x", "[]", "{}", "null", `{"state":"x"}`, `{"state":2}`, `{"state":"99999999999999999999"}`} {
		b.want(400, "POST", stagePath, body)
	}
	b.want(400, "POST", stagePath+"?from=x", `{"state":"2"}`)
	b.untouched()
}

// Errors of a capability's dialog are shown beside the element at fault. Who has no permission learns nothing of what was wrong.
func TestDialogsOfCapabilities(t *testing.T) {
	path := "/incidents/" + inc + "/added/submitted"
	b := newBench(t)
	for _, body := range []string{"", "{", "[]", "{}", `{"submission":null}`, `{"submission":{"text":1}}`} {
		b.want(400, "POST", path, body)
		b.untouched()
	}
	b.errs["Submitted"] = incident.InvalidField("message", "message must not be empty.")
	b.contains(b.want(400, "POST", path, `{"submission":{"text":"x"}}`), `"error":"message must not be empty."`, `"errors":{"text":"This field must not be empty."}`)
	b.errs["Submitted"] = incident.NewError(incident.Conflict, "incident.ended", "Ended.")
	if w := b.want(409, "POST", path, `{"submission":{"text":"x"}}`); strings.Contains(w.Body.String(), "errors") {
		t.Errorf("answered %s", w.Body)
	}
	b.errs["CanEdit"] = incident.ErrForbidden
	b.want(403, "POST", path, "{broken")
	b.want(409, "POST", path, `{"submission":{"text":"x"}}`)
}

// Beside an element users see its label, not the name of the field.
func TestDialogs_DoNotShowNamesOfFields(t *testing.T) {
	for _, x := range []struct{ field, message, want string }{
		{"name", "name is too long.", "This field is too long."},
		{"playbook_id", "This playbook belongs to another team.", "This playbook belongs to another team."},
		{"", " is missing.", " is missing."},
		{"name", "names are missing.", "names are missing."},
	} {
		e := incident.NewError(incident.Invalid, "input.invalid", "%s", x.message).WithField(x.field)
		if got := besideElement(nil, e); got != x.want {
			t.Errorf("%q is shown as %q, want %q", x.message, got, x.want)
		}
	}
	b := newBench(t)
	b.contains(b.want(200, "POST", "/incidents/dialog", start.with("submission", object{"playbookID": book}).String()),
		`{"errors":{"incidentName":"This field is missing: fill it in."}}`)
}

// User and incident are taken from the sign-in and the path, not from the body.
func TestButtons_TrustOnlyThePathAndTheSignedInUser(t *testing.T) {
	path := "/incidents/" + inc + "/added/button-press"
	b := newBench(t)
	b.want(200, "POST", path, object{"user_id": other, "channel_id": "elsewhere", "post_id": "p", "trigger_id": "t", "context": object{"a": 1}}.String())
	b.called("Pressed " + user + " " + inc + " pt")
	b.calls = nil
	for _, bad := range []string{"", "x", "[]", `{"post_id":1}`, `{"post_id":"\u0000"}`} {
		b.want(400, "POST", path, bad)
	}
	b.untouched()
}

// Mattermost takes no notice of the status when a button was pressed, and would show nothing at all.
func TestButtons_ShowErrorsToTheUserWhoPressed(t *testing.T) {
	for path, call := range map[string]string{"button-press": "Pressed"} {
		path = "/incidents/" + inc + "/added/" + path
		b := newBench(t)
		b.errs[call] = incident.ErrForbidden
		b.contains(b.want(403, "POST", path, `{"trigger_id":"t"}`), `"ephemeral_text":"`+incident.ErrForbidden.Message+`"`)
		b.errs[call] = errors.New("SECRET")
		w := b.want(500, "POST", path, `{"trigger_id":"t"}`)
		b.contains(w, `"ephemeral_text":"Something went wrong`)
		if strings.Contains(w.Body.String(), "SECRET") {
			t.Errorf("%s answered %s", path, w.Body)
		}
	}
	b := newBench(t)
	b.errs["End"] = incident.ErrAlreadyEnded
	if w := b.want(409, "PUT", "/incidents/"+inc+"/end", ""); strings.Contains(w.Body.String(), "ephemeral_text") {
		t.Errorf("without a button the answer is %s", w.Body)
	}
}

// Only a dialog of the plugin that has offered the present channel may start there.
func TestStartDialog_InThePresentChannel(t *testing.T) {
	state := dialog.StartState{PostID: "p1", ClientID: "c1", Nonce: "n1", ChannelID: "here"}
	mark := "mark " + user + " " + dialogPath + " " + state.Marked()
	offered := object{"post_id": "p1", "client_id": "c1", "nonce": "n1", "channel_id": "here", "mark": mark}
	for name, x := range map[string]struct {
		state  object
		choice any
		want   string
		status int
	}{
		"chosen":               {offered, "this", "here", 201},
		"not chosen":           {offered, "new", "", 201},
		"empty":                {offered, "", "", 201},
		"absent":               {offered, nil, "", 201},
		"not marked":           {offered.with("mark", nil), "this", "", 200},
		"of another channel":   {offered.with("channel_id", "there"), "this", "", 200},
		"not offered":          {object{"post_id": "p1", "client_id": "c1", "nonce": "n1"}, "this", "", 200},
		"another value":        {offered, "there", "", 200},
		"a value of no string": {offered, 5, "", 200},
	} {
		b := newBench(t)
		w := b.want(x.status, "POST", dialogPath, start.with("state", x.state.String()).with("submission", startFieldsGiven.with("incidentChannel", x.choice)).String())
		if b.started.ChannelID != x.want {
			t.Errorf("%s: started in %q", name, b.started.ChannelID)
		}
		if x.status == 200 {
			b.contains(w, `"errors":{"incidentChannel":`)
		}
	}
}
