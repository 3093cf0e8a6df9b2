package export

import (
	"fmt"
	"strings"
	"unicode"
)

// maxFileName is how many characters of an incident's name go into a file name: file systems take 255 bytes.
const maxFileName = 60

// fileName makes a name that every file system takes and that shows as what it is: without separators, control
// characters and characters that turn the direction of text around, and not a hidden file.
func fileName(name, extension string) string {
	name = strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|%`, c), c == unicode.ReplacementChar:
			return '-'
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsGraphic(c):
			return c
		default: // control, direction, private use
			return -1
		}
	}, strings.ToValidUTF8(name, "-"))
	runes := []rune(strings.Join(strings.Fields(name), " "))
	name = strings.Trim(string(runes[:min(len(runes), maxFileName)]), ". ")
	if name == "" || reserved[strings.ToLower(strings.SplitN(name, ".", 2)[0])] {
		name = strings.TrimSpace("incident " + name)
	}
	return name + "." + extension
}

// reserved are names that Windows keeps for devices, with any extension.
var reserved = func() map[string]bool {
	names := map[string]bool{"con": true, "prn": true, "aux": true, "nul": true}
	for n := range 10 {
		names[fmt.Sprint("com", n)], names[fmt.Sprint("lpt", n)] = true, true
	}
	return names
}()
