package capability

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

func TestTerm_IsCutToTheLifeOfAnIncident(t *testing.T) {
	events := []incident.Event{{ID: "s", Payload: incident.Started{}}, {ID: "e1", Payload: incident.Ended{}}, {ID: "r", Payload: incident.Restarted{}}, {ID: "e2", Payload: incident.Ended{}}}
	ended := LifeOf(&incident.Incident{CreateAt: 100, EndAt: 900}, events)
	require.Equal(t, Term{100, 900, "s", "e2"}, ended)
	ongoing := LifeOf(&incident.Incident{CreateAt: 100, IsActive: true}, events[:3])
	require.Equal(t, Term{100, 0, "s", ""}, ongoing)
	for name, x := range map[string]struct {
		life, term, want Term
		none             bool
	}{
		"all the time":          {life: ended, term: Term{From: 100}, want: ended},
		"from the start on":     {life: ended, term: Term{0, 300, "", "a"}, want: Term{100, 300, "s", "a"}},
		"until the end":         {life: ended, term: Term{300, 0, "a", ""}, want: Term{300, 900, "a", "e2"}},
		"until after the end":   {life: ended, term: Term{300, 950, "a", "b"}, want: Term{300, 900, "a", "e2"}},
		"begun after the end":   {life: ended, term: Term{900, 0, "a", ""}, none: true},
		"ended when it began":   {life: Term{100, 100, "s", "e"}, term: Term{From: 100}, want: Term{100, 100, "s", "e"}},
		"goes on":               {life: ongoing, term: Term{300, 0, "a", ""}, want: Term{300, 0, "a", ""}},
		"was before, and is on": {life: ongoing, term: Term{300, 400, "a", "b"}, want: Term{300, 400, "a", "b"}},
	} {
		got, ok := x.life.Cut(x.term)
		require.Equal(t, !x.none, ok, name)
		if ok {
			require.Equal(t, x.want, got, name)
		}
	}
	require.True(t, ended.Spans(Term{100, 900, "a", "b"}))
	require.False(t, ended.Spans(Term{100, 0, "a", "b"}))
	require.Equal(t, []string{"s"}, ongoing.EventIDs())
	require.Zero(t, ongoing.Lasted())
	require.EqualValues(t, 800, ended.Lasted())
}
