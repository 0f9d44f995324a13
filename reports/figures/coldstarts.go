package figures

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/words"
)

// EnoughColdStarts is the number of cold starts from which on a cold start is stated without
// a note.
const EnoughColdStarts = 5

// coldStarts counts the cold starts behind the target that has fewest of them; 0
// if there are none. One fresh start may have several.
func coldStarts(run *ancmbench.Run) int {
	each := map[string]int{}
	for i := range run.Results {
		if r := &run.Results[i]; r.PhaseKind == ancmbench.ColdStart && r.Void == "" {
			each[r.Target] += len(r.Instants)
		}
	}
	fewest := 0
	for _, n := range each {
		if fewest == 0 || n < fewest {
			fewest = n
		}
	}
	return fewest
}

// FewColdStarts returns a note on a cold start that rests on too few, and "" otherwise.
func (a *Analysis) FewColdStarts() string {
	if a.ColdStarts == 0 || a.ColdStarts >= EnoughColdStarts {
		return ""
	}
	return fmt.Sprintf("cold start: only %s of each target, fewer than %d", words.Count(a.ColdStarts, "start", "starts"), EnoughColdStarts)
}
