package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/reports/words"
)

// slo is a bound on a quantile of response time.
type slo struct {
	q     float64 // in [0,1]
	bound time.Duration
	text  string
}

// parseSLO reads p99=5ms, p99.9=20ms.
func parseSLO(s string) (slo, error) {
	name, value, found := strings.Cut(s, "=")
	digits, isP := strings.CutPrefix(name, "p")
	p, err := finite(digits)
	bound, err2 := time.ParseDuration(value)
	if !found || !isP || err != nil || err2 != nil || p <= 0 || p > mostQuantile || bound <= 0 || bound > mostTimeout {
		return slo{}, fmt.Errorf("--slo %s: want a quantile and a bound, as p99=5ms", s)
	}
	return slo{q: p / 100, bound: bound, text: s}, nil
}

// sloFaults returns what is wrong with --slo, and the flags that have no effect together
// with it.
func sloFaults(f *loadFlags) error {
	if f.slo == "" {
		return nil
	}
	_, err := parseSLO(f.slo)
	faults := []error{err}
	if f.rate != "" || f.rate2 != "" || f.ramp != "" || f.poisson {
		faults = append(faults, errors.New("--slo finds the rate itself, with random gaps: it takes no -r, -R, --ramp or --poisson"))
	}
	if f.hgrm != "" {
		faults = append(faults, errors.New("--hgrm is for one load, and --slo runs many"))
	}
	if len(f.thresholds) > 0 {
		faults = append(faults, errors.New("--threshold is for one load, and --slo runs many"))
	}
	return errors.Join(faults...)
}

// step is one rate that was tried.
type step struct {
	Rate    float64  `json:"rate"`
	Kept    bool     `json:"kept"`
	Value   *float64 `json:"value_seconds"`
	Reached float64  `json:"reached"`
	// Failed is the share of requests that failed, and Causes how.
	Failed float64 `json:"failed_share,omitempty"`
	Causes string  `json:"causes,omitempty"`
}

// foundRate is what load --slo --json prints. Rates are in requests/s.
type foundRate struct {
	SLO           string  `json:"slo"`
	Rate          float64 `json:"rate"` // 0 if no rate was kept
	Tolerance     float64 `json:"tolerance_share"`
	Confirmations int     `json:"confirmations"`
	Floor         float64 `json:"floor"`
	Ceiling       float64 `json:"ceiling"`
	Steps         []step  `json:"steps"`
}

// search finds the highest rate that keeps an SLO: doubling until it breaks, or halving
// down to a floor until it is kept; bisection to within 5 %, and confirmation in windows
// of the full duration. Each rate that breaks there lowers the next by a step twice as
// large, up to a half: 25 rates reach the floor from the ceiling.
//
// Enough samples beyond a quantile take long at a slow rate (22 s for p99 at 50/s), so a
// rate of which sloGlance requests kept the bound, every one of them, is held for kept
// until it is confirmed.
type search struct {
	slo   slo
	try   func(rate float64, d time.Duration, seed uint64) (*ancmbench.Result, error)
	tell  func(step)
	full  time.Duration
	steps []step
	seed  uint64
}

// Search constants: a trial window is a quarter of the full duration, and long
// enough for ten samples beyond the quantile; the answer is within tolerance.
const (
	sloStart     = 50.0 // requests/s
	sloFloor     = 1.0  // requests/s; see search.floor
	sloCeiling   = 1e6
	sloTolerance = 0.05
	sloConfirms  = 3
	sloGlance    = 100
	// sloErrors is the share of requests that may fail at a rate that keeps the SLO.
	sloErrors = 0.001
	// sloPieces are requests of the first piece of a window; each further one is as long
	// as all before, until the window is full or so many were late that it must break.
	sloPiece = 16
)

// sloWindow limits the length of a window: enough samples beyond a quantile take long at a
// slow rate.
const sloWindow = 2 * time.Minute

// need returns how many requests a window needs.
func (s *search) need() float64 { return ancmbench.MinBeyond / (1 - s.slo.q) * 1.1 }

// floor returns the lowest rate to try: at a lower one a window would take longer than
// sloWindow.
func (s *search) floor() float64 {
	return max(sloFloor, s.need()/max(sloWindow, s.full).Seconds())
}

// window adds up the pieces of one rate.
type window struct {
	response   ancmbench.Histogram
	due, ok    int64
	busy       time.Duration
	last       *ancmbench.Result
	late, most int64 // later than the bound or failed, and how many may be
}

