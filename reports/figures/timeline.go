package figures

import (
	"slices"

	"ancmbench"
)

// Timeline is the headline's latency phase second by second, fresh start after fresh
// start, for pictures only.
type Timeline struct {
	Phase, Workload string
	Targets         []string
	// Starts are the fresh starts in order.
	Starts []TimelineStart
	// Quantiles, Tails, Pauses and Steal say whether any second has a median, a p99, a known
	// pause and a known share.
	Quantiles, Tails, Pauses, Steal bool
	// TailOf is of how many seconds a p99 is at most.
	TailOf int
}

// TimelineStart is one fresh start.
type TimelineStart struct {
	Launch int
	// From is when it begins on the line, in seconds, and Length how many it takes.
	From, Length int
	// Rows are the seconds of each target, in the order of Targets.
	Rows [][]ancmbench.SecondRow
}

// Seconds returns the length of the line.
func (t *Timeline) Seconds() int {
	if len(t.Starts) == 0 {
		return 0
	}
	last := t.Starts[len(t.Starts)-1]
	return last.From + last.Length
}

// timeline returns the line of the first latency phase; nil if the run has none.
func (o *Observations) timeline(targets []string) *Timeline {
	s := o.first(ancmbench.Latency)
	if s == nil {
		return nil
	}
	t := &Timeline{Phase: s.Phase, Workload: s.Workload, Targets: targets}
	for _, l := range o.Launches {
		start := TimelineStart{Launch: l, From: t.Seconds(), Rows: make([][]ancmbench.SecondRow, len(targets))}
		for i, name := range targets {
			if r := o.Cell(l, *s, name); r != nil {
				start.Rows[i] = r.Series
				start.Length = max(start.Length, len(r.Series))
				t.note(r.Series)
			}
		}
		if start.Length > 0 {
			t.Starts = append(t.Starts, start)
		}
	}
	return t
}

func (t *Timeline) note(rows []ancmbench.SecondRow) {
	has := func(of func(ancmbench.SecondRow) bool) bool { return slices.ContainsFunc(rows, of) }
	t.Quantiles = t.Quantiles || has(func(r ancmbench.SecondRow) bool { return r.P50 != nil })
	t.Tails = t.Tails || has(func(r ancmbench.SecondRow) bool { return r.P99 != nil })
	for _, r := range rows {
		if r.P99 != nil {
			t.TailOf = max(t.TailOf, r.P99Rows, 1)
		}
	}
	t.Pauses = t.Pauses || has(func(r ancmbench.SecondRow) bool { return r.GCPauses != nil })
	t.Steal = t.Steal || has(func(r ancmbench.SecondRow) bool { return r.Steal != nil })
}

// MemoryCourse is the memory of one role of one target over a memory phase: means over
// fresh starts at each of their readings.
type MemoryCourse struct {
	Target string
	Role   ancmbench.Role
	// At is in seconds from the beginning of the load, Bytes is PSS, or RSS if that is
	// not known.
	At, Bytes []float64
	RSS       bool
}

// memoryCourses returns the courses of the first memory phase.
func (o *Observations) memoryCourses(targets []string) []MemoryCourse {
	s := o.first(ancmbench.Memory)
	if s == nil {
		return nil
	}
	var out []MemoryCourse
	for _, name := range targets {
		results := o.Series(*s, name)
		for _, role := range rolesOf(results) {
			c := MemoryCourse{Target: name, Role: role}
			var at, bytes []mean
			for _, r := range results {
				u := roleUsage(r, role)
				if u == nil {
					continue
				}
				for i, m := range u.OverTime {
					if i == len(at) {
						at, bytes = append(at, mean{}), append(bytes, mean{})
					}
					at[i].add(m.At.Float())
					if m.PSS == nil {
						c.RSS = true
						bytes[i].add(float64(m.RSS))
						continue
					}
					bytes[i].add(float64(*m.PSS))
				}
			}
			for i := range at {
				c.At, c.Bytes = append(c.At, *at[i].value()), append(c.Bytes, *bytes[i].value())
			}
			if len(c.At) > 0 {
				out = append(out, c)
			}
		}
	}
	return out
}
