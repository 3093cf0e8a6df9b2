package store

import (
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"
)

// together makes one statement of several for PostgreSQL. All see the rows as they were before it. Its result is that of
// the last one.
func together(statements ...sq.Sqlizer) sq.Sqlizer { return oneStatement(statements) }

type oneStatement []sq.Sqlizer

func (o oneStatement) ToSql() (string, []interface{}, error) {
	var text strings.Builder
	var all []interface{}
	last := len(o) - 1
	for n, one := range o {
		query, args, err := unnumbered(one).ToSql()
		if err != nil {
			return "", nil, err
		}
		all = append(all, args...)
		switch {
		case n == last:
			text.WriteString(query)
		case n == 0:
			fmt.Fprintf(&text, "WITH s%d AS (%s)", n, query)
		default:
			fmt.Fprintf(&text, ", s%d AS (%s)", n, query)
		}
		if n == last-1 {
			text.WriteString(" ")
		}
	}
	query, err := sq.Dollar.ReplacePlaceholders(text.String())
	return query, all, err
}

// unnumbered gives a statement placeholders that are still question marks.
func unnumbered(b sq.Sqlizer) sq.Sqlizer {
	switch q := b.(type) {
	case sq.InsertBuilder:
		return q.PlaceholderFormat(sq.Question)
	case sq.UpdateBuilder:
		return q.PlaceholderFormat(sq.Question)
	case sq.DeleteBuilder:
		return q.PlaceholderFormat(sq.Question)
	}
	return b
}
