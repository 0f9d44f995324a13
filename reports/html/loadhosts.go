package html

import (
	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// loadHostsSection has what each load host did and saw, and the other machines of the run;
// nil if there were none.
func loadHostsSection(run *ancmbench.Run) *Section {
	rows, machines := sentences.LoadHostRows(run), sentences.MachineRows(run)
	if len(rows) == 0 && len(machines) == 0 {
		return nil
	}
	s := &Section{ID: "loadhosts", Title: "The load hosts and other machines", Notes: sentences.LoadHostNotes(run)}
	if len(rows) > 0 {
		s.Tables = append(s.Tables, Table{"What each load host sent and saw", page.Grid{Head: sentences.LoadHostHead, Rows: rows}})
		s.After = append(s.After, "Of valid trials after the warm-up. A percentile is that of one trial; the table has the least and the most, because percentiles cannot be averaged. The clock is compared with the coordinator's before and after each load.")
	}
	if len(machines) > 0 {
		s.Tables = append(s.Tables, Table{"The other machines", page.Grid{Class: "words", Head: sentences.MachineHead, Rows: machines}})
	}
	for _, m := range run.Machines {
		for _, w := range advice.Advise(m.Host.Warnings) {
			s.Panels = append(s.Panels, Panel{string(w.Severity), unbroken(w.Text), w.Do, "on " + words.Plain(m.Name)})
		}
	}
	return s
}
