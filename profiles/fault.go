package profiles

import (
	"fmt"
	"slices"
	"strings"

	"ancmbench"
)

// Fault is one fault of a profile.
type Fault struct {
	// File and Line say where the fault is; both are zero for a flag.
	File string
	Line int
	// Key is the path of the key, "phases[1].dealing.settle", or a flag, "--rate".
	Key string
	// Problem says what is wrong and what is legal.
	Problem string
}

// Error returns "file:line: key: problem", without the parts that are not known.
func (f Fault) Error() string {
	var b strings.Builder
	if f.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", f.File, f.Line)
	}
	if f.Key != "" {
		fmt.Fprintf(&b, "%s: ", f.Key)
	}
	b.WriteString(f.Problem)
	return b.String()
}

// Faults are all faults of a profile, in the order of the file.
type Faults []Fault

// Error returns one line per fault. Like ancmbench.FaultList, it lists the first ones and
// counts the others.
func (fs Faults) Error() string {
	var l ancmbench.FaultList
	for _, f := range fs {
		l.Add(f)
	}
	if err := l.Err(); err != nil {
		return err.Error()
	}
	return ""
}

// Unwrap returns the faults, for errors.As.
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}

// within reports whether a key is parent or lies beneath it.
func within(key, parent string) bool {
	rest, ok := strings.CutPrefix(key, parent)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[' || parent == "")
}

// mostLegal is how many legal words an error lists: enough for all keys of a mapping, but
// not for a thousand workloads.
const mostLegal = 30

// meant returns the end of the sentence about an unknown word: the legal word that is
// nearest, if one is near, and the list of all.
func meant(word string, legal []string) string {
	best, at := "", len(word)/3+2
	for _, l := range legal {
		if len(word) >= 3 && strings.HasPrefix(l, strings.ToLower(word)) {
			best, at = l, 0
		}
		if d := distance(strings.ToLower(word), l); d < at {
			best, at = l, d
		}
	}
	all := "legal: " + strings.Join(legal[:min(len(legal), mostLegal)], ", ")
	if n := len(legal) - mostLegal; n > 0 {
		all += fmt.Sprintf(" and %d more", n)
	}
	if best == "" {
		return "; " + all
	}
	return fmt.Sprintf("; did you mean %q? %s", best, all)
}

// distance returns the number of single-byte edits between two words (Levenshtein).
func distance(a, b string) int {
	const far = 64
	if len(a) > far || len(b) > far {
		return far
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// byLine sorts the faults in the order of the file.
func (fs Faults) byLine() Faults {
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.Line - b.Line })
	return fs
}
