package capability

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/app"
	"github.com/mattermost/mattermost-plugin-incident-management/server/jobs"
)

type listener struct{}

func (listener) IncidentChanged(context.Context, app.Change) {}

// What capabilities add is listed in the order in which they are plugged in.
func TestPlug(t *testing.T) {
	core := &Core{PluginID: "plugin"}
	named := func(name string) func(*Core) Capability {
		return func(c *Core) Capability {
			require.Same(t, core, c)
			return Capability{Name: name, Routes: []Route{{Path: "/" + name}}, Commands: []Command{{Name: name}}, Sections: []Section{{Name: name}},
				Listener: listener{}, Jobs: []jobs.Kind{{Name: name}}, Periodic: []jobs.Periodic{{Name: name}}, Tables: []string{"IR_" + name}, Migrations: make([]Migration, 1)}
		}
	}
	none := func(*Core) Capability { return Capability{Name: "none"} }
	set := Plug(core, named("b"), none, named("a"))
	require.Len(t, set, 3)
	require.Len(t, set.Listeners(), 2)
	var names []string
	for n := range set.Routes() {
		names = append(names, fmt.Sprint(set.Routes()[n].Path, " ", set.Commands()[n].Name, " ", core.Sections()[n].Name, " ", set.Jobs()[n].Name, " ", set.Periodic()[n].Name, " ",
			set.Schemas()[n].Capability, " ", set.Schemas()[n].Tables, " ", len(set.Schemas()[n].Migrations)))
	}
	require.Equal(t, []string{"/b b b b b b [IR_b] 1", "/a a a a a a [IR_a] 1"}, names)
	require.Len(t, set.Schemas(), 2)
}
