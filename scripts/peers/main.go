// Command peers compares the cost of the hop: the CPU of the front process per request, for
// our out-of-process model and for other proxies in front of the same app, slice by slice in
// one run. scripts/peers.sh installs what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	models.RunRole(app.Handler()) // as was, worker or app of a model of ours
	if backend := os.Getenv(backendEnv); backend != "" {
		fail(serveAs(os.Getenv(kindEnv), os.Getenv("PORT"), backend))
	}
	b := bench{procs: runtime.NumCPU()}
	levels := flag.String("connections", "8,64", "keep-alive connections, one comparison for each")
	only := flag.String("variants", strings.Join(names(), ","), "those to compare, where they can run")
	flag.IntVar(&b.launches, "launches", 5, "fresh starts of everything")
	flag.IntVar(&b.rounds, "rounds", 8, "rounds in each launch: one slice of every variant, in random order")
	flag.DurationVar(&b.slice, "slice", 500*time.Millisecond, "of one variant in one round")
	flag.DurationVar(&b.warm, "warm", 1500*time.Millisecond, "load on each variant that is not counted")
	flag.IntVar(&b.procs, "procs", b.procs, "GOMAXPROCS of every Go process under load")
	flag.StringVar(&b.path, "path", "/plaintext", "what the app is asked for")
	flag.BoolVar(&b.forwarded, "forwarded", false, "nginx and haproxy add X-Forwarded-For and X-Forwarded-Proto, as ours always does")
	flag.Uint64Var(&b.seed, "seed", uint64(time.Now().Unix()), "of the order")
	rows := flag.String("rows", "", "file for every round's figures, as CSV")
	flag.Parse()
	if err := b.choose(*levels, *only); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := b.run(ctx, os.Stdout)
	stop()
	if *rows != "" {
		err = errors.Join(err, writeFile(*rows, b.writeRows))
	}
	fail(err)
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// bench is one comparison.
type bench struct {
	levels    []int
	variants  []variant
	launches  int
	rounds    int
	slice     time.Duration
	warm      time.Duration
	procs     int
	path      string
	forwarded bool
	seed      uint64

	missing []string // variants that cannot run here, with the reason
	seen    []row
	notes   []string // what was verified, or is to be doubted
}

// choose reads the lists, and reports every fault at once.
func (b *bench) choose(levels, only string) error {
	var faults []error
	for w := range strings.SplitSeq(levels, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(w))
		if err != nil || n < 1 {
			faults = append(faults, fmt.Errorf("connections %q: must be a positive number", w))
		}
		b.levels = append(b.levels, n)
	}
	wanted := strings.Split(only, ",")
	for _, w := range wanted {
		if !slices.Contains(names(), w) {
			faults = append(faults, fmt.Errorf("unknown variant %q: the variants are %s", w, strings.Join(names(), ", ")))
		}
	}
	for _, v := range variants() {
		if !slices.Contains(wanted, v.name) {
			continue
		}
		if err := v.available(); err != nil {
			b.missing = append(b.missing, fmt.Sprintf("%s: %v", v.name, err))
			continue
		}
		b.variants = append(b.variants, v)
	}
	if b.launches < 1 || b.rounds < 1 || b.slice <= 0 || b.warm <= 0 || b.procs < 1 {
		faults = append(faults, errors.New("launches, rounds, slice, warm and procs must be positive"))
	}
	if len(b.variants) == 0 {
		faults = append(faults, errors.New("no variant can run here"))
	}
	return errors.Join(faults...)
}

// writeFile writes a file with write, and returns the first error, that of Close included.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
