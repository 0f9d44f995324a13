package profiles

import (
	_ "embed"
	"strings"
)

//go:embed scaffold.txt
var scaffold string

// Scaffold returns the text of a new profile to begin from: the usual phases with a comment
// on each choice, and below them every key that a profile may have, as a comment.
func Scaffold() []byte {
	var b strings.Builder
	b.WriteString(scaffold)
	b.WriteString("\n# All keys.\n#\n")
	for line := range strings.Lines(Text(Manual())) {
		b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	return []byte(b.String())
}
