package main

import (
	"fmt"
	"sort"
	"strings"
)

// signature lists the types of a call: arguments, then answer.
func (w wire) signature(name string) string {
	pair, known := w.Calls[name]
	if !known {
		return "not in the SDK"
	}
	list := func(typ string) string {
		var names []string
		for field := range w.Types[typ].Fields {
			names = append(names, field)
		}
		sort.Strings(names)
		for n, field := range names {
			names[n] = w.Types[typ].Fields[field]
		}
		return strings.Join(names, ", ")
	}
	text := list(pair[0])
	if answer := list(pair[1]); answer != "" {
		text += " → " + answer
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "|", "\\|")
}

// compareCall says how the types of a call differ in another version. What begins with ** is not compatible.
func compareCall(ours, theirs wire, name string, hook bool) string {
	pair, known := theirs.Calls[name]
	if !known {
		return "**missing**"
	}
	if _, known := ours.Calls[name]; !known {
		return "**not in the SDK**"
	}
	c := comparison{seen: map[string]bool{}, differences: map[string]bool{}}
	// The plugin sends a call's arguments and gets the answer; with hooks it is the other way round.
	c.ours, c.theirs = ours, theirs
	c.types("arguments", ours.Calls[name][0], pair[0], !hook)
	c.types("answer", ours.Calls[name][1], pair[1], hook)
	if len(c.wrong) > 0 {
		return "**incompatible**: " + strings.Join(c.wrong, "; ")
	}
	if len(c.differences) == 0 {
		return "same"
	}
	var all []string
	for text := range c.differences {
		all = append(all, text)
	}
	sort.Strings(all)
	if len(all) > 12 {
		return fmt.Sprintf("fields: %s and %d more structs", strings.Join(all[:12], "; "), len(all)-12)
	}
	return "fields: " + strings.Join(all, "; ")
}

type comparison struct {
	ours, theirs wire
	seen         map[string]bool
	differences  map[string]bool // tolerated
	wrong        []string
}

// types compares our type with theirs, found at a place. weSend tells the direction.
func (c *comparison) types(place, our, their string, weSend bool) {
	key := fmt.Sprint(our, " ", their, weSend)
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	a, b := c.ours.Types[our], c.theirs.Types[their]
	if a.Kind != b.Kind || a.Kind == "array" && a.Len != b.Len {
		c.wrong = append(c.wrong, fmt.Sprintf("%s is %s (%s), here %s (%s)", place, our, a.Kind, their, b.Kind))
		return
	}
	if a.Key != "" {
		c.types(place+" key", a.Key, b.Key, weSend)
	}
	if a.Elem != "" {
		c.types(place+" element", a.Elem, b.Elem, weSend)
	}
	if a.Kind != "struct" {
		return
	}
	var added, lost, both []string
	for field := range b.Fields {
		if _, known := a.Fields[field]; !known {
			added = append(added, field)
		}
	}
	for field := range a.Fields {
		if _, known := b.Fields[field]; known {
			both = append(both, field)
		} else {
			lost = append(lost, field)
		}
	}
	for _, field := range both {
		at := our + "." + field
		if strings.HasPrefix(our, "plugin.Z_") { // a position, not a type's field
			at = place + " " + field
		}
		c.types(at, a.Fields[field], b.Fields[field], weSend)
	}
	if strings.HasPrefix(our, "plugin.Z_") && len(both) == 0 && len(a.Fields) > 0 && len(b.Fields) > 0 { // tolerated further inside
		c.wrong = append(c.wrong, our+" and "+their+" share no field")
	}
	if len(added)+len(lost) > 0 {
		c.differences[strings.TrimSuffix(our, "{}")+changes(added, lost)] = true
	}
}

func changes(added, lost []string) string {
	text := ""
	for _, part := range []struct {
		sign   string
		fields []string
	}{{"+", added}, {"−", lost}} {
		if n := len(part.fields); n > 6 {
			text += fmt.Sprintf(" %s%d", part.sign, n)
			continue
		}
		sort.Strings(part.fields)
		for _, field := range part.fields {
			text += " " + part.sign + field
		}
	}
	return text
}

// registered compares the types of values behind interfaces: properties of posts, payloads of events, errors.
func registered(ours wire, theirs []wire) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Only values of these types can be sent where the type is an interface (properties of posts, payloads of events,\nerrors), since only they are registered by the SDK: `%s`.\n\n", strings.Join(ours.Registered, "`, `"))
	for n, w := range theirs {
		known := map[string]bool{}
		for _, name := range w.Registered {
			known[name] = true
		}
		var lost []string
		for _, name := range ours.Registered {
			if !known[name] {
				lost = append(lost, name)
			}
			delete(known, name)
		}
		var added []string
		for name := range known {
			added = append(added, name)
		}
		sort.Strings(added)
		fmt.Fprintf(&b, "- %s: ", servers[n].name)
		switch {
		case len(added)+len(lost) == 0:
			b.WriteString("the same.\n")
		default:
			fmt.Fprintf(&b, "also `%s`; without `%s`.\n", strings.Join(added, "`, `"), strings.Join(lost, "`, `"))
		}
	}
	return strings.ReplaceAll(b.String(), "``", "nothing")
}
