package all

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
	"github.com/mattermost/mattermost-plugin-incident-management/server/text"
)

// group finds what notifies a group of people, or begins a heading.
var group = regexp.MustCompile(`(?i)@(all|channel|here)|(^|\n)#`)

// Names and reasons that people write notify no groups of people and break no post, in the posts, timelines and facts of all capabilities.
func TestTitlesAndNamesAreHarmless(t *testing.T) {
	set := Plug(&capability.Core{})
	for _, hostile := range []string{"@channel", "x @all", "@here now", "**@channel**", "*@all*", "a\n@channel", "a\r\n# @all", "_@here_", "| @all |", "![x](https://x) @all", "\\@channel", "~~@ALL~~", "a\u2028@channel"} {
		typed, err := json.Marshal(hostile)
		require.NoError(t, err)
		for _, stored := range []struct{ kind, before, after string }{
			{"severity_changed", `{"severity":{"key":"a","name":$}}`, `{"severity":{"key":"b","name":$},"reason":$}`},
			{"severity_changed", `{"severity":{"key":"a","name":$}}`, `{"severity":{"key":"b","name":$},"reason":"x","raised":true}`},
			{"severity_changed", `{}`, `{"severity":{"key":"b","name":$}}`},
			{"role_changed", `{"role":"r","name":$}`, `{"role":"r","name":$,"holder_id":"bob"}`},
			{"role_changed", `{"role":"r","name":$,"holder_id":"bob"}`, `{"role":"r","name":$}`},
			{"role_changed", `{"role":"r","name":$,"holder_id":"anna"}`, `{"role":"r","name":$,"holder_id":"bob"}`},
			{"stage_limit_reached", `{}`, `{"title":$,"limit_seconds":60}`},
			{"stage_changed", `{"active_stage":0,"active_stage_title":$}`, `{"active_stage":1,"active_stage_title":$}`},
		} {
			fill := func(form string) []byte { return []byte(strings.ReplaceAll(form, "$", string(typed))) }
			p := incident.DecodePayload(incident.EventType(stored.kind), fill(stored.before), fill(stored.after))
			if _, unknown := p.(incident.Unknown); unknown { // its capability was removed
				continue
			}
			e := &incident.Event{ActorID: "carl", Payload: p}
			post := text.In(nil).ChangePost(e, func(id string) string { return id })
			require.NotEmpty(t, post)
			assert.NotRegexp(t, group, post, "%s of %q", stored.kind, hostile)
			said := text.Sentence(e, text.Voice{Escape: text.Escape, Person: func(id string) string { return id }, Time: func(int64) string { return "" }, TaskTitle: func(string) string { return "" }})
			assert.NotRegexp(t, group, said, "%s of %q", stored.kind, hostile)
			assert.NotContains(t, said, "\n")
		}
		inc := incident.Incident{IsActive: true, Checklists: []incident.Stage{{ID: "s", Title: hostile, LimitSeconds: 60}}}
		inc.Own.Store("severity", json.RawMessage(strings.ReplaceAll(`{"key":"b","levels":[{"key":"b","name":$,"description":$}]}`, "$", string(typed))))
		for _, c := range set {
			if c.StartLines == nil {
				continue
			}
			for _, line := range c.StartLines(&inc, nil) {
				assert.NotRegexp(t, group, line, c.Name)
			}
		}
	}
}
