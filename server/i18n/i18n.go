// Package i18n translates the server's texts. A translation is found by the English text itself, or the format of it, so that
// English needs no catalogue. de.json and the like map the English text to that of the language.
//
// The values of a format may be in another order: %[2]s. A text that is missing is shown in English.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mattermost/mattermost-plugin-incident-management/server/incident"
)

//go:embed *.json
var catalogues embed.FS

// Language is a language in which texts are shown. The zero value and nil are English.
type Language struct {
	// Tag is the name of the language as Mattermost has it, "" for English.
	Tag   string
	texts map[string]string
}

var languages = load()

func load() map[string]*Language {
	all := map[string]*Language{}
	files, err := catalogues.ReadDir(".")
	if err != nil {
		panic(err) // they are in the program
	}
	for _, f := range files {
		content, err := catalogues.ReadFile(f.Name())
		if err != nil {
			panic(err)
		}
		l := &Language{Tag: strings.TrimSuffix(f.Name(), ".json")}
		if err := json.Unmarshal(content, &l.texts); err != nil {
			panic(fmt.Errorf("the catalogue %s: %w", f.Name(), err))
		}
		all[strings.ToLower(l.Tag)] = l
	}
	return all
}

// For returns the language of a locale as Mattermost has them, such as "de" or "pt-BR". Without a catalogue for it, it is
// that of the language without its region, else English.
func For(locale string) *Language {
	locale = strings.ToLower(locale)
	if l := languages[locale]; l != nil {
		return l
	}
	base, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	return languages[base]
}

// English reports whether the language is English.
func (l *Language) English() bool { return l == nil || l.Tag == "" }

func (l *Language) translate(format string) string {
	if l != nil {
		if translated := l.texts[format]; translated != "" {
			return translated
		}
	}
	return format
}

// T returns a text with its values. The format is in English; it must be a constant, so that the check of the catalogues
// finds it. A value that is an incident.Text is translated as well.
func (l *Language) T(format string, values ...interface{}) string {
	return l.Text(incident.NewText(format, values...))
}

// Text returns a text.
func (l *Language) Text(t incident.Text) string { return t.In(l.translate) }

// Word returns a text that stands in a table, where N has marked it.
func (l *Language) Word(text string) string { return l.translate(text) }

// Error returns the message of an error.
func (l *Language) Error(e *incident.Error) string { return e.In(l.translate) }

// N marks a text in a table for the check of the catalogues, and returns it.
func N(text string) string { return text }
