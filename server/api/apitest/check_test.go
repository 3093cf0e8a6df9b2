package apitest

import (
	"net/http"
	"testing"
)

func TestCheck(t *testing.T) {
	c, err := LoadAll("../..")
	if err != nil {
		t.Fatal(err)
	}
	const id = "h5x1t9j3kbr7dqwn8efo6myzca"
	asJSON := http.Header{"Content-Type": {"application/json"}}
	text := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	at := func(place string) http.Header {
		return http.Header{"Content-Type": {"application/json"}, "Location": {place}}
	}
	slim := func(members string) string {
		return `{"total_count":1,"page_count":1,"has_more":false,"can_create":true,"items":[{"id":"` + id + `","title":"","description":"","team_id":"","create_public_incident":false,` +
			`"create_at":0,"delete_at":0,"num_stages":0,"num_steps":0,"checklists":[],"member_ids":` + members + `,"broadcast_channel_id":"",` +
			`"reminder_message_template":"","reminder_timer_default_seconds":0}]}`
	}
	for _, x := range []struct {
		name, method, path string
		status             int
		header             http.Header
		body               string
		good               bool
	}{
		{"described error", "GET", "/incidents/" + id, 404, asJSON, `{"error":"x","details":""}`, true},
		{"host's path and query", "GET", "/plugins/some.id/api/v0/playbooks?team_id=x", 403, asJSON, `{"error":"x","details":""}`, true},
		{"empty answer", "PUT", "/incidents/" + id + "/end", 200, nil, "", true},
		{"null", "POST", "/incidents/" + id + "/reminder/button-dismiss", 200, asJSON, "null", true},
		{"signed out", "GET", "/incidents", 401, text, "no", true},
		{"unknown path", "GET", "/nothing", 404, text, "404", true},
		{"path outside the pattern", "GET", "/incidents/a-b", 404, text, "404", true},
		{"wrong method", "DELETE", "/incidents", 405, nil, "", true},
		{"literal before variable", "GET", "/incidents/commanders", 200, asJSON, `[{"user_id":"u","username":"n"}]`, true},
		{"location", "POST", "/playbooks", 201, at("/api/v0/playbooks/" + id), `{"id":"` + id + `"}`, true},
		{"dialog refused", "POST", "/incidents/dialog", 200, asJSON, `{"error":"x"}`, true},
		{"dialog cancelled", "POST", "/incidents/dialog", 200, nil, "", true},

		{"undescribed status", "GET", "/incidents/" + id, 409, asJSON, `{"error":"x","details":""}`, false},
		{"undescribed field", "GET", "/incidents/" + id, 404, asJSON, `{"error":"x","details":"","more":1}`, false},
		{"missing field", "GET", "/incidents/" + id, 404, asJSON, `{"details":""}`, false},
		{"not JSON", "GET", "/incidents/" + id, 404, text, "404 page not found", false},
		{"body where none belongs", "PUT", "/incidents/" + id + "/end", 200, asJSON, "{}", false},
		{"no body", "GET", "/incidents", 200, asJSON, "", false},
		{"object for null", "POST", "/incidents/" + id + "/reminder/button-dismiss", 200, asJSON, "{}", false},
		{"JSON for signed out", "GET", "/incidents", 401, asJSON, "{}", false},
		{"unknown path answered", "GET", "/nothing", 200, asJSON, "{}", false},
		{"unknown method answered", "DELETE", "/incidents", 200, asJSON, "{}", false},
		{"405 with body", "DELETE", "/incidents", 405, text, "no", false},
		{"404 as JSON", "GET", "/nothing", 404, asJSON, "{}", false},
		{"no location", "POST", "/playbooks", 201, asJSON, `{"id":"` + id + `"}`, false},
		{"location without id", "POST", "/playbooks", 201, at("/api/v0/playbooks/"), `{"id":"` + id + `"}`, false},
		{"empty answer without location", "POST", "/incidents/dialog", 201, nil, "", false},
		{"empty answer with wrong location", "POST", "/incidents/dialog", 201, at("/x"), "", false},
		{"slim playbook", "GET", "/playbooks", 200, asJSON, slim(`[]`), true},
		{"slim playbook with members", "GET", "/playbooks", 200, asJSON, slim(`["x"]`), false},
	} {
		t.Run(x.name, func(t *testing.T) {
			header := x.header
			if header == nil {
				header = http.Header{}
			}
			err := c.Check(x.method, x.path, x.status, header, []byte(x.body))
			if (err == nil) != x.good {
				t.Errorf("the check gives %v", err)
			}
		})
	}
}

func TestLoadFails(t *testing.T) {
	if _, err := Load("check.go"); err == nil {
		t.Error("a Go file was taken for a description")
	}
}
