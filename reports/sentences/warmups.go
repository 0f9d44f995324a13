package sentences

import (
	"fmt"
	"math"
	"slices"

	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// Warmups returns a table of how the targets in .NET warmed up, a column for each: cold start
// and first minute, apart from what was measured. It is nil if there is no such target.
func Warmups(all []figures.Warmed) (head []string, rows [][]string) {
	if len(all) == 0 {
		return nil, nil
	}
	head = []string{".NET, before it was measured"}
	rows = [][]string{{"first answer (cold start)"}, {"response in the first " + words.Amount(math.Round(10*all[0].Window)/10, "seconds") + " of load"},
		{"after " + words.Amount(all[0].MiddleAfter, "seconds") + " of load"}, {"when warm"}, {"load until then"},
		{"methods compiled"}, {"compiled later"}, {"managed heap under load"}}
	for _, w := range all {
		head = append(head, words.Plain(w.Target))
		for i, cell := range []string{seconds(w.FirstAnswer), seconds(w.First), seconds(w.Middle), seconds(w.Last),
			words.Amount(w.Load, "seconds"), words.Grouped(math.Round(w.Compiled)), amount(w.Later, "count"), amount(w.Heap, "bytes")} {
			rows[i] = append(rows[i], cell)
		}
	}
	return head, slices.DeleteFunc(rows, func(row []string) bool { // a warm-up that was shorter
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != words.Absent })
	})
}

func seconds(v *float64) string { return amount(v, "seconds") }

func amount(v *float64, unit string) string {
	if v == nil {
		return words.Absent
	}
	return words.Amount(*v, unit)
}

// WarmupNote explains the table of Warmups: what its rows are, and how many warm-ups ended
// because nothing was compiled any more.
func WarmupNote(all []figures.Warmed) string {
	if len(all) == 0 {
		return ""
	}
	quiet, of := 0, 0
	for _, w := range all {
		quiet, of = quiet+w.Quiet, of+w.Launches
	}
	return fmt.Sprintf(".NET %s: median service times of the warm-up, in a closed loop; none of them is counted. It ended because the runtime compiled no more in %d of %d cases.", words.Plain(all[0].Runtime), quiet, of)
}
