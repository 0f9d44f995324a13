package figures

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ancmbench"
	"ancmbench/reports/stats"
)

// HistoryVersion grows when a field of HistoryEntry changes its meaning.
const HistoryVersion = 1

// HistoryEntry is a run in one line of history.jsonl.
type HistoryEntry struct {
	Version int                `json:"version"`
	Started time.Time          `json:"started"`
	Elapsed ancmbench.Seconds  `json:"elapsed_seconds"`
	Subject ancmbench.Subject  `json:"subject"`
	Program string             `json:"program,omitempty"`
	Profile string             `json:"profile"`
	Tool    string             `json:"tool"`
	Go      string             `json:"go"`
	Host    HistoryHost        `json:"host"`
	Seed    uint64             `json:"seed"`
	State   ancmbench.RunState `json:"state"`
	// Launches behind the values; Void trials beside them.
	Launches int            `json:"launches"`
	Void     int            `json:"void_trials,omitempty"`
	Baseline string         `json:"baseline"`
	Values   []HistoryValue `json:"values"`
	// Outcome is a gate's, empty if there was none.
	Outcome string `json:"outcome,omitempty"`
}

// HistoryHost is what distinguishes one kind of machine from another in a line of history.
type HistoryHost struct {
	OS    string `json:"os"`
	Arch  string `json:"arch"`
	CPU   string `json:"cpu_model,omitempty"`
	Cores int    `json:"cores"`
	// Key is Host.Key; lines of before there was one have none.
	Key string `json:"key,omitempty"`
}

// historyHost returns the machine of a line of history.
func historyHost(h ancmbench.Host) HistoryHost {
	return HistoryHost{OS: h.OS, Arch: h.Arch, CPU: h.CPUModel, Cores: h.Cores, Key: h.Key()}
}

// Is reports whether the line was of the kind of machine that h is, as far as it can
// tell: by its key, or without one by what it says of the machine.
func (l HistoryHost) Is(h ancmbench.Host) bool {
	here := historyHost(h)
	if l.Key == "" {
		here.Key = ""
	}
	return l == here
}

// HistoryValue is one metric of one target, in the metric's unit.
type HistoryValue struct {
	Metric   string  `json:"metric"`
	Phase    string  `json:"phase"`
	Workload string  `json:"workload,omitempty"`
	Target   string  `json:"target"`
	Rate     float64 `json:"rate_per_second,omitempty"`
	Base     float64 `json:"baseline_value"`
	Value    float64 `json:"value"`
	// Ratio is of Value over Base with its 95 % interval; nil without one.
	Ratio *stats.Estimate `json:"ratio,omitempty"`
}

// History makes the entry of a run; outcome is its gate's, empty without one.
func History(run *ancmbench.Run, a *Analysis, outcome string) HistoryEntry {
	e := HistoryEntry{Version: HistoryVersion, Started: run.Started, Elapsed: run.Elapsed, Subject: run.Subject, Program: run.Program,
		Profile: run.Profile.Name, Tool: run.Tool.Version, Go: run.Tool.Go, Seed: run.Seed, State: run.State,
		Host:     historyHost(run.Host),
		Launches: a.Launches, Void: a.Trust.VoidTrials, Baseline: a.Baseline, Values: []HistoryValue{}, Outcome: outcome}
	for _, s := range a.Statements {
		if s.Base != nil && s.Other != nil && !isFurther(s.Metric) {
			e.Values = append(e.Values, HistoryValue{Metric: s.Metric, Phase: s.Phase, Workload: s.Workload, Target: s.Target,
				Rate: s.Rate, Base: stats.SixDigits(s.Base.Value), Value: stats.SixDigits(s.Other.Value), Ratio: stats.Rounded(s.Ratio)})
		}
	}
	if len(a.Targets) > 0 {
		return e
	}
	for _, s := range a.Series { // measured alone: there is no ratio
		if s.Target == a.Baseline && !isFurther(s.Metric) {
			x := stats.SixDigits(s.Center.Value)
			e.Values = append(e.Values, HistoryValue{Metric: s.Metric, Phase: s.Phase, Workload: s.Workload, Target: s.Target, Base: x, Value: x})
		}
	}
	return e
}

// HistoryLine returns the entry as one line, ended by a line feed, to be appended to
// history.jsonl.
func HistoryLine(run *ancmbench.Run, a *Analysis, outcome string) ([]byte, error) {
	b, err := json.Marshal(History(run, a, outcome))
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return append(b, '\n'), nil
}

// ReadHistory reads history.jsonl in its order, oldest first. It leaves out a line that
// cannot be read, such as one that was cut off, and reports it in its error.
func ReadHistory(r io.Reader) ([]HistoryEntry, error) {
	var out []HistoryEntry
	var faults ancmbench.FaultList
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var e HistoryEntry
		err := ancmbench.UnmarshalBounded(lines.Bytes(), &e)
		if err == nil && e.Version != HistoryVersion {
			err = fmt.Errorf("version %d, and this ancmbench reads version %d", e.Version, HistoryVersion)
		}
		if err != nil {
			faults.Add(fmt.Errorf("history, line %d: %w", n, err))
			continue
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		faults.Add(fmt.Errorf("history: %w", err))
	}
	return out, faults.Err()
}
