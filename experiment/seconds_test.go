package experiment

import (
	"testing"
	"time"

	"ancmbench"
	"ancmbench/internal/host"
	"ancmbench/models"
)

func secondRows(n int) []ancmbench.SecondRow {
	rows := make([]ancmbench.SecondRow, n)
	for i := range rows {
		rows[i].At = ancmbench.Seconds(i) * ancmbench.Seconds(time.Second)
	}
	return rows
}

// The pauses of all roles count in the second in which each ended. What is before the
// oldest that a runtime remembers is not known, and is not zero.
func TestPausesBySecond(t *testing.T) {
	zero := time.Now()
	at := func(seconds float64) time.Time { return zero.Add(time.Duration(seconds * 1e9)) }
	said := []models.Runtime{
		{Pauses: []models.Pause{{End: at(-1), Length: 9}, {End: at(1.5), Length: 100}, {End: at(2.1), Length: 7}, {End: at(9), Length: 1}}, PausesFrom: at(0.4)},
		{Pauses: []models.Pause{{End: at(1.9), Length: 20}}},
	}
	rows := secondRows(4)
	fillPauses(rows, said, zero)
	if rows[0].GCPauses != nil {
		t.Errorf("the second before the oldest pause has %v", *rows[0].GCPauses)
	}
	for i, want := range []ancmbench.Seconds{1: 120, 2: 7, 3: 0} {
		if got := rows[i].GCPauses; i > 0 && (got == nil || *got != want) {
			t.Errorf("second %d has %v, want %v", i, got, want)
		}
	}
	unknown := secondRows(1)
	fillPauses(unknown, said, time.Time{})
	fillPauses(unknown, nil, zero)
	if unknown[0].GCPauses != nil {
		t.Error("a load without a beginning, or without a Go runtime, has pauses")
	}
}

// Steal is the mean of the samples that overlap a second, by overlap; a second without a
// sample has none. Trials of two targets lie at the same time, in any order.
func TestStealBySecond(t *testing.T) {
	began := time.Now()
	at := func(ms int) time.Time { return began.Add(time.Duration(ms) * time.Millisecond) }
	samples := []host.StealSample{{From: at(0), To: at(1000), Share: 0}, {From: at(1000), To: at(2000), Share: 0.4}, {From: at(2000), To: at(3000), Share: 0.1}}
	results := []ancmbench.Result{
		{Began: ancmbench.Seconds(1500 * time.Millisecond), Series: secondRows(3)},
		{Began: ancmbench.Seconds(500 * time.Millisecond), Series: secondRows(1)},
	}
	fillSteal(results, began, samples)
	for what, c := range map[string]struct {
		got  *float64
		want float64
	}{"0.4 and 0.1": {results[0].Series[0].Steal, 0.25}, "half a second": {results[0].Series[1].Steal, 0.1}, "0 and 0.4": {results[1].Series[0].Steal, 0.2}} {
		if c.got == nil || *c.got != c.want {
			t.Errorf("%s: %v, want %v", what, c.got, c.want)
		}
	}
	if got := results[0].Series[2].Steal; got != nil {
		t.Errorf("a second after the last sample has %v", *got)
	}
}
