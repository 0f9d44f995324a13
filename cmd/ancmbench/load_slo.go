package main

import (
	"errors"
	"fmt"
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

// sloFaults is what is wrong with --slo, and with what would do nothing beside it.
func sloFaults(f *loadFlags) error {
	if f.slo == "" {
		return nil
	}
	_, err := parseSLO(f.slo)
	faults := []error{err}
	if f.rate != "" || f.rate2 != "" || f.ramp != "" || f.poisson {
		faults = append(faults, errors.New("--slo finds the rate by itself, in random gaps: it takes no -r, -R, --ramp or --poisson"))
	}
	if f.hgrm != "" {
		faults = append(faults, errors.New("--hgrm is of one load, and --slo puts many"))
	}
	return errors.Join(faults...)
}

// step is one rate that was tried.
type step struct {
	Rate    float64  `json:"rate"`
	Kept    bool     `json:"kept"`
	Value   *float64 `json:"value_seconds"`
	Reached float64  `json:"reached"`
}

// search finds the highest rate that keeps an SLO: doubling until it breaks,
// bisection to within 5 %, and confirmation in windows of the full duration, a
// step down for each that breaks.
type search struct {
	slo   slo
	try   func(rate float64, d time.Duration) (*ancmbench.Result, error)
	tell  func(step)
	full  time.Duration
	steps []step
}

// Search constants: a trial window is a quarter of the full duration, and long
// enough for ten samples beyond the quantile; the answer is within tolerance.
const (
	sloStart     = 50.0 // requests/s
	sloCeiling   = 1e6
	sloTolerance = 0.05
	sloConfirms  = 3
)

// kept tries one rate.
func (s *search) kept(rate float64, d time.Duration) (bool, error) {
	need := time.Duration(ancmbench.MinBeyond / (1 - s.slo.q) / rate * 1.1 * float64(time.Second))
	res, err := s.try(rate, max(d, need))
	if err != nil {
		return false, err
	}
	st := step{Rate: rate}
	if v, ok := res.Response.Printable(s.slo.q); ok {
		f := v.Seconds()
		st.Value = &f
		st.Kept = v <= s.slo.bound && res.Outcomes.ErrorShare() <= 0.001
	}
	if res.Busy > 0 {
		st.Reached = float64(res.Outcomes.OK) / res.Busy.Float()
	}
	s.steps = append(s.steps, st)
	s.tell(st)
	return st.Kept, nil
}

// run gives the highest rate kept in every confirmation window, 0 if none is.
func (s *search) run() (float64, error) {
	window := s.full / 4
	low, high := 0.0, 0.0
	for rate := sloStart; rate <= sloCeiling && high == 0; rate *= 2 {
		ok, err := s.kept(rate, window)
		switch {
		case err != nil:
			return 0, err
		case ok:
			low = rate
		default:
			high = rate
		}
	}
	for high > 0 && low > 0 && high/low > 1+sloTolerance {
		mid := (low + high) / 2
		ok, err := s.kept(mid, window)
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

// confirm wants the rate kept in sloConfirms windows of the full duration in a
// row, and steps down by the tolerance when it is not.
func (s *search) confirm(rate float64) (float64, error) {
	for rate >= 1 {
		good := 0
		for ; good < sloConfirms; good++ {
			ok, err := s.kept(rate, s.full)
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
		rate *= 1 - sloTolerance
	}
	return 0, nil
}

func searchSLO(c *cobra.Command, f *loadFlags, engine loadgen.Engine, load ancmbench.Load) error {
	want, err := parseSLO(f.slo)
	if err != nil {
		return usageError("%w", err)
	}
	s := &search{slo: want, full: load.Duration.D(),
		try: func(rate float64, d time.Duration) (*ancmbench.Result, error) {
			return runOnce(c.Context(), engine, load, rate, d)
		},
		tell: func(st step) {
			if f.quiet || f.asJSON {
				return
			}
			word := map[bool]string{true: "kept", false: "broken"}[st.Kept]
			fmt.Fprintf(c.ErrOrStderr(), "%8.0f requests/s: %s, p%g = %s\n", st.Rate, word, want.q*100, seconds(st.Value))
		}}
	rate, err := s.run()
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(c.OutOrStdout(), map[string]any{"slo": f.slo, "rate": rate, "tolerance_share": sloTolerance,
			"confirmations": sloConfirms, "steps": s.steps})
	}
	if rate == 0 {
		fmt.Fprintf(c.OutOrStdout(), "no rate keeps %s on this server\n", f.slo)
		return nil
	}
	fmt.Fprintf(c.OutOrStdout(), "%.0f requests/s keep %s: kept in %d of %d windows of %s; the next rate tried and broken lies within %.0f %%\n",
		rate, f.slo, sloConfirms, sloConfirms, words.Span(load.Duration.D()), sloTolerance*100)
	return nil
}
