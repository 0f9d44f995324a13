package figures

import (
	"math"

	"ancmbench"
)

// Warmed says how a target in .NET warmed up: means over fresh starts. What could not be
// read is nil.
type Warmed struct {
	Target string `json:"target"`
	// Runtime is the version of .NET.
	Runtime  string `json:"runtime"`
	Launches int    `json:"launches"`
	// FirstAnswer is the cold start: from connecting to the first answer.
	FirstAnswer *float64 `json:"first_answer_seconds,omitempty"`
	// First, Middle and Last are the median service times of the first window of load, of
	// the first one after MiddleAfter of it, and of the last.
	First       *float64 `json:"first_window_seconds,omitempty"`
	Middle      *float64 `json:"middle_window_seconds,omitempty"`
	Last        *float64 `json:"last_window_seconds,omitempty"`
	MiddleAfter float64  `json:"middle_after_seconds"`
	// Window is how long a window loads the target, and Load all of them.
	Window float64 `json:"window_load_seconds"`
	Load   float64 `json:"load_seconds"`
	// Compiled is how many methods were compiled by the end, and Later how many more
	// until the end of the fresh start.
	Compiled float64  `json:"compiled_methods"`
	Later    *float64 `json:"compiled_later,omitempty"`
	// Quiet is in how many fresh starts the runtime compiled no more at the end.
	Quiet int `json:"quiet"`
	// Heap is the managed heap under load, over the target's processes.
	Heap *float64 `json:"clr_heap_bytes,omitempty"`
}

// middleAfter is the load after which a window is shown between the first and the last.
const middleAfter = 2.0 // s

// warmups returns the warm-ups of the targets in .NET, in the order of the targets.
func (o *Observations) warmups(run *ancmbench.Run) []Warmed {
	var out []Warmed
	for _, t := range run.Targets {
		w := Warmed{Target: t.Name, MiddleAfter: middleAfter}
		var first, middle, last, later, window, load, compiled mean
		for i := range run.Warmups {
			one := &run.Warmups[i]
			if one.Target != t.Name || len(one.Windows) == 0 {
				continue
			}
			w.Launches++
			w.Runtime = one.Runtime
			if one.Quiet {
				w.Quiet++
			}
			if one.Later != nil {
				later.add(float64(*one.Later))
			}
			end := len(one.Windows) - 1
			addMedian(&first, one.Windows[0])
			addMedian(&last, one.Windows[end])
			busy, shown := 0.0, false
			for _, x := range one.Windows {
				if busy >= middleAfter && !shown {
					addMedian(&middle, x)
					shown = true
				}
				busy += x.Busy.Float()
			}
			window.add(one.Windows[0].Busy.Float())
			load.add(busy)
			compiled.add(float64(one.Windows[end].Compiled))
		}
		if w.Launches == 0 {
			continue
		}
		w.First, w.Middle, w.Last, w.Later = geometric(first), geometric(middle), geometric(last), later.value()
		w.Window, w.Load, w.Compiled = *window.value(), *load.value(), *compiled.value()
		w.FirstAnswer = o.firstAnswer(t.Name)
		w.Heap = o.managedHeap(t.Name)
		out = append(out, w)
	}
	return out
}

// addMedian adds the logarithm of a window's median, if it has one.
func addMedian(m *mean, w ancmbench.WarmupWindow) {
	if w.Median > 0 {
		m.add(math.Log(w.Median.Float()))
	}
}

// geometric returns the geometric mean of what addMedian added, nil without any.
func geometric(m mean) *float64 {
	v := m.value()
	if v != nil {
		*v = math.Exp(*v)
	}
	return v
}

// firstAnswer returns the geometric mean of a target's cold starts.
func (o *Observations) firstAnswer(target string) *float64 {
	var m mean
	if cold := o.first(ancmbench.ColdStart); cold != nil {
		for _, r := range o.Series(*cold, target) {
			for _, took := range r.Instants {
				m.add(math.Log(took.Float()))
			}
		}
	}
	return geometric(m)
}

// managedHeap returns the mean of the managed heap under load, over all roles.
func (o *Observations) managedHeap(target string) *float64 {
	var m mean
	if memory := o.first(ancmbench.Memory); memory != nil {
		for _, r := range o.Series(*memory, target) {
			sum, found := int64(0), false
			for _, u := range r.Usage {
				if u.Loaded != nil && u.Loaded.CLRHeap != nil {
					sum, found = sum+*u.Loaded.CLRHeap, true
				}
			}
			if found {
				m.add(float64(sum))
			}
		}
	}
	return m.value()
}
