package app

import "iter"

// What is long is read in parts while it is sent. PartItems is how many items of a part are held in memory, PartBytes how
// many bytes.
const (
	PartItems = 500
	PartBytes = 1 << 20
)

// Parts cuts sizes into parts of at most PartItems items and PartBytes bytes, or of one item.
func Parts[S any](sizes []S, bytes func(S) int) iter.Seq[[]S] {
	return func(yield func([]S) bool) {
		for len(sizes) > 0 {
			n, total := 1, bytes(sizes[0])
			for n < len(sizes) && n < PartItems && total+bytes(sizes[n]) <= PartBytes {
				total += bytes(sizes[n])
				n++
			}
			if !yield(sizes[:n]) {
				return
			}
			sizes = sizes[n:]
		}
	}
}
