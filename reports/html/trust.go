package html

import (
	"maps"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

func trustSection(run *ancmbench.Run, a *figures.Analysis) *Section {
	s := &Section{ID: "trust", Title: "How far to believe it"}
	if said := sentences.Belief(run, a); said != "" {
		s.Notes = append(s.Notes, said)
	}
	s.List = append(s.List, strings.Split(sentences.TrustLine(run, a), "; ")...)
	if len(a.Noise) > 0 {
		s.Tables = append(s.Tables, Table{"A/A: a second copy of the baseline", noiseGrid(headlineNoise(a), false)})
		s.After = append(s.After, "What differs between a target and its second copy is the instrument's own noise. The other metrics are in \"All metrics\" below.")
	}
	for _, m := range missingParts(run, a) {
		s.After = append(s.After, "Not measured: "+m+".")
	}
	return s
}

// headlineNoise returns what of the A/A comparisons belongs to the headline table: of each
// twin and metric the first.
func headlineNoise(a *figures.Analysis) []figures.Statement {
	var out []figures.Statement
	for _, metric := range a.HeadlineMetrics() {
		for _, s := range a.Noise {
			if s.Metric == metric && !slices.ContainsFunc(out, func(o figures.Statement) bool { return o.Metric == metric && o.Target == s.Target }) {
				out = append(out, s)
			}
		}
	}
	return out
}

// noiseGrid compares twins with their originals. A twin neither gains nor is worse: it may
// differ by chance.
func noiseGrid(noise []figures.Statement, phases bool) page.Grid {
	g := page.Grid{Head: []string{"metric", "twin", "ratio to its original", "reading"}, Class: "words"}
	if phases {
		g.Head = []string{"metric", "phase", "twin", "ratio to its original", "reading"}
	}
	for _, s := range noise {
		row := []string{figures.Title(s)}
		if phases {
			row = append(row, words.Plain(s.Phase))
		}
		reading := figures.Judgement(s)
		if s.Told() {
			reading = "a difference, though the two are the same"
		}
		g.Rows = append(g.Rows, append(row, words.Plain(s.Target), stats.Ratio(s.Ratio), reading))
	}
	return g
}

func warningsSection(a *figures.Analysis) *Section {
	if len(a.Warnings) == 0 {
		return nil
	}
	s := &Section{ID: "warnings", Title: "Warnings, and what to do"}
	for _, w := range a.Warnings {
		s.Panels = append(s.Panels, Panel{string(w.Severity), unbroken(w.Text), w.Do, w.Where()})
	}
	return s
}

// missing is what could not be read of some roles of some targets.
type missing struct {
	field, why string
	roles      []string // "target, role"
}

// missingParts returns what could not be read of the servers, and why, each fact once: what
// is so for all roles of all targets does not name them.
func missingParts(run *ancmbench.Run, a *figures.Analysis) []string {
	var facts []*missing
	for _, c := range a.Costs {
		for _, field := range slices.Sorted(maps.Keys(c.Why)) {
			i := slices.IndexFunc(facts, func(m *missing) bool { return m.field == field && m.why == c.Why[field] })
			if i < 0 {
				i = len(facts)
				facts = append(facts, &missing{field: field, why: c.Why[field]})
			}
			facts[i].roles = append(facts[i].roles, words.Plain(c.Target)+", "+figures.RoleName(c.Role))
		}
	}
	var out []string
	for _, m := range facts {
		of := "for " + strings.Join(m.roles, "; ")
		if len(m.roles) == len(a.Costs) {
			of = "for all roles"
		}
		name := words.WordsOf(words.Plain(m.field))
		why := strings.TrimPrefix(words.Plain(m.why), name+": ")
		out = append(out, name+" ("+why+"), "+of)
	}
	var far []string
	for _, t := range run.Targets {
		if !t.Local {
			far = append(far, words.Plain(t.Name))
		}
	}
	if len(far) > 0 {
		out = append(out, "CPU and memory of "+words.List(far)+": no processes were found on this machine")
	}
	if len(a.Series) > 0 {
		if said := a.Unmeasured(); len(said) > 0 {
			out = append(out, words.List(said))
		}
	}
	return out
}
