// Package fold makes the forms of names by which they are searched and sorted, without regard to case and accents. The
// database compares them byte by byte, so its locale and its collations do not matter.
package fold

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Version is stored beside what Text and SortKey return. Raise it with each change of their results, such as after an
// upgrade of golang.org/x/text with other tables: then all rows with a smaller version are folded again.
const Version = 1

// MaxSortKey is the greatest length of a sort key, in bytes. Names whose keys differ only beyond it are equal.
const MaxSortKey = 512

// lookAlike are letters that Unicode does not take apart into a letter and an accent.
var lookAlike = strings.NewReplacer("æ", "ae", "đ", "d", "ħ", "h", "ı", "i", "ł", "l", "ø", "o", "œ", "oe", "ŧ", "t")

// Text returns s as it is searched: without case, accents, invisible characters and the difference between full and half
// width. The marks of scripts that use them as letters, such as Thai and Devanagari vowels, are kept. If a contains b, then
// Text(a) contains Text(b). The result may be "" although s is not.
func Text(s string) string {
	s = norm.NFKD.String(cases.Fold().String(norm.NFKD.String(s)))
	s = strings.Map(func(r rune) rune {
		if accent(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) {
			return -1
		}
		return r
	}, s)
	return lookAlike.Replace(s)
}

// accent reports whether r is a mark that is put over or under letters of Latin, Greek and Cyrillic.
func accent(r rune) bool {
	return r >= 0x0300 && r <= 0x036F || r >= 0x1AB0 && r <= 0x1AFF || r >= 0x1DC0 && r <= 0x1DFF || r >= 0x20D0 && r <= 0x20FF || r >= 0xFE20 && r <= 0xFE2F
}

// collator is a collator with its buffer. Neither may be used by two goroutines at once.
type collator struct {
	*collate.Collator
	buffer collate.Buffer
}

var collators = sync.Pool{New: func() interface{} { return &collator{Collator: collate.New(language.Und)} }}

// SortKey returns the key by which s is sorted: by letters first, then by accents, then by case, in the order of the Unicode
// Collation Algorithm. Keys are compared byte by byte.
func SortKey(s string) []byte {
	c := collators.Get().(*collator)
	defer collators.Put(c)
	c.buffer.Reset()
	key := c.KeyFromString(&c.buffer, s)
	return append([]byte{}, key[:min(len(key), MaxSortKey)]...)
}
