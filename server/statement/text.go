package statement

import "strings"

// Literal is a text as it is written in a statement. It is for names of this program, never for input.
func Literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// LookUp makes of a join such as "Users u ON u.Id = f.OwnerID" one for PostgreSQL that looks at most one row up for each row before it. As a
// table, PostgreSQL would read all its rows on a server that is not large. MySQL does not know it, and looks rows up by itself.
func LookUp(join string) string {
	table, condition, _ := strings.Cut(join, " ON ")
	_, alias, _ := strings.Cut(table, " ")
	return "LATERAL (SELECT * FROM " + table + " WHERE " + condition + " LIMIT 1) " + alias + " ON true"
}
