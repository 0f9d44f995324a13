package profiles

import (
	"fmt"
	"strings"
)

// Section describes the keys of one mapping of a profile.
type Section struct {
	// Path is the path of the mapping, such as "phases.arrivals"; empty for the profile.
	Path string
	// List reports whether the mapping is an element of a list.
	List bool
	Keys []KeyFacts
}

// KeyFacts describe one key.
type KeyFacts struct {
	// Value says how the value looks: "a duration, such as 800ms".
	Name, Value, Says string
}

// Manual describes every key of a profile: those of the profile first, then those of each
// mapping within it, in the order in which they occur. It is made from the keys that the
// reader uses.
func Manual() []Section { return sections("", false, keysOf()) }

func sections(path string, list bool, legal fields) []Section {
	here := Section{Path: path, List: list}
	var below []Section
	for _, k := range legal {
		here.Keys = append(here.Keys, KeyFacts{k.name, k.looks.describe(), k.says})
		for _, inner := range k.looks.mappings() {
			below = append(below, sections(join(path, k.name), k.looks.list != nil, inner())...)
		}
	}
	return append([]Section{here}, below...)
}

// Title returns what the section is about, in a few words.
func (s Section) Title() string {
	switch {
	case s.Path == "":
		return "A profile"
	case s.List:
		return "Each element of " + s.Path
	}
	return s.Path
}

// wrapped breaks what is said of a key into lines that fit beside its name.
func wrapped(says string) (lines []string) {
	const room = 80
	line := ""
	for word := range strings.FieldsSeq(says) {
		if line != "" && len(line)+1+len(word) > room {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// Text returns the manual as plain text of at most 100 columns, for a terminal.
func Text(manual []Section) string {
	var b strings.Builder
	for i, s := range manual {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(s.Title() + ":\n")
		for _, k := range s.Keys {
			lines := wrapped(k.Says)
			if k.Value != textShape.words {
				lines = append(lines, wrapped("("+k.Value+")")...)
			}
			for i, line := range lines {
				name := k.Name
				if i > 0 {
					name = ""
				}
				fmt.Fprintf(&b, "  %-12s  %s\n", name, line)
			}
		}
	}
	return b.String()
}

// Markdown returns the manual as one table for each section.
func Markdown(manual []Section) string {
	var b strings.Builder
	cell := strings.NewReplacer("|", `\|`, "<", `\<`).Replace
	for _, s := range manual {
		title := s.Title()
		if s.Path != "" {
			title = strings.Replace(title, s.Path, "`"+s.Path+"`", 1)
		}
		fmt.Fprintf(&b, "\n## %s\n\n| key | value | |\n|---|---|---|\n", title)
		for _, k := range s.Keys {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Name, cell(k.Value), cell(k.Says))
		}
	}
	return b.String()
}
