package export

import (
	"regexp"
	"strings"
)

var (
	// delimiter is the line below the heading of a table.
	delimiter = regexp.MustCompile(`^\s{0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$`)
	// cellEnd is the end of a cell of a table, or something with a backslash before it, which is none.
	cellEnd = regexp.MustCompile(`\\.|\|`)
)

// cells takes a line of a table apart.
func cells(line string) (all []string) {
	line = strings.TrimSpace(line)
	line = strings.TrimPrefix(line, "|")
	start := 0
	for _, at := range cellEnd.FindAllStringIndex(line, -1) {
		if line[at[0]] == '|' {
			all, start = append(all, line[start:at[0]]), at[1]
		}
	}
	if start < len(line) {
		all = append(all, line[start:])
	}
	return all
}

// tableAt returns the quoted lines of the table with which the lines begin, none for something else. What is in the cells is made harmless.
func tableAt(lines []string) (rows []string) {
	if len(lines) < 2 || !strings.Contains(lines[0], "|") || !strings.Contains(lines[1], "|") || !delimiter.MatchString(lines[1]) ||
		len(cells(lines[0])) != len(cells(lines[1])) {
		return nil
	}
	for n, line := range lines {
		if !strings.Contains(line, "|") {
			break
		}
		row := "> |"
		for _, cell := range cells(line) {
			if cell = strings.TrimSpace(cell); n != 1 {
				cell = cellEnd.ReplaceAllStringFunc(escape(strings.ReplaceAll(cell, `\|`, "|")), func(found string) string {
					if found == "|" { // in code
						return `\|`
					}
					return found
				})
			}
			row += " " + cell + " |"
		}
		rows = append(rows, row)
	}
	return rows
}