func (w *window) add(res *ancmbench.Result, bound time.Duration) {
	w.response.Merge(res.Response)
	w.due += res.Outcomes.Due
	w.ok += res.Outcomes.OK
	w.busy += res.Busy.D()
	beyond := float64(res.Response.Count()) * (1 - res.Response.CumulativeBelow(bound))
	w.late += int64(beyond + 0.5)
	w.last = res
}

func (w *window) failed() float64 {
	if w.due == 0 {
		return 0
	}
	return float64(w.due-w.ok) / float64(w.due)
}

// kept reports whether one rate keeps the SLO. It ends a window early once its outcome is
// certain, and if confirming is false once sloGlance requests and all of d kept the bound.
func (s *search) kept(rate float64, d time.Duration, confirming bool) (bool, error) {
	need := time.Duration(s.need() / rate * float64(time.Second))
	length := max(d, need)
	requests := rate * length.Seconds()
	w := &window{most: int64((1 - s.slo.q) * requests)}
	mayFail := int64(sloErrors * requests)
	spotless := func() bool {
		return !confirming && w.busy >= d && w.ok >= sloGlance && w.late == 0 && w.ok == w.due
	}
	for piece := time.Duration(sloPiece / rate * float64(time.Second)); w.busy < length; piece = w.busy {
		s.seed++
		res, err := s.try(rate, min(piece, length), s.seed)
		if err != nil {
			return false, err
		}
		w.add(res, s.slo.bound)
		if w.late > w.most || w.due-w.ok > mayFail || res.Busy <= 0 || spotless() {
			break
		}
	}
	st := step{Rate: rate, Failed: w.failed()}
	if st.Failed > 0 {
		st.Causes = causes(w.last)
	}
	if v, ok := w.response.Quantile(s.slo.q); ok {
		f := v.Seconds()
		st.Value = &f
		st.Kept = v <= s.slo.bound && w.late <= w.most && st.Failed <= sloErrors
	}
	st.Kept = st.Kept || spotless()
	if w.busy > 0 {
		st.Reached = float64(w.ok) / w.busy.Seconds()
	}
	s.steps = append(s.steps, st)
	s.tell(st)
	return st.Kept, nil
}

// run returns the highest rate kept in every confirmation window, 0 if none is.
func (s *search) run() (float64, error) {
	window := s.full / 4
	low, high, err := s.bracket(window)
	if err != nil {
		return 0, err
	}
	for high > 0 && low > 0 && high/low > 1+sloTolerance {
		mid := (low + high) / 2
		ok, err := s.kept(mid, window, false)
		if err != nil {
			return 0, err
		}
		if ok {
			low = mid
		} else {
			high = mid
		}
	}
	return s.confirm(low)
}

// bracket returns a rate that is kept and a higher one that is not: 0 for the former if
// none down to the floor is, and for the latter if every one up to the ceiling is kept.
func (s *search) bracket(window time.Duration) (low, high float64, err error) {
	for rate := max(sloStart, s.floor()); rate <= sloCeiling; rate *= 2 {
		ok, err := s.kept(rate, window, false)
		if err != nil {
			return 0, 0, err
		}
		if !ok {
			high = rate
			break
		}
		low = rate
	}
	for low == 0 && high > s.floor() {
		rate := max(s.floor(), high/2)
		ok, err := s.kept(rate, window, false)
		if err != nil {
			return 0, 0, err
		}
		if ok {
			low = rate
		} else {
			high = rate
		}
	}
	return low, high, nil
}

// confirm tries the rate in sloConfirms windows of the full duration in a row, and goes down
// when one breaks the SLO: by the tolerance first, and by twice as much each time. The floor
// is tried before the search gives up.
func (s *search) confirm(rate float64) (float64, error) {
	for down := sloTolerance; rate > 0; down = min(2*down, 0.5) {
		good := 0
		for ; good < sloConfirms; good++ {
			ok, err := s.kept(rate, s.full, true)
			if err != nil {
				return 0, err
			}
			if !ok {
				break
			}
		}
		if good == sloConfirms {
			return rate, nil
		}
		if rate <= s.floor() {
			return 0, nil
		}
		rate = max(s.floor(), rate*(1-down))
	}
	return 0, nil
}

