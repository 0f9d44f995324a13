//go:build linux

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/wire"
)

// measured is one load of the wire engine, with the server's log of it.
type measured struct {
	result ancmbench.Result
	plan   *loadgen.Plan
	start  int64 // of the trial, CLOCK_MONOTONIC
	log    []entry
}

// measure starts a server with that law of delays, loads it and reads its log.
func measure(law string, a ancmbench.Arrivals, d time.Duration, connections int, spin string) (m measured, err error) {
	s, err := startServer(law)
	if err != nil {
		return m, err
	}
	load := ancmbench.Load{Arrivals: a, Dealing: ancmbench.Dealing{Kind: ancmbench.Single}, Duration: ancmbench.Seconds(d),
		Connections: connections, Spin: spin, Targets: []ancmbench.Target{{Name: law, Address: s.addr,
			Workload: ancmbench.Workload{Name: "one", Requests: []ancmbench.Request{{Path: "/"}}}}}}
	if m.plan, err = loadgen.NewPlan(load); err != nil {
		return m, err
	}
	var e wire.Engine
	results, err := e.Run(context.Background(), load, func(edge loadgen.Edge) {
		if edge.Slice < 0 {
			m.start = monotonic() - int64(time.Since(edge.At))
		}
	})
	log, stopErr := s.stop()
	if err := errors.Join(err, e.Close(), stopErr); err != nil {
		return m, err
	}
	m.result, m.log = results[0], log
	if o := m.result.Outcomes; o.OK != o.Due || int(o.OK) != len(m.log) {
		return m, fmt.Errorf("%s: %+v, and %d in the server's log", law, o, len(m.log))
	}
	return m, nil
}

// implied returns the response times that follow from the timetable and the server's log:
// the nth request that the server read is the nth that was due.
func (m *measured) implied() []time.Duration {
	slices.SortFunc(m.log, func(a, b entry) int { return cmp.Compare(a.Read, b.Read) })
	epoch := m.start + int64(m.result.Slices[0].Epoch)
	var out []time.Duration
	for i := range m.plan.Segments() {
		from := m.plan.Segment(i).Virtual
		for _, d := range m.plan.Dues(i, nil) {
			out = append(out, time.Duration(m.log[len(out)].Written-epoch)-from-d.Offset)
		}
	}
	slices.Sort(out)
	return out
}

// served returns the service times in the log.
func (m *measured) served() []time.Duration {
	var out []time.Duration
	for _, e := range m.log {
		out = append(out, time.Duration(e.Written-e.Read))
	}
	slices.Sort(out)
	return out
}

// quantile returns a quantile with the same rank as a histogram's.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, max(0, int(q*float64(len(sorted))+0.5)-1))]
}

var quantiles = []float64{0.5, 0.9, 0.99, 0.999}

func against(h *ancmbench.Histogram, want []time.Duration, share float64, least time.Duration) {
	for _, q := range quantiles {
		got, ok := h.Printable(q)
		if !ok {
			continue
		}
		w := quantile(want, q)
		row(fmt.Sprintf("p%g", 100*q), got, w, max(least, time.Duration(share*float64(w))))
	}
}

const stallSeconds = 10

func stall() error {
	m, err := measure(lawStall, ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 2000}, stallSeconds*time.Second, 64, loadgen.Precise)
	if err != nil {
		return err
	}
	head("response time, 2,000 requests/s, 64 connections, the server stalls 100 ms in each second")
	against(m.result.Response, m.implied(), 0.03, 200*time.Microsecond)
	fmt.Println("\nthe same server, as others report it")
	for _, other := range []func(string) (string, error){byWrk, byVegeta} {
		s, err := startServer(lawStall)
		if err != nil {
			return err
		}
		line, err := other("http://" + s.addr + "/")
		if _, stopErr := s.stop(); err == nil {
			err = stopErr
		}
		if err != nil {
			line = err.Error()
		}
		fmt.Println(" ", line)
	}
	return nil
}

func services() error {
	for _, law := range []string{lawFast, lawSlow, lawBimodal, lawLognormal} {
		m, err := measure(law, ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 1000, Seed: 11}, 10*time.Second, 32, loadgen.Precise)
		if err != nil {
			return err
		}
		head("service time, server: " + law + ", 1,000 requests/s, Poisson")
		against(m.result.Service, m.served(), 0.02, 100*time.Microsecond)
	}
	return nil
}

func rate() error {
	for _, c := range []struct {
		arrivals ancmbench.Arrivals
		spin     string
	}{
		{ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 10_000}, loadgen.Precise},
		{ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 10_000}, loadgen.Balanced},
		{ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 2000, Seed: 12}, loadgen.Precise},
	} {
		m, err := measure(lawNone, c.arrivals, 5*time.Second, 64, c.spin)
		if err != nil {
			return err
		}
		fmt.Printf("\n%s, %.0f requests/s, spin %q\n", c.arrivals.Kind, c.arrivals.Rate, c.spin)
		r := m.result
		if c.arrivals.Kind == ancmbench.Constant {
			reached := float64(r.Outcomes.Sent) / r.Busy.Float()
			verdict := "holds"
			if math.Abs(reached/c.arrivals.Rate-1) > 0.001 {
				verdict = "MISSED"
			}
			fmt.Printf("  rate %.2f requests/s, within 0.1 %%: %s\n", reached, verdict)
		}
		if p99, ok := r.Lag.Printable(0.99); ok {
			row("lag p99", p99, 0, 150*time.Microsecond)
		}
		for _, check := range r.Checks {
			verdict := "holds"
			switch {
			case check.Unsupported != "":
				verdict = check.Unsupported
			case !check.OK():
				verdict = "MISSED"
			}
			fmt.Printf("  %-32s %12.6g  bound %-10.6g %s\n", check.Name, check.Value, check.Bound, verdict)
		}
	}
	return nil
}
