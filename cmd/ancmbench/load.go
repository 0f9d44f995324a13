package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/reports/html"
	"ancmbench/reports/words"
)

// loadFlags are the flags of load as they were typed.
type loadFlags struct {
	verbosity
	connections, duration, rate, rate2, ramp  string
	poisson, http2                            bool
	engine, spin, timeout                     string
	caCert, requests                          string
	insecure                                  bool
	thresholds                                []string
	asked                                     requestFlags
	threads                                   int
	durationGiven                             bool
	hgrm, page, maxErrors, slo, vegetaResults string
	stopAtErrors                              string
	seed                                      uint64
	fleet                                     fleetFlags
}

func newLoadCommand() *cobra.Command { return loadCommand(&loadFlags{}) }

// loadCommand is the command load, which reads its flags into f.
func loadCommand(f *loadFlags) *cobra.Command {
	c := &cobra.Command{
		Use:   "load URL",
		Short: "Put load on one URL, as wrk, hey or vegeta do, and show the response times",
		Long: `Without -r the load is a closed loop: each connection sends again when it is
answered, as wrk does. With -r it is an open loop: requests fall due at that rate
whatever the server does, and a late answer counts from when it was due, as wrk2 does.

A load stops within a second once most requests fail: see --stop-at-errors.

Exit codes: 0 done, 1 more failures than --max-errors allows, 2 usage, 4 a --threshold
that too few requests can decide, 99 a --threshold that is broken, 130 interrupted.`,
		Example: `  ancmbench load http://127.0.0.1:8080/ -c 64 -d 10s
  ancmbench load http://127.0.0.1:8080/ -c 64 -d 30s -r 2k --poisson
  ancmbench load http://127.0.0.1:8080/ -r 100 --ramp 2000 -d 20s --hgrm out.hgrm
  ancmbench load http://127.0.0.1:8080/ -n 1000 --expect 2xx,304
  ancmbench load http://127.0.0.1:8080/ -r 500 --threshold 'p99 <= 5ms' --threshold 'throughput >= 450/s'
  ancmbench load http://127.0.0.1:8080/ --slo p99=5ms`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return loadOne(c, f, args[0]) },
	}
	fl := c.Flags()
	fl.StringVarP(&f.connections, "connections", "c", "10", "connections, and thus the largest number of requests in flight (units: k)")
	fl.StringVarP(&f.duration, "duration", "d", "10s", "how long (a bare number is seconds, as in wrk)")
	fl.StringVarP(&f.requests, "requests", "n", "", "end after so many requests instead (units: k); with -d a closed loop ends with whichever comes first")
	fl.StringVarP(&f.rate, "rate", "r", "", "open loop: requests per second (units: k, M, /s, /m)")
	fl.StringVarP(&f.rate2, "rate2", "R", "", "the same as -r, under the name that wrk2 uses")
	fl.BoolVar(&f.poisson, "poisson", false, "exponential gaps between requests instead of equal ones (real users do not arrive evenly)")
	fl.StringVar(&f.ramp, "ramp", "", "increase the rate linearly from -r to this")
	fl.StringVar(&f.caCert, "cacert", "", caCertUsage)
	fl.BoolVar(&f.insecure, "insecure", false, "accept any certificate of an https server without verifying it")
	addRequestFlags(c, &f.asked)
	fl.StringArrayVar(&f.thresholds, "threshold", nil, "a bound; the exit code is 99 if it is broken, as 'p99 <= 5ms' or 'throughput >= 1000/s'")
	fl.BoolVar(&f.http2, "http2", false, "use HTTP/2: negotiated by TLS for https://, with prior knowledge for http://")
	fl.StringVar(&f.timeout, "timeout", "10s", "time limit of one request; a request without an answer by then counts with its age")
	fl.IntVarP(&f.threads, "threads", "t", 0, "threads of the wire engine (0 = chosen by the number of cores)")
	fl.StringVar(&f.engine, "engine", "auto", "auto, wire or vegeta")
	fl.StringVar(&f.spin, "spin", "", "how the generator waits for due times: precise, balanced or idle (empty = chosen by the number of cores)")
	addVerbosity(c, &f.verbosity, verbosityHelp{"print no progress", "print every check of the load as well", "print one JSON object"})
	fl.StringVar(&f.hgrm, "hgrm", "", "write the response times' percentile distribution to this file, in milliseconds")
	fl.StringVar(&f.page, "html", "", "write the result to this file as a page for a browser")
	fl.StringVar(&f.vegetaResults, "vegeta-results", "", "write every request of the vegeta engine to this file, for 'vegeta report'")
	fl.StringVar(&f.maxErrors, "max-errors", "0", "the exit code is 1 if more requests fail than this (a number, or a share as 1%)")
	fl.StringVar(&f.stopAtErrors, "stop-at-errors", "50%", "stop within a second once this share of at least 20 requests failed (100% = never)")
	fl.StringVar(&f.slo, "slo", "", "search for the highest rate that meets this, as p99=5ms: up to 20 windows of a quarter of -d to find it, and at least 3 of -d to confirm it; slow rates take longer")
	fl.Uint64Var(&f.seed, "seed", 1, "seed of --poisson")
	f.fleet.add(c)
	_ = c.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions(engineNames, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// loadOne runs a load on one URL and prints the result.
func loadOne(c *cobra.Command, f *loadFlags, raw string) (err error) {
	f.durationGiven = c.Flags().Changed("duration")
	load, allowed, err := loadAsked(f, raw)
	if err != nil {
		return err
	}
	if err := reached(c.Context(), &load.Targets[0]); err != nil {
		return err
	}
	var written requestsFile
	newEngine, err := engineMaker(engineChoice{f.engine, f.threads, f.vegetaResults, &written}, load)
	if err != nil {
		return err
	}
	if f.fleet.used() {
		u, failed := openFleet(c.Context(), &f.fleet, fleetPurpose{said: fleetOutput(c, f.quiet || f.asJSON),
			allow: []string{load.Targets[0].Address}, engine: agentEngine})
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, u.close()) }()
		newEngine = u.engine(newEngine, f.threads)
		if err := newEngine().Supports(load); err != nil {
			return usageError("%w", err)
		}
	}
	engine := newEngine()
	if closer, ok := engine.(io.Closer); ok {
		defer closer.Close()
	}
	if f.slo != "" {
		return errors.Join(searchSLO(c, f, engine, load, allowed), written.fault())
	}
	return errors.Join(loadAndShow(c, f, engine, load, allowed), written.fault()) // a verdict has the exit code
}

