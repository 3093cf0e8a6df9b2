package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
)

// ownPost is a post of the bot in the channel of the incident inc.
const ownPost = "remindremindremindremindre"

// Bodies of what Mattermost 5.28 to 11 send.
const (
	pressBody = `{"user_id":"` + user + `","user_name":"anna","channel_id":"` + channel + `","channel_name":"x","team_id":"` + team + `","team_domain":"t",` +
		`"post_id":"` + other + `","trigger_id":"abc","type":"button","data_source":"","context":{"name":"x","commander_id":"` + other + `"}}`
	dialogBody = `{"type":"dialog_submission","callback_id":"","state":"","user_id":"` + user + `","channel_id":"` + channel + `","team_id":"` + team + `",` +
		`"submission":{"message":"x","reminder":"900"},"cancelled":false}`
)

// sendAs makes a request as alter changes it.
func (b *bench) sendAs(method, path, body string, alter func(r *http.Request)) int {
	r := httptest.NewRequest(method, "/api/v0"+path, strings.NewReader(body))
	r.Header.Set("Mattermost-User-ID", user)
	alter(r)
	w := httptest.NewRecorder()
	b.calls = nil
	b.handler.ServeHTTP(w, r)
	b.check(method, path, w)
	return w.Code
}

func TestOrigin_OfActingRequests(t *testing.T) {
	local := func(r *http.Request) { r.RequestURI, r.RemoteAddr, r.Host = "", "", "" }
	senders := map[string]func(r *http.Request){
		"inside the server":     local,
		"Mattermost 5.28":       func(r *http.Request) { r.Header.Set("User-Agent", "mattermost-5.28.0") },
		"Mattermost 5.39 to 11": func(r *http.Request) { r.Header.Set("User-Agent", "Mattermost-Bot/1.1") },
	}
	for _, x := range examples {
		if x.method != "POST" {
			continue
		}
		var use capability.Use
		for n, route := range (&api{capabilities: (&fake{}).all()}).routes() {
			if examples[n] == x {
				use = route.use
			}
		}
		t.Run(x.path, func(t *testing.T) {
			b := newBench(t)
			bodies := []string{x.body, pressBody, dialogBody, strings.Replace(dialogBody, "dialog_submission", "dialog_lookup", 1), strings.Replace(dialogBody, "dialog_submission", "refresh", 1)}
			for sender, as := range senders {
				for _, body := range bodies {
					if status := b.sendAs("POST", x.path, body, as); status != http.StatusForbidden {
						t.Errorf("%s: %s answered %d", sender, body, status)
					}
					b.untouched()
				}
			}
			// A proxy that changes the client's name does not help.
			for _, body := range bodies[1:] {
				button := strings.Contains(body, `"trigger_id"`)
				if button && (use == capability.ForButtons || use == capability.ForDirectButtons) || !button && use == capability.ForDialogs {
					continue
				}
				b.want(403, "POST", x.path, body)
				b.untouched()
			}
			// Clients, the page and other plugins may, on version 5 as on later ones.
			b.want(x.status, "POST", x.path, x.body)
			b.want(x.status, "POST", x.path, x.body, "X-Requested-With: XMLHttpRequest", "X-CSRF-Token: abc", "User-Agent: Mozilla/5.0 Mattermost/5.0")
			for _, as := range []func(r *http.Request){
				func(r *http.Request) { local(r); r.Header.Set("Mattermost-Plugin-ID", "another") },
				func(r *http.Request) { local(r); *r = *r.WithContext(WithSource(r.Context(), "another")) },
			} {
				if status := b.sendAs("POST", x.path, x.body, as); status != x.status {
					t.Errorf("another plugin: answered %d, want %d", status, x.status)
				}
			}
		})
	}
}

func TestOrigin_OwnDialogsAndButtonsAreAccepted(t *testing.T) {
	b := newBench(t)
	local := func(r *http.Request) { r.RequestURI = "" }
	for _, x := range []struct{ path, state, body string }{
		{"/incidents/" + inc + "/end", inc, `{"type":"dialog_submission","callback_id":"%","state":"` + inc + `","submission":null}`},
		{"/incidents/" + inc + "/next-stage-dialog", "2", `{"type":"dialog_submission","callback_id":"%","state":"2","submission":{}}`},
		{"/incidents/" + inc + "/next-stage-dialog?from=1", "2", `{"type":"dialog_submission","callback_id":"%","state":"2","submission":{}}`},
		{"/incidents/" + inc + "/added/submitted", "", `{"type":"dialog_submission","callback_id":"%","state":"","submission":{"text":"Fine"}}`},
	} {
		mark := "mark " + user + " " + x.path + " " + x.state
		if status := b.sendAs("POST", x.path, strings.Replace(x.body, "%", mark, 1), local); status != 200 {
			t.Errorf("%s answered %d", x.path, status)
		}
		for _, wrong := range []string{"", "mark " + other + " " + x.path + " " + x.state, "mark " + user + " /incidents/other/end " + x.state, mark + "x"} {
			if status := b.sendAs("POST", x.path, strings.Replace(x.body, "%", wrong, 1), local); status != 403 {
				t.Errorf("%s with the mark %q answered %d", x.path, wrong, status)
			}
			b.untouched()
		}
	}
	for _, button := range []string{"button-press", "button-direct"} {
		path := "/incidents/" + inc + "/added/" + button
		if status := b.sendAs("POST", path, strings.Replace(pressBody, other, ownPost, 1), local); status != 200 {
			t.Errorf("%s answered %d", button, status)
		}
		if status := b.sendAs("POST", path, pressBody, local); status != 403 {
			t.Errorf("%s of another post answered %d", button, status)
		}
	}
}

// What 1.2.0 took for these routes from clients is still taken.
func TestBodiesThatAreIgnored(t *testing.T) {
	for _, body := range []string{"", "null", "ignored", `{"state":"x"}`, `{"post_id":""}`, `{"post_id":7}`, `[{"post_id":"x"}]`} {
		newBench(t).want(200, "POST", "/incidents/"+inc+"/end", body)
		newBench(t).want(200, "POST", "/incidents/"+inc+"/checklists/0/item/1/run", body)
	}
	newBench(t).want(200, "POST", "/incidents/"+inc+"/end", `{"type":"dialog_submission","state":"x"}`)
	b := newBench(t)
	b.want(200, "POST", "/incidents/"+inc+"/checklists/0/item/1/run", `{"command":"/echo hi"}`)
	b.called("RunTask " + user + " " + inc + " 0 1 /echo hi")
}
