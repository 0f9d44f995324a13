// Command method shows how the designs of a comparison agree: alternating slices
// of several lengths, continuous phases in mirrored blocks, and request by
// request, on both hosting models and on servers whose behaviour is known.
// scripts/method.sh runs it; docs/method.md holds its tables.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"ancmbench/internal/host"
	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	models.RunRole(app.Handler()) // as was, worker or app of a model of ours
	if what := os.Getenv(serveEnv); what != "" {
		fail(serve(os.Getenv("PORT"), what))
	}
	b := &bench{}
	out := flag.String("out", "docs/method", "folder of the measured cells, which a later call goes on with")
	doc := flag.String("doc", "docs/method.md", "file whose tables are written; empty prints them")
	only := flag.String("only", "", "cases to measure, comma-separated: "+strings.Join(names(), ", ")+"; empty means all")
	flag.BoolVar(&b.quick, "quick", false, "two fresh starts of a quarter of the time: to see whether it works")
	flag.DurationVar(&b.most, "max-time", 20*time.Minute, "begin no further fresh start after so long")
	flag.Uint64Var(&b.seed, "seed", 1, "of all that is drawn")
	flag.Parse()
	chosen, err := choose(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "method:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	b.path = filepath.Join(*out, "cells.jsonl")
	err = b.run(ctx, chosen)
	stop()
	fail(errors.Join(err, b.publish(*doc)))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "method:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// bench is one call of the script.
type bench struct {
	path  string
	quick bool
	most  time.Duration
	seed  uint64
	seen  []block
}

// study is one case: what to measure in each of its fresh starts, and how to make its
// table.
type study struct {
	name string
	// launches are fresh starts.
	launches int
	measure  func(ctx context.Context, b *bench, rng *rand.Rand) ([]cell, error)
	table    func([]block) string
}

// studies are in the order of their importance, because a time limit cuts off the last.
func studies() []study {
	much := background{levels: []float64{0, 1, 10, 50}, rounds: 2, pieces: 1, length: 600 * ms}
	little := background{levels: []float64{0, 0.2, 0.5}, rounds: 1, pieces: 15, length: 200 * ms}
	// The flagged level, 0.5 %, was measured in the first 48 fresh starts only; the levels below need a smaller detectable effect.
	unflagged := little
	unflagged.levels = little.levels[:2]
	return []study{
		{"rates", 5, rates, comparisonTable},
		{"queue-0.1ms", 12, queueOf(100*time.Microsecond, 2000, 1500*time.Millisecond), queueTable},
		{"refused", 1, refused, saidTable},
		{"background", 10, much.measure, much.table},
		{"64kB", 4, largeBodies, comparisonTable},
		{"queue-simulated", 1, simulated, simulatedTable},
		{"tls", 3, overTLS, comparisonTable},
		{"queue-5ms", 4, queueOf(5*time.Millisecond, 100, 12*time.Second), queueTable},
		{"slow-start", 1, slowStart, saidTable},
		{"background-little", 200, unflagged.measure, little.table},
	}
}

func names() (out []string) {
	for _, s := range studies() {
		out = append(out, s.name)
	}
	return out
}

func choose(only string) ([]study, error) {
	if only == "" {
		return studies(), nil
	}
	var out []study
	var faults []error
	for name := range strings.SplitSeq(only, ",") {
		i := slices.Index(names(), strings.TrimSpace(name))
		if i < 0 {
			faults = append(faults, fmt.Errorf("unknown case %q: the cases are %s", name, strings.Join(names(), ", ")))
			continue
		}
		out = append(out, studies()[i])
	}
	return out, errors.Join(faults...)
}

// run measures what is missing, one fresh start after the other.
func (b *bench) run(ctx context.Context, chosen []study) error {
	var err error
	if b.seen, err = readBlocks(b.path); err != nil {
		return err
	}
	b.seen = slices.DeleteFunc(b.seen, func(x block) bool { return x.Quick != b.quick })
	var faults []error
	began := time.Now()
	h := host.Fingerprint()
	machine := fmt.Sprintf("%d cores, %s, kernel %s, %s", h.Cores, h.CPUModel, h.Kernel, runtime.Version())
	for _, s := range chosen {
		if b.quick {
			s.launches = min(s.launches, 2)
		}
		for launch := range s.launches {
			if b.has(s.name, launch) {
				continue
			}
			if time.Since(began) > b.most {
				fmt.Fprintf(os.Stderr, "time is up: %s and what comes after it is not complete; the same call goes on\n", s.name)
				return errors.Join(faults...)
			}
			before := time.Now()
			cells, err := s.measure(ctx, b, rand.New(rand.NewPCG(b.seed, uint64(launch))))
			if ctx.Err() != nil {
				return errors.New("interrupted; the same call goes on")
			}
			if err != nil { // the table lacks it until a later call repeats it
				err = fmt.Errorf("%s, fresh start %d: %w", s.name, launch+1, err)
				fmt.Fprintln(os.Stderr, "method:", err)
				faults = append(faults, err)
				continue
			}
			one := block{Case: s.name, Launch: launch, Date: before.UTC().Format("2006-01-02 15:04 MST"), Machine: machine, Quick: b.quick, Cells: cells}
			if err := appendBlock(b.path, one); err != nil {
				return err
			}
			b.seen = append(b.seen, one)
			fmt.Fprintf(os.Stderr, "%s %d of %d: %v\n", s.name, launch+1, s.launches, time.Since(before).Round(100*time.Millisecond))
		}
	}
	return errors.Join(faults...)
}

func (b *bench) has(name string, launch int) bool {
	return slices.ContainsFunc(b.seen, func(x block) bool { return x.Case == name && x.Launch == launch })
}

// length returns a duration, or a quarter of it for a quick look.
func (b *bench) length(d time.Duration) time.Duration {
	if b.quick {
		return d / 4
	}
	return d
}