// loadAsked reads the flags and the URL of a load, and returns all faults at once.
func loadAsked(f *loadFlags, raw string) (ancmbench.Load, maxErrors, error) {
	var faults []error
	usage := func(err error) {
		if err != nil {
			faults = append(faults, usageError("%w", err))
		}
	}
	load, err := loadOf(f, raw)
	usage(err)
	probe := load
	if err != nil {
		probe = ancmbench.Load{} // half a load suits no engine
	}
	allowed, err := parseMaxErrors(f.maxErrors)
	usage(err)
	usage(sloFaults(f))
	if err := f.fleet.check(); err != nil {
		faults = append(faults, err)
	}
	if f.fleet.used() && f.vegetaResults != "" {
		usage(errors.New("--vegeta-results is written by one load generator: leave it out, or --load-agents"))
	}
	_, err = parseThresholds(f.thresholds)
	usage(err)
	faults = append(faults, engineChoice{name: f.engine, shards: f.threads, results: f.vegetaResults}.check(probe),
		writable(place{}, hgrmOutput(f, nil), pageOutput(f.page, html.Loaded{}), resultsOutput(f.vegetaResults)))
	return load, allowed, errors.Join(faults...)
}

func loadAndShow(c *cobra.Command, f *loadFlags, engine loadgen.Engine, load ancmbench.Load, allowed maxErrors) error {
	if f.requests == "" { // else their number is the user's
		load.Arrivals.Seed = loadgen.SeedWithin(load)
	}
	live := newLiveLine(c.ErrOrStderr(), load, time.Now(), othersOf(engine), f.quiet || f.asJSON)
	began := time.Now()
	results, err := engine.Run(c.Context(), load, nil)
	took := time.Since(began)
	stopped := errors.Is(err, loadgen.ErrErrors)
	live.end()
	if len(results) == 0 {
		return err
	}
	res := &results[0]
	if err != nil && c.Context().Err() == nil && res.Outcomes.Sent == 0 {
		return err
	}
	if err := hgrmOutput(f, res.Response).put(); err != nil {
		return err
	}
	thresholds, err := parseThresholds(f.thresholds)
	if err != nil {
		return err
	}
	held := judge(thresholds, res)
	if err := pageOutput(f.page, loadedPage(load, res, held, took)).put(); err != nil {
		return err
	}
	if err := showLoad(c.OutOrStdout(), f.asJSON, load, res, held, took); err != nil {
		return err
	}
	if f.verbose && !f.asJSON {
		if err := showLoadChecks(c.OutOrStdout(), res); err != nil {
			return err
		}
	}
	if stopped {
		return stoppedEarly(res, f)
	}
	broken, open := verdict(held)
	if c.Context().Err() != nil { // what was in flight then is no failure of the server
		ended := coded(exitInterrupted, "interrupted after %s: the figures are of that time", words.Span(took.Round(time.Millisecond)))
		return errors.Join(ended, broken)
	}
	return errors.Join(broken, tooMany(res, allowed, f), open) // the first one has the exit code
}

// stoppedEarly returns the error of a load that ended because most requests failed.
func stoppedEarly(res *ancmbench.Result, f *loadFlags) error {
	return coded(exitTool, "the load was stopped: %d of %d requests failed, and --stop-at-errors=%s allows no more: %s",
		res.Outcomes.Errors(), res.Outcomes.Due, f.stopAtErrors, causes(res))
}

