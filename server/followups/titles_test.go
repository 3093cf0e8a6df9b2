//go:build store

package followups

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Lists are sorted by title without regard to case and accents, whatever the locale of the database is.
func TestStore_SortsTitles(t *testing.T) {
	eachDatabase(t, func(t *testing.T, x *fixture) {
		inc := x.start("Outage", "O", "", x.anna)
		const want = "10 disks, Äpfel, apple, Banana, éclair, eclairs, Öl, zoo, Zulu, яблоко, 磁盘"
		for _, title := range []string{"Zulu", "Banana", "Öl", "apple", "磁盘", "eclairs", "яблоко", "zoo", "Äpfel", "10 disks"} {
			x.add(inc, Draft{Title: title})
		}
		renamed := x.add(inc, Draft{Title: "Renamed later"})
		title := "éclair"
		_, err := x.Change(t.Context(), x.anna, renamed.ID, Patch{Title: &title})
		require.NoError(t, err)
		sorted := func(descending bool) string {
			t.Helper()
			var all []string
			for page := range 3 { // pages do not overlap
				p, err := x.List(t.Context(), x.anna, Filter{Sort: "title", Descending: descending, Page: page, PerPage: 4})
				require.NoError(t, err)
				for _, s := range p.Items {
					all = append(all, s.Title)
				}
			}
			return strings.Join(all, ", ")
		}
		assert.Equal(t, want, sorted(false))
		names := strings.Split(sorted(true), ", ")
		for n, name := range strings.Split(want, ", ") {
			assert.Equal(t, name, names[len(names)-1-n])
		}

		// Rows of an older version get their keys, once.
		x.sql("UPDATE IR_FollowUp SET TitleSort = '', FoldVersion = 0")
		require.NoError(t, x.data.FoldTitles(t.Context()))
		assert.Equal(t, want, sorted(false))
		assert.Zero(t, x.number("SELECT COUNT(*) FROM IR_FollowUp WHERE FoldVersion = 0"))
		x.sql("UPDATE IR_FollowUp SET TitleSort = '' WHERE ID = ?", renamed.ID)
		require.NoError(t, x.data.FoldTitles(t.Context()))
		assert.EqualValues(t, 1, x.number("SELECT COUNT(*) FROM IR_FollowUp WHERE TitleSort = ''"), "one with the present version is left alone")
	})
}
