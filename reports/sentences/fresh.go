package sentences

import (
	"ancmbench"
	"ancmbench/reports/words"
)

// FreshStarts says what a fresh start of the run was, and what follows where nobody
// restarted the servers.
func FreshStarts(run *ancmbench.Run) string {
	const unit = "it gives one value per metric and target, from all its samples together."
	var kept, started []string
	for _, t := range run.Targets {
		if t.AlreadyRunning {
			kept = append(kept, words.Short(t.Name, 30))
		} else {
			started = append(started, words.Short(t.Name, 30))
		}
	}
	switch {
	case kept == nil:
		return "Every fresh start begins with new server processes, in random order, and a warm-up that is not counted. The fresh start is the unit of evidence: " + unit
	case started == nil:
		return "The servers were running before, and nobody restarted them. Every round has new connections, a warm-up that is not counted, and a random order of its own, and it is the unit of evidence: " + unit +
			" All rounds met the same processes, so the intervals show how much the figures vary over time, and not what a restart would change."
	}
	return "Every fresh start begins with new processes of " + words.List(started) + ", and a warm-up that is not counted. " + words.List(kept) +
		" ran before, and nobody restarted them: of them the intervals show how much the figures vary over time, and not what a restart would change. The fresh start is the unit of evidence: " + unit
}