// gap returns how far above a rate the lowest one is that broke the SLO, as a share of the
// rate, and 0 if none above it did.
func (s *search) gap(rate float64) float64 {
	lowest := 0.0
	for _, st := range s.steps {
		if !st.Kept && st.Rate > rate && (lowest == 0 || st.Rate < lowest) {
			lowest = st.Rate
		}
	}
	if lowest == 0 || rate <= 0 {
		return 0
	}
	return lowest/rate - 1
}

// tried returns the lowest and the highest rate that were tried.
func (s *search) tried() (lowest, highest float64) {
	for i, st := range s.steps {
		if i == 0 || st.Rate < lowest {
			lowest = st.Rate
		}
		highest = max(highest, st.Rate)
	}
	return lowest, highest
}

// sloProbe is the number of requests, one after the other, that show whether a server
// answers at all.
const sloProbe = 10

// answersAtAll sends a few requests, one by one. A server that fails them keeps no SLO at
// any rate, and the error says how it failed, as that of any load.
func answersAtAll(ctx context.Context, f *loadFlags, engine loadgen.Engine, load ancmbench.Load, allowed maxErrors) error {
	load.Arrivals, load.Connections, load.Requests = ancmbench.Arrivals{Kind: ancmbench.Closed}, 1, sloProbe
	results, err := engine.Run(ctx, load, nil)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case len(results) == 0:
		return err
	}
	return tooMany(&results[0], allowed, f)
}

func searchSLO(c *cobra.Command, f *loadFlags, engine loadgen.Engine, load ancmbench.Load, allowed maxErrors) error {
	want, err := parseSLO(f.slo)
	if err != nil {
		return usageError("%w", err)
	}
	if err := answersAtAll(c.Context(), f, engine, load, allowed); err != nil {
		return err
	}
	s := &search{slo: want, full: load.Duration.D(), seed: f.seed,
		try: func(rate float64, d time.Duration, seed uint64) (*ancmbench.Result, error) {
			load.Arrivals.Seed = seed
			return runOnce(c.Context(), engine, load, rate, d)
		},
		tell: func(st step) {
			if !f.quiet && !f.asJSON {
				fmt.Fprintln(c.ErrOrStderr(), st.line(want))
			}
		}}
	rate, err := s.run()
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(c.OutOrStdout(), foundRate{SLO: f.slo, Rate: rate, Tolerance: max(sloTolerance, s.gap(rate)),
			Confirmations: sloConfirms, Floor: s.floor(), Ceiling: sloCeiling, Steps: s.steps})
	}
	fmt.Fprintln(c.OutOrStdout(), s.conclusion(rate, load.Duration.D()))
	return nil
}

// line returns the outcome of a rate.
func (st step) line(want slo) string {
	word := map[bool]string{true: "kept", false: "broken"}[st.Kept]
	line := fmt.Sprintf("%8s requests/s: %s, p%g = %s", rounded(st.Rate, 4), word, want.q*100, seconds(st.Value))
	if st.Value == nil && st.Kept {
		line = fmt.Sprintf("%8s requests/s: kept, no request took longer than %v", rounded(st.Rate, 4), want.bound)
	}
	if st.Causes != "" {
		line += "; failed: " + st.Causes
	}
	return line
}

// rounded writes a rate that a search has tried, to some digits.
func rounded(rate float64, digits int) string {
	if rate <= 0 {
		return words.Plain6(rate)
	}
	unit := math.Pow(10, math.Floor(math.Log10(rate))-float64(digits-1))
	return words.Plain6(math.Round(rate/unit) * unit)
}

// conclusion returns what was found, and for which rates it holds.
func (s *search) conclusion(rate float64, window time.Duration) string {
	lowest, highest := s.tried()
	switch {
	case rate == 0 && len(s.steps) > 0:
		return fmt.Sprintf("none of the rates tried, from %s to %s requests/s, meets %s on this server; no rate below %s/s is tried",
			rounded(lowest, 3), rounded(highest, 3), s.slo.text, rounded(s.floor(), 3))
	case rate > 0 && s.gap(rate) == 0:
		return fmt.Sprintf("%s requests/s meet %s; no rate above %s/s is tried", words.Plain6(rate), s.slo.text, words.Plain6(sloCeiling))
	}
	return fmt.Sprintf("%s requests/s meet %s: met in %d of %d windows of %s; the lowest rate that broke it is %.0f %% higher",
		words.Plain6(rate), s.slo.text, sloConfirms, sloConfirms, words.Span(window), s.gap(rate)*100)
}
