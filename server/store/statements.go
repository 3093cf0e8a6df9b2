package store

import (
	"context"
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"
	"github.com/jmoiron/sqlx"
)

// execAll runs statements one after the other in a transaction: on PostgreSQL in one round trip, where none sees what
// the others have written.
func (s *Store) execAll(ctx context.Context, tx *sqlx.Tx, statements ...sq.Sqlizer) error {
	if s.postgres && len(statements) > 1 {
		statements = []sq.Sqlizer{together(statements...)}
	}
	for _, one := range statements {
		if _, err := s.exec(ctx, tx, one); err != nil {
			return err
		}
	}
	return nil
}

// together makes one statement of several for PostgreSQL. All see the rows as they were before it. Its result is that of
// the last one.
func together(statements ...sq.Sqlizer) sq.Sqlizer { return oneStatement(statements) }

type oneStatement []sq.Sqlizer

// named is a statement of oneStatement that the following ones can refer to.
type named struct {
	name string
	sq.Sqlizer
}

func (o oneStatement) ToSql() (string, []interface{}, error) {
	text, args, err := o.unnumbered()
	if err == nil {
		text, err = sq.Dollar.ReplacePlaceholders(text)
	}
	return text, args, err
}

// unnumbered is the statement with question marks. Statements of statements are joined to one list.
func (o oneStatement) unnumbered() (string, []interface{}, error) {
	var text strings.Builder
	var all []interface{}
	for n, one := range o.flat() {
		query, args, err := unnumbered(one).ToSql()
		if err != nil {
			return "", nil, err
		}
		all = append(all, args...)
		name := fmt.Sprint("s", n)
		if q, ok := one.(named); ok {
			name = q.name
		}
		switch {
		case n == len(o.flat())-1:
			text.WriteString(" " + query)
		case n == 0:
			fmt.Fprintf(&text, "WITH %s AS (%s)", name, query)
		default:
			fmt.Fprintf(&text, ", %s AS (%s)", name, query)
		}
	}
	return text.String(), all, nil
}

func (o oneStatement) flat() (out oneStatement) {
	for _, one := range o {
		if inner, ok := one.(oneStatement); ok {
			out = append(out, inner.flat()...)
			continue
		}
		out = append(out, one)
	}
	return out
}

// unnumbered gives a statement placeholders that are still question marks.
func unnumbered(b sq.Sqlizer) sq.Sqlizer {
	switch q := b.(type) {
	case named:
		return unnumbered(q.Sqlizer)
	case sq.InsertBuilder:
		return q.PlaceholderFormat(sq.Question)
	case sq.UpdateBuilder:
		return q.PlaceholderFormat(sq.Question)
	case sq.DeleteBuilder:
		return q.PlaceholderFormat(sq.Question)
	}
	return b
}
