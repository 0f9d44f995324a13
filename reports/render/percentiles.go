package render

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// Percentiles writes the percentile distribution of one target's latencies as the .hgrm text
// that HdrHistogram plotters read, in milliseconds: those of the headline, of all fresh starts
// together. An empty target is the only one of the run. It fails where the run has several, or
// none of that name, or no latencies of it.
func Percentiles(w io.Writer, run *ancmbench.Run, a *figures.Analysis, target string) error {
	all := a.EveryTarget()
	if target == "" && len(all) == 1 {
		target = all[0]
	}
	if target == "" || !slices.Contains(all, target) {
		return &TargetNeeded{Asked: target, Targets: all}
	}
	i := slices.IndexFunc(a.Pooled, func(p figures.Pooled) bool { return p.Target == target })
	if i < 0 || a.Pooled[i].Latency == nil || a.Pooled[i].Latency.Count() == 0 {
		return fmt.Errorf("percentiles: the run has no latencies of %s", words.Plain(target))
	}
	p := a.Pooled[i]
	var b bytes.Buffer
	fmt.Fprintf(&b, "#[%s times of %s in ms, phase %s, workload %s, profile %s, started %s]\n", a.Latency, words.Plain(p.Target), words.Plain(p.Phase),
		words.Plain(p.Workload), words.Plain(run.Profile.Name), run.Started.UTC().Format("2006-01-02 15:04:05"))
	if err := p.Latency.WritePercentiles(&b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// TargetNeeded says that a format has room for one target only, and which there are.
type TargetNeeded struct {
	Asked   string
	Targets []string
}

func (e *TargetNeeded) Error() string {
	if e.Asked == "" {
		return "the file holds one target: name one of " + words.List(e.Targets)
	}
	return fmt.Sprintf("the run has no target %q: it has %s", words.Plain(e.Asked), words.List(e.Targets))
}
