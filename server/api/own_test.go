package api

import (
	"context"
	"encoding/json"
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/capability"
	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

// pager is a capability with a field of playbooks, an option of starts, a sort and a filter.
var pager = capability.Set{{
	OwnFields: []capability.OwnField{{Key: "pager", Playbook: func(context.Context, string, string, json.RawMessage) (json.RawMessage, error) { return nil, nil }},
		{Key: "pager_state"}},
	StartOptions: []string{"pager"},
	ListSorts:    map[string]string{"pager": "PagerRank"},
	ListFilters: map[string]capability.ListFilter{"pager": func(value string) (sq.Sqlizer, error) {
		if value == "bad" {
			return nil, incident.InvalidField("pager", "no")
		}
		return sq.Eq{"i.Pager": value}, nil
	}},
}}

// Fields of capabilities are passed on as they were sent, and others are not.
func TestCapabilities_FieldsOfPlaybooksAndStarts(t *testing.T) {
	b := newBench(t, WithCapabilities(pager))
	b.want(201, "POST", "/playbooks", `{"title":"t","team_id":"`+team+`","pager":{"rota":7},"pager_state":1,"other":2}`)
	require.Equal(t, incident.Own{"pager": json.RawMessage(`{"rota":7}`)}, b.playbook.Own)
	b.want(200, "PUT", "/playbooks/"+book, `{"title":"t","pager":null}`)
	require.Equal(t, incident.Own{"pager": json.RawMessage(`null`)}, b.playbook.Own)
	b.want(200, "PUT", "/playbooks/"+book, `{"title":"t"}`)
	require.Nil(t, b.playbook.Own)
	b.want(201, "POST", "/incidents", `{"name":"n","team_id":"`+team+`","commander_user_id":"`+user+`","pager":[1],"pager_state":1}`)
	require.Equal(t, map[string]json.RawMessage{"pager": json.RawMessage(`[1]`)}, b.started.Options)
}

func TestCapabilities_ParametersOfLists(t *testing.T) {
	b := newBench(t, WithCapabilities(pager))
	b.want(200, "GET", "/incidents?sort=Pager&pager=x&team_id="+team, "")
	require.Equal(t, "pager", b.filter.Sort)
	require.Equal(t, []sq.Sqlizer{sq.Eq{"i.Pager": "x"}}, b.filter.Where)
	b.want(200, "GET", "/incidents/channels?pager=&team_id="+team, "")
	require.Nil(t, b.filter.Where)
	b.want(400, "GET", "/incidents?pager=bad&team_id="+team, "")
	b.want(400, "GET", "/incidents?pager=%00&team_id="+team, "")
	newBench(t).want(400, "GET", "/incidents?sort=pager&team_id="+team, "")
}

// Elements that capabilities add to the start dialog are options of the start, and errors about them are shown beside them.
func TestCapabilities_ElementsOfTheStartDialog(t *testing.T) {
	b := newBench(t, WithCapabilities(pager))
	b.want(201, "POST", dialogPath, start.with("submission", startFieldsGiven.with("pager", "x").with("other", "y")).String())
	require.Equal(t, map[string]json.RawMessage{"pager": json.RawMessage(`"x"`)}, b.started.Options)
	b.want(201, "POST", dialogPath, start.with("submission", startFieldsGiven.with("pager", nil)).String())
	require.Empty(t, b.started.Options)
	b.errs["Start"] = incident.InvalidField("pager", "pager has no rota.")
	w := b.want(200, "POST", dialogPath, start.with("submission", startFieldsGiven.with("pager", "x")).String())
	require.JSONEq(t, `{"errors":{"pager":"This field has no rota."}}`, w.Body.String())
}
