package experiment

import (
	"math"
	"time"

	"ancmbench"
	"ancmbench/internal/host"
	"ancmbench/models"
)

// fillPauses writes into each second how long the collectors of a target's processes
// stopped them in it. Seconds before the oldest pause that a runtime remembers get
// nothing, and neither do those of a load whose beginning is not known.
func fillPauses(rows []ancmbench.SecondRow, said []models.Runtime, zero time.Time) {
	if zero.IsZero() || len(said) == 0 {
		return
	}
	var from time.Time
	for _, rt := range said {
		if rt.PausesFrom.After(from) {
			from = rt.PausesFrom
		}
	}
	for i := range rows {
		if !from.After(zero.Add(rows[i].At.D())) {
			rows[i].GCPauses = new(ancmbench.Seconds)
		}
	}
	for _, rt := range said {
		for _, p := range rt.Pauses {
			i := int(math.Floor(p.End.Sub(zero).Seconds()))
			if i >= 0 && i < len(rows) && rows[i].GCPauses != nil {
				*rows[i].GCPauses += ancmbench.Seconds(p.Length)
			}
		}
	}
}

// fillSteal writes into each second of each result what the hypervisor took: the mean over
// the samples that overlap the second, by their overlap. The samples come once a second,
// so the last of a trial is known only after it.
func fillSteal(results []ancmbench.Result, began time.Time, samples []host.StealSample) {
	next := 0
	for i := range results {
		res := &results[i]
		from := began.Add(res.Began.D())
		for next > 0 && samples[next-1].To.After(from) { // trials ascend, and targets share one
			next--
		}
		for k := range res.Series {
			row := &res.Series[k]
			start := from.Add(row.At.D())
			var share, weight float64
			for next < len(samples) && !samples[next].To.After(start) {
				next++
			}
			for _, s := range samples[next:] {
				overlap := min(s.To.Sub(start), time.Second) - max(s.From.Sub(start), 0)
				if overlap <= 0 {
					break
				}
				share, weight = share+s.Share*overlap.Seconds(), weight+overlap.Seconds()
			}
			if weight > 0 {
				mean := math.Round(share/weight*1e4) / 1e4
				row.Steal = &mean
			}
		}
	}
}
