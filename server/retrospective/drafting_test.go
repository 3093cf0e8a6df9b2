package retrospective

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/i18n"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/limit"
)

// quietIncidents are incidents of which nothing was recorded.
type quietIncidents struct{ capability.Incidents }

func (quietIncidents) Get(_ context.Context, id string) (incident.Incident, error) {
	return incident.Incident{ID: id, IsActive: true, CreateAt: 1}, nil
}

func (quietIncidents) EventPage(context.Context, string, app.EventFilter) ([]incident.Event, error) {
	return nil, nil
}

type plainTexts struct{ Service }

func (plainTexts) PostLanguage() *i18n.Language { return nil }

// A draft of an incident with thousands of entries takes seconds: who asks for it again and again does not hold others up.
func TestDrafts_OfOnePersonFollowEachOther(t *testing.T) {
	entered, release := make(chan string, 100), make(chan struct{})
	section := capability.Section{Records: func(_ context.Context, id string) iter.Seq2[capability.Record, error] {
		return func(func(capability.Record, error) bool) {
			entered <- id
			<-release
		}
	}}
	r := &retrospectives{core: plainTexts{}, incidents: quietIncidents{}, others: &capability.Core{}, sections: func() []capability.Section { return []capability.Section{section} },
		drafting: make(chan struct{}, maxDrafting), draftsOf: limit.PerKey{Slots: 1}}
	done := make(chan error, 100)
	ask := func(userID, id string) {
		_, err := r.drafts(t.Context(), userID, id)
		done <- err
	}
	for range maxDrafting + 2 {
		go ask("anna", "full")
	}
	if id := <-entered; id != "full" {
		t.Fatal(id)
	}
	go ask("boris", "other")
	if id := <-entered; id != "other" {
		t.Errorf("boris waits for anna's drafts of %s", id)
	}
	close(release)
	for range maxDrafting + 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// Of thousands of long records, only the texts that a draft tells are kept in memory.
func TestDrafts_KeepOnlyTheTextsThatAreTold(t *testing.T) {
	long, told := strings.Repeat("障", capability.MaxRecordText), shortener{}
	var records []capability.Record
	for n := range 1000 {
		r := capability.Record{Type: capability.RecordNote, ID: "note", At: int64(n + 1), PersonID: "anna", Text: long, Starred: n >= 900}
		records = append(records, told.shorten(r))
	}
	kept := 0
	for n := range records {
		kept += len(records[n].Text)
	}
	if most := 2 * maxMoments * 4 * maxQuote * len("障"); kept > most {
		t.Errorf("%d bytes of texts are kept, want at most %d", kept, most)
	}
	inc := incident.Incident{ID: "inc", IsActive: true, CreateAt: 1}
	f, err := collect(&inc, func(func(incident.Event, error) bool) {}, records, &capability.Core{})
	if err != nil {
		t.Fatal(err)
	}
	story := draft(f, nil, func(string) string { return "anna" })[WhatHappened]
	if len(story) != maxMoments+1 || !strings.Contains(story[maxMoments].Text, "920") {
		t.Fatalf("%d lines, the last is %s", len(story), story[len(story)-1].Text)
	}
	for _, line := range story[:maxMoments] {
		if !strings.Contains(line.Text, "障") || !strings.Contains(line.Text, "key moment") {
			t.Errorf("without a text, or no key moment: %s", line.Text)
		}
	}
}
