package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"ancmbench/internal/host"
	"ancmbench/models/peers"
)

// goal is a line of the table of goals: the limit of the forwarder's front CPU per request,
// as a multiple of another variant's.
type goal struct {
	ours, against string
	connections   int
	atMost        float64
}

func goals() []goal {
	return []goal{
		{oursLean, reverseproxy, 8, 0.40},
		{oursLean, reverseproxy, 64, 0.25},
		{oursLean, nginx, 8, 1.35},
		{oursLean, nginx, 64, 1.10},
		{oursNetHTTP, nginxNetHTTP, 8, 1.90},
		{oursLean, relayNet, 8, 1.10},
		{oursLean, relayNet, 64, 1.10},
		{oursLean, relay, 8, 1.10},
		{oursLean, relay, 64, 1.10},
	}
}

func (b *bench) printHead(ctx context.Context, out io.Writer) {
	h := host.Fingerprint()
	fmt.Fprintf(out, "%s, %d cores, %s, kernel %s, %s\n", time.Now().UTC().Format("2006-01-02 15:04 MST"),
		h.Cores, h.CPUModel, h.Kernel, h.GoVersion)
	for _, v := range b.variants {
		if v.proxy == "" || v.self() {
			continue
		}
		if version, err := peers.Version(ctx, v.proxy); err == nil {
			fmt.Fprintln(out, version)
		}
	}
	fmt.Fprintf(out, "%d fresh starts x %d rounds of one %v slice of each variant in random order, seed %d; GET %s, keep-alive, closed loop; GOMAXPROCS %d\n",
		b.launches, b.rounds, b.slice, b.seed, b.path, b.procs)
	for _, m := range b.missing {
		fmt.Fprintln(out, "not measured:", m)
	}
}

// each returns a figure of every slice of a variant at a level, in order.
func (b *bench) each(variant string, connections int, figure func(row) float64) (out []float64) {
	for _, r := range b.seen {
		if r.variant == variant && r.connections == connections {
			out = append(out, figure(r))
		}
	}
	return out
}

func frontEach(r row) float64   { return r.front.Seconds() * 1e6 / float64(r.requests) }
func backendEach(r row) float64 { return r.backend.Seconds() * 1e6 / float64(r.requests) }
func rate(r row) float64        { return float64(r.requests) / r.took.Seconds() }
func generatorShare(r row) float64 {
	return r.generator.Seconds() / r.took.Seconds()
}

// ratios divides two variants' front CPU per request within each round, where
// the machine was the same for both.
func (b *bench) ratios(ours, against string, connections int) (out []float64) {
	type round struct{ launch, round int }
	theirs := map[round]float64{}
	for _, r := range b.seen {
		if r.variant == against && r.connections == connections {
			theirs[round{r.launch, r.round}] = frontEach(r)
		}
	}
	for _, r := range b.seen {
		if t := theirs[round{r.launch, r.round}]; r.variant == ours && r.connections == connections && t > 0 {
			out = append(out, frontEach(r)/t)
		}
	}
	return out
}

func (b *bench) print(out io.Writer) {
	for _, n := range b.levels {
		fmt.Fprintf(out, "\n%d connections\n%-24s %28s %12s %12s %12s %10s\n", n, "", "front CPU us per request", "of nginx's", "app CPU us", "requests/s", "generator")
		for _, v := range b.variants {
			front := b.each(v.name, n, frontEach)
			if len(front) == 0 {
				continue
			}
			fmt.Fprintf(out, "%-24s %8.2f (%6.2f to %6.2f)    %12s %12.2f %12.0f %8.0f %%\n", v.name,
				quantile(front, 0.5), quantile(front, 0.25), quantile(front, 0.75), ratioText(b.ratios(v.name, nginx, n)),
				quantile(b.each(v.name, n, backendEach), 0.5), quantile(b.each(v.name, n, rate), 0.5),
				100*quantile(b.each(v.name, n, generatorShare), 0.5))
		}
	}
	b.printGoals(out)
	fmt.Fprintln(out, "\nmedians over all rounds (first to third quartile); a ratio is taken within each round")
	fmt.Fprintln(out, "front: the process with the hop in it, user and system time; generator: its share of one core")
	for _, n := range b.notes {
		fmt.Fprintln(out, n)
	}
}

func (b *bench) printGoals(out io.Writer) {
	fmt.Fprintf(out, "\n%-22s %-24s %12s %8s %20s %8s\n", "front CPU of", "against", "connections", "ratio", "", "at most")
	for _, g := range goals() {
		ratios := b.ratios(g.ours, g.against, g.connections)
		if len(ratios) == 0 {
			fmt.Fprintf(out, "%-22s %-24s %12d %8s %20s %8.2f not measured\n", g.ours, g.against, g.connections, "-", "", g.atMost)
			continue
		}
		verdict := "reached"
		if quantile(ratios, 0.5) > g.atMost {
			verdict = "MISSED"
		}
		fmt.Fprintf(out, "%-22s %-24s %12d %8.3f (%7.3f to %7.3f) %8.2f %s\n", g.ours, g.against, g.connections,
			quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75), g.atMost, verdict)
	}
}

func ratioText(ratios []float64) string {
	if len(ratios) == 0 {
		return "-"
	}
	return strconv.FormatFloat(quantile(ratios, 0.5), 'f', 3, 64)
}

// quantile interpolates between the two nearest; NaN-free for a sample that is
// not empty.
func quantile(sample []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(sample))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}

// writeRows writes every slice, so that a table can be checked.
func (b *bench) writeRows(w io.Writer) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"variant", "connections", "launch", "round", "requests", "took_seconds",
		"front_cpu_seconds", "backend_cpu_seconds", "generator_cpu_seconds"}) // Error tells in the end
	seconds := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }
	for _, r := range b.seen {
		_ = c.Write([]string{r.variant, strconv.Itoa(r.connections), strconv.Itoa(r.launch), strconv.Itoa(r.round),
			strconv.FormatInt(r.requests, 10), seconds(r.took), seconds(r.front), seconds(r.backend), seconds(r.generator)})
	}
	c.Flush()
	return c.Error()
}
