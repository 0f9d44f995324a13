package loadgen

import (
	"fmt"

	"ancmbench"
)

// Prepared is a request that is ready to be sent: its variables have their values.
type Prepared struct {
	ancmbench.Request
	// Template is the index in Workload.Requests. All requests of a template share Want.
	Template int
	Want     *Expectation
}

// Prepare returns the requests of a target's workload, with the values of every row for
// those that have variables. Plan.Request returns an index in this list. Every call makes
// new Expectations, so that threads need not share them.
func Prepare(t ancmbench.Target) ([]Prepared, error) {
	var out []Prepared
	for i, q := range t.Workload.Requests {
		want, err := NewExpectation(t.Expect.With(q.Expect))
		if err != nil {
			return nil, fmt.Errorf("request %d: %w", i, err)
		}
		rows := rowsOf(t.Workload, q)
		want.watch = rows == 0
		if rows == 0 {
			out = append(out, Prepared{q, i, want})
		}
		for row := range rows {
			out = append(out, Prepared{t.Workload.Vars.Fill(q, row), i, want})
		}
	}
	return out, nil
}

// rowsOf returns how many rows a request takes its values from; 0 if it has no variables.
func rowsOf(w ancmbench.Workload, q ancmbench.Request) int {
	if w.Vars == nil || len(q.Variables()) == 0 {
		return 0
	}
	return len(w.Vars.Rows)
}

// choice says which request of a workload the nth one is.
type choice struct {
	cumulative []float64 // weights of the templates
	first      []int     // by template, the index of its first prepared request
	rows       []int     // by template, how many prepared requests it has
	random     bool
}

func choiceOf(w ancmbench.Workload) choice {
	var m choice
	m.random = w.Vars != nil && w.Vars.Random
	sum, next := 0.0, 0
	for _, q := range w.Requests {
		weight := q.Weight
		if weight == 0 {
			weight = 1
		}
		sum += weight
		rows := max(1, rowsOf(w, q))
		m.cumulative, m.first, m.rows = append(m.cumulative, sum), append(m.first, next), append(m.rows, rows)
		next += rows
	}
	return m
}

// at returns the index of the nth request in the list of Prepare.
func (m *choice) at(seed, n uint64) int {
	i := 0
	if last := len(m.cumulative) - 1; last > 0 {
		d := drawsFor(seed, forRequest, n)
		x := d.unit() * m.cumulative[last]
		for i = 0; i < last && x >= m.cumulative[i]; i++ {
		}
	}
	switch rows := m.rows[i]; {
	case rows == 1:
		return m.first[i]
	case m.random:
		d := drawsFor(seed, forRow, n)
		return m.first[i] + d.below(rows)
	default:
		return m.first[i] + int(n%uint64(rows))
	}
}

// Firsts returns one request for each of the target's workload, with the values of the
// first row.
func Firsts(t ancmbench.Target) ([]ancmbench.Request, error) {
	prepared, err := Prepare(t)
	if err != nil {
		return nil, err
	}
	var out []ancmbench.Request
	for i, q := range prepared {
		if i == 0 || q.Template != prepared[i-1].Template {
			out = append(out, q.Request)
		}
	}
	return out, nil
}
