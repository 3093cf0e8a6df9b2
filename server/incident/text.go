package incident

import "fmt"

// Text is a text for users: a format in English, as fmt has them, with its values. Translations are found by the format. A
// value may be a Text itself.
type Text struct {
	Format string
	Values []interface{}
}

// NewText makes a Text.
func NewText(format string, values ...interface{}) Text { return Text{Format: format, Values: values} }

// String is the text in English.
func (t Text) String() string { return t.In(func(format string) string { return format }) }

// In is the text with the formats that translate returns for those of English.
func (t Text) In(translate func(format string) string) string {
	values := make([]interface{}, len(t.Values))
	for n, v := range t.Values {
		if part, ok := v.(Text); ok {
			v = part.In(translate)
		}
		values[n] = v
	}
	return fmt.Sprintf(translate(t.Format), values...)
}