// tooMany returns the error of a load with more failures than --max-errors allows, with
// their causes.
func tooMany(res *ancmbench.Result, allowed maxErrors, f *loadFlags) error {
	if !allowed.exceededBy(res.Outcomes) {
		return nil
	}
	return coded(exitTool, "%d of %d requests failed, more than --max-errors=%s allows: %s",
		res.Outcomes.Errors(), res.Outcomes.Due, f.maxErrors, causes(res))
}

// loadOf makes the Load from the flags, and returns all faults at once.
func loadOf(f *loadFlags, raw string) (ancmbench.Load, error) {
	var faults []error
	note := func(err error) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	load := ancmbench.Load{Dealing: ancmbench.Dealing{Kind: ancmbench.Single}, Spin: f.spin}
	target, err := parseURL(raw)
	if u, e := url.Parse(raw); e == nil && u.User != nil {
		note(errors.New("credentials in a URL are not sent: give -H 'Authorization: ...'"))
	} else if err != nil {
		note(fmt.Errorf("%q: %w", shownURL(raw), err))
	} else {
		note(trust(f.caCert, &target))
		note(takeUnseen(f, &target))
	}
	note(askOf(f, &target))
	if f.http2 {
		speakHTTP2(&target)
	}
	load.Targets = []ancmbench.Target{target}
	timeout, err := parseSeconds("--timeout", f.timeout, mostTimeout)
	note(err)
	load.Timeout = ancmbench.Seconds(timeout)
	n, err := parseCount("-c, --connections", f.connections, mostConnections)
	note(err)
	load.Connections = int(n)
	load.Arrivals, err = arrivalsOf(f)
	note(err)
	note(endOf(f, &load))
	load.MaxErrorShare, err = stopShare(f)
	note(err)
	if _, err := loadgen.SpinLead(f.spin); err != nil {
		note(fmt.Errorf("--spin: %w", err))
	}
	if f.threads < 0 || f.threads > mostThreads {
		note(fmt.Errorf("-t, --threads %d: must be 0 to %d", f.threads, mostThreads))
	}
	return load, errors.Join(faults...)
}

func arrivalsOf(f *loadFlags) (ancmbench.Arrivals, error) {
	a := ancmbench.Arrivals{Kind: ancmbench.Closed, Seed: f.seed}
	if f.rate != "" && f.rate2 != "" {
		return a, errors.New("-r, --rate and -R, --rate2 are the same: give one")
	}
	flag, rate := "-r, --rate", f.rate
	if rate == "" {
		flag, rate = "-R, --rate2", f.rate2
	}
	if rate == "" {
		if f.ramp != "" || f.poisson {
			return a, errors.New("--ramp and --poisson need a rate: give -r, --rate")
		}
		return a, nil
	}
	var err, rampErr error
	if a.Rate, err = parseRate(rate); err != nil {
		err = fmt.Errorf("%s %s: %w", flag, rate, err)
	}
	switch {
	case f.ramp != "":
		a.Kind, a.Random = ancmbench.Ramp, f.poisson
		if a.RampTo, rampErr = parseRate(f.ramp); rampErr != nil {
			rampErr = fmt.Errorf("--ramp %s: %w", f.ramp, rampErr)
		}
	case f.poisson:
		a.Kind = ancmbench.Poisson
	default:
		a.Kind = ancmbench.Constant
	}
	return a, errors.Join(err, rampErr)
}

// askOf sets what the load's target is asked: the path of the URL, with what the flags say.
func askOf(f *loadFlags, t *ancmbench.Target) error {
	if len(t.Workload.Requests) == 0 { // of a URL that cannot be read
		t.Workload = ancmbench.Workload{Name: "url", Requests: []ancmbench.Request{{Method: "GET", Path: "/"}}}
	}
	a, err := f.asked.read()
	if a.host != "" {
		t.Host = a.host
	}
	if path := t.Workload.Requests[0].Path; len(a.requests) > 0 && path != "/" {
		err = errors.Join(err, fmt.Errorf("--request has the path: leave %s out of the URL", withoutQuery(path)))
	}
	if err != nil {
		return err
	}
	t.Workload.Requests[0].Path = a.withVariables(t.Workload.Requests[0].Path)
	t.Workload, err = a.over(t.Workload)
	return err
}

// hgrmOutput returns the output file of --hgrm, which receives the percentile distribution
// of h.
func hgrmOutput(f *loadFlags, h *ancmbench.Histogram) outputFile {
	return outputFile{"--hgrm", f.hgrm, os.O_TRUNC, func(w io.Writer) error { return h.WritePercentiles(w) }}
}

// runOnce runs the load once with another rate and length, for searches. It returns the
// engine's error only if there is no result.
func runOnce(ctx context.Context, engine loadgen.Engine, load ancmbench.Load, rate float64, d time.Duration) (*ancmbench.Result, error) {
	load.Arrivals.Kind, load.Arrivals.Rate, load.Duration = ancmbench.Poisson, rate, ancmbench.Seconds(d)
	results, err := engine.Run(ctx, load, nil)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if len(results) == 0 {
		return nil, err
	}
	return &results[0], nil
}
