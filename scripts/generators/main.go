//go:build linux

// Command generators compares the cost of load generators: processor time per request,
// system calls per request and memory, in alternating runs against one server.
// scripts/generators.sh sets the server up.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		if err := child(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "generators:", err)
			os.Exit(1)
		}
		return
	}
	b := bench{}
	only := flag.String("tools", "wire,wrk,vegeta,hey,h2load,oha", "those to compare, where they are installed")
	flag.StringVar(&b.url, "url", "", "what to ask for")
	flag.IntVar(&b.connections, "connections", 64, "keep-alive connections")
	flag.DurationVar(&b.duration, "duration", 4*time.Second, "of one run")
	flag.IntVar(&b.runs, "runs", 8, "alternating runs of each")
	flag.Parse()
	if b.url == "" {
		flag.Usage()
		os.Exit(2)
	}
	for _, t := range tools() {
		if slices.Contains(strings.Split(*only, ","), t.name) && t.installed() {
			b.tools = append(b.tools, t)
		}
	}
	if err := b.run(); err != nil {
		fmt.Fprintln(os.Stderr, "generators:", err)
		os.Exit(1)
	}
}

// bench is one comparison.
type bench struct {
	url         string
	connections int
	duration    time.Duration
	runs        int
	tools       []tool
}

func (b *bench) run() error {
	fmt.Printf("%s, %d cores, %s, %d connections, 1 thread each, %d alternating runs of %v\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), runtime.Version(), b.connections, b.runs, b.duration)
	costs := make([][]cost, len(b.tools))
	for i := range b.runs {
		order := make([]int, len(b.tools))
		for j := range order {
			order[j] = j
		}
		if i%2 == 1 { // forwards and backwards, so that a drift affects all equally
			slices.Reverse(order)
		}
		for _, j := range order {
			c, err := b.tools[j].measure(b.url, b.connections, b.duration)
			if err != nil {
				return err
			}
			costs[j] = append(costs[j], c)
		}
	}
	b.print(costs)
	return b.more()
}

func (b *bench) print(costs [][]cost) {
	reference := 0.0
	for j, t := range b.tools {
		if t.name == "wrk" {
			reference = median(costs[j], cost.perRequest)
		}
	}
	fmt.Printf("%-8s %12s %22s %9s %9s %9s\n", "", "requests/s", "CPU us per request", "user", "system", "of wrk's")
	for j, t := range b.tools {
		c := costs[j]
		each := median(c, cost.perRequest)
		ratio := "-"
		if reference > 0 {
			ratio = fmt.Sprintf("%.2f", each/reference)
		}
		fmt.Printf("%-8s %12.0f %8.2f (%5.2f to %5.2f) %8.2f %9.2f %9s\n", t.name, median(c, cost.rate), each,
			least(c), most(c), median(c, cost.userEach), median(c, cost.systemEach), ratio)
	}
	fmt.Println("\nmedian (least to most) of user + system time of the generator's processes; all its records on")
}

// more prints the figures that need runs of their own.
func (b *bench) more() error {
	fmt.Printf("\n%-8s %26s %22s %22s\n", "", "system calls per request", "MB peak, 64 conn.", "MB peak, 1000 conn.")
	for _, t := range b.tools {
		calls := "-"
		if n, err := t.calls(b.url, b.connections, b.duration); err == nil {
			calls = fmt.Sprintf("%.2f", n)
		} else {
			calls = err.Error()
		}
		var peak [2]string
		for i, connections := range []int{64, 1000} {
			c, err := t.measure(b.url, connections, b.duration)
			if err != nil {
				return err
			}
			peak[i] = fmt.Sprintf("%.1f", float64(c.peak)/1e6)
		}
		fmt.Printf("%-8s %26s %22s %22s\n", t.name, calls, peak[0], peak[1])
	}
	return nil
}

func sorted(c []cost, f func(cost) float64) []float64 {
	var v []float64
	for _, x := range c {
		v = append(v, f(x))
	}
	slices.Sort(v)
	return v
}

func median(c []cost, f func(cost) float64) float64 {
	v := sorted(c, f)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func least(c []cost) float64 { return sorted(c, cost.perRequest)[0] }
func most(c []cost) float64  { return sorted(c, cost.perRequest)[len(c)-1] }
