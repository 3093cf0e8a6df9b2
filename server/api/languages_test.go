package api

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// inLanguage sends a request of a user who has chosen a language. It is made by Mattermost for a dialog or button if shown.
func inLanguage(t *testing.T, locale string, shown bool, method, path, body string) string {
	t.Helper()
	b := newBench(t)
	b.errs["Incident"], b.errs["End"] = incident.ErrNotFound, incident.ErrAlreadyEnded
	b.errs["Start"] = incident.InvalidField("name", "%s is too long: %d characters, at most %d are allowed.", "name", 65, 64)
	handler := New(b.fake, b.log, WithRoutes(b.fake.all()...), Translated(func(userID string) string {
		if userID != user {
			t.Errorf("the locale of %q is asked for", userID)
		}
		return locale
	}))
	r := httptest.NewRequest(method, basePath+path, strings.NewReader(body))
	r.Header.Set(userHeader, user)
	if shown {
		r.RequestURI = "" // as Mattermost hands over what it makes itself
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	return answer.Body.String()
}

func TestErrors_InTheLanguageOfTheUser(t *testing.T) {
	const (
		english = `{"error":"` + "This incident does not exist. Look for it in the list of incidents." + `","details":"","code":"incident.not_found"}`
		german  = `"localized_error":"Diesen Vorfall gibt es nicht. Suche ihn in der Liste der Vorfälle."`
	)
	// Clients may know the texts of error: they stay in English.
	for locale, want := range map[string]string{"en": english, "": english, "xx": english, "de": german, "de-AT": german, "DE": german} {
		got := inLanguage(t, locale, false, "GET", "/incidents/"+inc, "")
		if !strings.Contains(got, want) || !strings.Contains(got, `"error":"This incident does not exist.`) {
			t.Errorf("%q gets %s", locale, got)
		}
	}
	// What Mattermost shows is in the user's language.
	own := `{"client_id":"c","nonce":"n","mark":"mark ` + user + ` /incidents/dialog ` + `\u0000c\u0000n\u0000false"}`
	submitted := start.with("submission", object{"playbookID": book, "incidentName": "x"}).with("state", own).String()
	for _, x := range []struct {
		path, body, english, german string
	}{
		{"/incidents/dialog", submitted, `{"errors":{"incidentName":"This field is too long: 65 characters, at most 64 are allowed."}}`,
			`{"errors":{"incidentName":"Dieses Feld ist zu lang: 65 Zeichen, höchstens 64 sind erlaubt."}}`},
		{"/incidents/" + inc + "/end", `{"type":"dialog_submission","callback_id":"mark ` + user + ` /incidents/` + inc + `/end "}`, `"error":"This incident has already ended.`, `"error":"Dieser Vorfall ist schon beendet.`},
	} {
		if got := inLanguage(t, "de", true, "POST", x.path, x.body); !strings.Contains(got, x.german) || strings.Contains(got, "localized_error") {
			t.Errorf("%s shows %s", x.path, got)
		}
		if got := inLanguage(t, "en", true, "POST", x.path, x.body); !strings.Contains(got, x.english) {
			t.Errorf("%s shows %s", x.path, got)
		}
	}
	if got := inLanguage(t, "de", false, "POST", "/incidents/dialog", submitted); !strings.Contains(got, "This field is too long") {
		t.Errorf("a REST client gets %s", got)
	}
}
