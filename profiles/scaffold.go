package profiles

import (
	_ "embed"
	"strings"
)

//go:embed doc.go
var packageDoc string

//go:embed scaffold.txt
var scaffold string

// Scaffold returns the text of a new profile to begin from: the usual phases with a comment
// on each choice, and below them every key that a profile may have, as a comment.
func Scaffold() []byte {
	var b strings.Builder
	b.WriteString(scaffold)
	b.WriteString("\n# Every key, with its default:\n#\n")
	for _, line := range keyLines() {
		b.WriteString(strings.TrimRight("#   "+line, " ") + "\n")
	}
	return []byte(b.String())
}

// keyLines returns the list of keys in the comment of this package, line by line.
func keyLines() []string {
	var out []string
	_, list, _ := strings.Cut(packageDoc, "// # The file\n")
	for line := range strings.Lines(list) {
		if key, ok := strings.CutPrefix(line, "//\t"); ok {
			out = append(out, strings.TrimRight(key, "\n"))
		} else if len(out) > 0 {
			break
		}
	}
	return out
}
