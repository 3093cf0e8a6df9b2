package retrospective

import (
	"net/http"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func (r *retrospectives) routes() []capability.Route {
	const one = capability.IncidentPath + "/retrospective"
	const ofPlaybook = "/playbooks/{id:[A-Za-z0-9]+}/retrospective"
	return []capability.Route{
		{Method: http.MethodGet, Path: one, Handle: r.handleRead},
		{Method: http.MethodPost, Path: one + "/draft", Handle: r.handleDraft},
		{Method: http.MethodPost, Path: one + "/publish", Handle: r.handleMove(EventPublished)},
		{Method: http.MethodPost, Path: one + "/reopen", Handle: r.handleMove(EventReopened)},
		{Method: http.MethodPatch, Path: one + "/sections/{section:[A-Za-z0-9_]+}", Handle: r.handleEdit},
		{Method: http.MethodGet, Path: one + "/export", Handle: r.handleExport},
		{Method: http.MethodGet, Path: ofPlaybook, Handle: r.handleSettings},
		{Method: http.MethodPut, Path: ofPlaybook, Handle: r.handleSaveSettings},
	}
}

func (r *retrospectives) handleRead(request *capability.Request) (capability.Answer, error) {
	doc, err := r.read(request.Context(), request.UserID, request.Var("id"))
	return answer(&doc), err
}

func answer(doc *Document) capability.Answer {
	return capability.Answer{Body: doc, Revision: doc.Revision}
}

// written lets a user who may change the incident do something with its retrospective.
func (r *retrospectives) written(request *capability.Request, do func(change app.ChangeRequest) (Document, error)) (Document, error) {
	change, err := r.core.AuthorizeEdit(request.Context(), request.UserID, request.Var("id"))
	if incident.IsKind(err, incident.NotFound) && !r.rules.ViewNothing(request.UserID, request.Var("id")) {
		err = incident.ErrForbidden // as in mayRead
	}
	if err != nil { // before the body is looked at
		return Document{}, err
	}
	return do(change)
}

func (r *retrospectives) handleDraft(request *capability.Request) (capability.Answer, error) {
	doc, err := r.written(request, func(change app.ChangeRequest) (Document, error) {
		expected, err := request.Expected()
		if err != nil {
			return Document{}, err
		}
		return r.draft(request.Context(), request.UserID, change.Header, expected)
	})
	return answer(&doc), err
}

func (r *retrospectives) handleMove(kind incident.EventType) func(request *capability.Request) (capability.Answer, error) {
	return func(request *capability.Request) (capability.Answer, error) {
		doc, err := r.written(request, func(change app.ChangeRequest) (Document, error) {
			expected, err := request.Expected()
			if err != nil {
				return Document{}, err
			}
			return r.move(request.Context(), request.UserID, change, kind, expected)
		})
		return answer(&doc), err
	}
}

func (r *retrospectives) handleEdit(request *capability.Request) (capability.Answer, error) {
	key := request.Var("section")
	doc, err := r.written(request, func(change app.ChangeRequest) (Document, error) {
		var body struct {
			Text      *string `json:"text"`
			Generated bool    `json:"generated"`
		}
		expected, err := request.Expected()
		if err == nil {
			err = request.Decode(&body)
		}
		if err == nil && (body.Text == nil) != body.Generated {
			err = incident.InvalidField("text", "Send either text, or generated with the value true to have the generated text again.")
		}
		if err != nil {
			return Document{}, err
		}
		return r.edit(request.Context(), request.UserID, change.Header, key, edit{text: body.Text, expected: expected}, body.Generated)
	})
	if err != nil {
		return capability.Answer{}, err
	}
	return capability.Answer{Revision: doc.section(key).Revision, Body: struct {
		IncidentID string   `json:"incident_id"`
		State      State    `json:"state"`
		Revision   int64    `json:"revision"`
		Section    *Section `json:"section"`
	}{doc.IncidentID, doc.State, doc.Revision, doc.section(key)}}, nil
}

func (r *retrospectives) handleSettings(request *capability.Request) (capability.Answer, error) {
	s, err := r.settings(request.Context(), request.UserID, request.Var("id"))
	return capability.Answer{Body: s, Revision: s.Revision}, err
}

func (r *retrospectives) handleSaveSettings(request *capability.Request) (capability.Answer, error) {
	p, err := r.core.Playbook(request.Context(), request.UserID, request.Var("id"))
	if err != nil { // before the body is looked at
		return capability.Answer{}, err
	}
	expected, err := request.Expected()
	if err != nil {
		return capability.Answer{}, err
	}
	sent := defaults(p.ID)
	sent.Sections = nil
	if err := request.Decode(&sent); err != nil {
		return capability.Answer{}, err
	}
	s, err := r.saveSettings(request.Context(), request.UserID, p.ID, sent, expected)
	return capability.Answer{Body: s, Revision: s.Revision}, err
}
