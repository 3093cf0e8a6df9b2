package fold

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestText_FoldsCaseAndAccents(t *testing.T) {
	for _, same := range [][]string{
		{"Сбой ОПЛАТЫ", "сбой оплаты", "Сбой оплаты"},
		{"Äpfel", "apfel", "A\u0308PFEL", "äPFEL"},
		{"Straße", "STRASSE"},
		{"ΣΊΣΥΦΟΣ", "σισυφος", "Σίσυφος"},
		{"Ёлка", "елка"},
		{"İstanbul ILIK", "istanbul ılık"},
		{"Łódź Øre Đà Nẵng", "lodz ore da nang"},
		{"Ｄｉｓｋ　ｶﾞ", "disk ガ"},
		{"a\u200bb\u00adc\ufeff", "abc"},
		{"naïve café", "NAIVE CAFE"},
	} {
		for _, other := range same[1:] {
			assert.Equal(t, Text(same[0]), Text(other), "%q and %q", same[0], other)
		}
	}
	for _, different := range [][2]string{{"が", "か"}, {"กิน", "กน"}, {"कि", "क"}, {"🔒", "🔓"}, {"a", "b"}, {"安全", "安"}} {
		assert.NotEqual(t, Text(different[0]), Text(different[1]))
	}
}

func TestText_KeepsWhatIsContained(t *testing.T) {
	for _, name := range []string{"Сбой ОПЛАТЫ №5", "데이터베이스 장애", "ディスクがフル", "प्रणाली विफल", "ระบบล่ม", "مشكلة في الدفع", "תקלה",
		"👩‍🚒 🏴󠁧󠁢󠁥󠁮󠁧󠁿 fire", "Straße_100% ﬁx!", "İıIi", "ǅungla Ωmega"} {
		runes := []rune(name)
		for from := range runes {
			for to := from + 1; to <= len(runes); to++ {
				part := string(runes[from:to])
				assert.True(t, strings.Contains(Text(name), Text(part)), "%q in %q", part, name)
			}
		}
	}
}

func TestSortKey_Order(t *testing.T) {
	for _, want := range [][]string{
		{"Äpfel", "apple", "Banana", "banane", "Zulu"},
		{"Abfall", "Äpfel", "apple"},
		{"10", "2", "Alpha", "alpha2", "Ångström", "zeta", "бета", "Гамма"},
		{"Ёлка", "ель", "Жук"},
		{"resume", "Resume", "résumé", "Résumé", "resumes"},
	} {
		got := append([]string(nil), want...)
		slices.Reverse(got)
		slices.SortFunc(got, func(a, b string) int { return bytes.Compare(SortKey(a), SortKey(b)) })
		assert.Equal(t, want, got)
	}
	assert.LessOrEqual(t, len(SortKey(strings.Repeat("ü", 2000))), MaxSortKey)
	assert.Negative(t, bytes.Compare(SortKey("a b"), SortKey("ab")))
}

func TestSortKey_AtOnce(t *testing.T) {
	want := SortKey("Äpfel")
	done := make(chan bool)
	for range 8 {
		go func() {
			same := true
			for range 200 {
				SortKey("Banana")
				same = same && bytes.Equal(SortKey("Äpfel"), want)
			}
			done <- same
		}()
	}
	for range 8 {
		assert.True(t, <-done)
	}
}
