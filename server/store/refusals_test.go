//go:build store

package store

import (
	"slices"
	"testing"
	"time"

	"github.com/mattermost/mattermost-server/v5/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mattermost/mattermost-plugin-incident-management/server/testdb"
)

// What is read to refuse a request takes as long for an incident with thousands of status updates as for one that does not exist.
func TestRefusals_TakeNoLongerWithMuchInTheIncident(t *testing.T) {
	eachHost(t, func(t *testing.T, s *Store, _ *testdb.Database) {
		member, stranger := model.NewId(), model.NewId()
		inc := newIncident(500)
		s.addChannel(t, inc.ChannelID, inc.TeamID, "P", member)
		create(t, s, inc)
		for range 3000 {
			id := model.NewId()
			s.sql(t, "INSERT INTO Posts (Id, CreateAt, UpdateAt, DeleteAt, EditAt, UserId, ChannelId, RootId, OriginalId, Message, Type, Props) VALUES (?, 1, 1, 0, 0, ?, ?, '', '', 'm', '', '{}')",
				id, member, inc.ChannelID)
			s.sql(t, "INSERT INTO IR_StatusPosts (IncidentID, PostID) VALUES (?, ?)", inc.ID, id)
		}
		median := func(times []time.Duration) time.Duration {
			slices.Sort(times)
			return times[len(times)/2]
		}
		for what, read := range map[string]func(id, viewer string) error{
			"header": func(id, viewer string) error { _, err := s.Incidents().Header(t.Context(), id, viewer); return err },
			"view":   func(id, viewer string) error { _, _, err := s.Incidents().View(t.Context(), id, viewer); return err },
			"metadata": func(id, viewer string) error {
				_, _, err := s.Incidents().ViewMetadata(t.Context(), id, viewer)
				return err
			},
		} {
			var ofHidden, ofUnknown []time.Duration
			for range 41 { // by turns, so that other work of the machine delays both alike
				start := time.Now()
				require.NoError(t, read(inc.ID, stranger))
				ofHidden = append(ofHidden, time.Since(start))
				start = time.Now()
				_ = read(model.NewId(), stranger)
				ofUnknown = append(ofUnknown, time.Since(start))
			}
			if hidden, unknown := median(ofHidden), median(ofUnknown); hidden > 2*unknown+time.Millisecond {
				t.Errorf("%s: %v for a hidden incident, %v for an unknown one", what, hidden, unknown)
			}
		}
		h, err := s.Incidents().Header(t.Context(), inc.ID, member)
		require.NoError(t, err)
		assert.Equal(t, 3000, len(h.Known.StatusPosts), "status posts for a member")
		h, err = s.Incidents().Header(t.Context(), inc.ID, stranger)
		require.NoError(t, err)
		assert.True(t, h.Known == nil, "known to a stranger")
	})
}
