package html

import (
	"fmt"
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// cardsOf returns the three figures of the first screen: time, cores and memory that a
// target adds, or has if it was measured alone.
func cardsOf(run *ancmbench.Run, a *figures.Analysis) []Card {
	if len(a.Targets) == 0 {
		return aloneCards(a)
	}
	time := newCard(words.Absent, "added at the median", "not measured")
	if s, ok := pairOf(run, a, a.Median()); ok && s.Difference != nil {
		time = newCard(milliseconds(s.Difference.Value), "added at the median", noted(s, s.Difference, milliseconds))
	}
	cores := newCard(words.Absent, "added at that rate", "not measured")
	if s, ok := pairOf(run, a, ancmbench.CPUPerRequest); ok && s.Difference != nil {
		e, unit, name := s.Difference, s.Unit, "of CPU added per request"
		if s.Cores != nil {
			e, unit, name = s.Cores, "cores", "added at "+words.Rate(s.Rate)
		}
		cores = newCard(words.Signed(e.Value, unit), name, noted(s, e, signed(unit)))
	}
	if len(a.Targets) > 1 && a.Breakdown == nil { // the cards are of one of them
		of := "by " + words.Short(shownTarget(run, a), 24)
		return []Card{time.by(of), cores.by(of), memoryCard(run, a).by(of)}
	}
	return []Card{time, cores, memoryCard(run, a)}
}

func memoryCard(run *ancmbench.Run, a *figures.Analysis) Card {
	memory := newCard(words.Absent, "added per instance", "not measured")
	if s, ok := pairOf(run, a, ancmbench.MemoryLoaded); ok && s.Difference != nil {
		memory = newCard(words.Signed(s.Difference.Value, s.Unit), "added per instance", noted(s, s.Difference, signed(s.Unit)))
	}
	return memory
}

// by adds to a card whose addition it is.
func (c Card) by(of string) Card {
	c.Name += " " + unbroken(of)
	return c
}

func aloneCards(a *figures.Analysis) []Card {
	var out []Card
	for _, c := range []struct{ metric, name string }{{a.Median(), "at the median"}, {ancmbench.CPUPerRequest, "of CPU per request"}, {ancmbench.MemoryLoaded, "per instance, under load"}} {
		card := newCard(words.Absent, c.name, "not measured")
		if s, ok := a.SeriesOf(c.metric, a.Baseline); ok {
			card = newCard(words.Amount(s.Center.Value, s.Unit), c.name, bracketed(&s.Center, func(v float64) string { return words.Amount(v, s.Unit) }))
		}
		out = append(out, card)
	}
	return out
}

// milliseconds writes "+0.046 ms": a first screen has one unit for time.
func milliseconds(v float64) string {
	ms := v * 1e3
	decimals := 3
	for _, from := range []float64{1, 10, 100} {
		if math.Abs(ms) >= from {
			decimals--
		}
	}
	return fmt.Sprintf("%+.*f ms", decimals, ms)
}

func signed(unit string) func(float64) string {
	return func(v float64) string { return words.Signed(v, unit) }
}

// bracketed writes "95 %: +0.033 to +0.058 ms", and nothing where there is no interval.
func bracketed(e *stats.Estimate, number func(float64) string) string {
	if e.Interval == nil {
		return ""
	}
	low, high := number(e.Interval.Low), number(e.Interval.High)
	from, unit, _ := strings.Cut(low, " ")
	if _, same, _ := strings.Cut(high, " "); same == unit {
		low = from
	}
	return "95 %: " + low + " to " + high
}

// noted returns the interval, or says why there is none or that it includes no difference.
// The ratio decides whether a difference was detected, as in the sentence above the cards.
func noted(s figures.Statement, e *stats.Estimate, number func(float64) string) string {
	switch {
	case s.Launches == 1:
		return s.Single()
	case !s.Told():
		return strings.TrimSpace(bracketed(e, number) + ", no difference detected")
	case e.Interval != nil && e.Interval.Holds(0): // with few fresh starts the two may disagree
		return bracketed(e, number) + "; only the ratio is detected"
	}
	return bracketed(e, number)
}
