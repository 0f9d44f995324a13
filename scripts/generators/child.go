//go:build linux

package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"syscall"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"ancmbench"
	"ancmbench/loadgen/wire"
)

// child is one generator in a process of its own.
func child(args []string) error {
	flags := flag.NewFlagSet("child", flag.ExitOnError)
	target := flags.String("url", "", "what to ask for")
	connections := flags.Int("connections", 64, "keep-alive connections")
	duration := flags.Duration("duration", time.Second, "of the run")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	run := byWire
	switch args[0] {
	case "vegeta":
		run = byVegeta
	case "many":
		return many(*target, *connections, *duration)
	}
	n, err := run(*target, *connections, *duration)
	if err != nil {
		return err
	}
	fmt.Printf("requests %d\n", n)
	return nil
}

func byWire(target string, connections int, d time.Duration) (int64, error) {
	r, err := wireLoad(target, connections, d, ancmbench.Arrivals{Kind: ancmbench.Closed})
	return r.Outcomes.OK, err
}

func wireLoad(target string, connections int, d time.Duration, a ancmbench.Arrivals) (ancmbench.Result, error) {
	u, err := url.Parse(target)
	if err != nil {
		return ancmbench.Result{}, err
	}
	e := wire.Engine{Shards: 1}
	defer e.Close()
	res, err := e.Run(context.Background(), ancmbench.Load{
		Arrivals:    a,
		Dealing:     ancmbench.Dealing{Kind: ancmbench.Single},
		Duration:    ancmbench.Seconds(d),
		Connections: connections,
		Targets: []ancmbench.Target{{Name: "server", Address: u.Host,
			Workload: ancmbench.Workload{Name: "one", Requests: []ancmbench.Request{{Path: u.RequestURI()}}}}},
	}, nil)
	if err != nil {
		return ancmbench.Result{}, err
	}
	if o := res[0].Outcomes; o.OK != o.Due {
		return res[0], fmt.Errorf("not all answers were right: %+v", o)
	}
	return res[0], nil
}

// many measures what many open connections need at 1,000 requests/s.
func many(target string, connections int, d time.Duration) error {
	began := time.Now()
	r, err := wireLoad(target, connections, d, ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 1000})
	if err != nil {
		return err
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return err
	}
	p99, _ := r.Response.Quantile(0.99)
	fmt.Printf("wire, %d open connections, 1,000 requests/s: %d of %d OK, response p99 %v, %.1f MB peak, opened in %v\n", connections,
		r.Outcomes.OK, r.Outcomes.Due, p99, float64(u.Maxrss)*1024/1e6, (time.Since(began) - r.Busy.D()).Round(time.Millisecond))
	return nil
}

// byVegeta drives the library as its own command does for -rate=0: each goroutine sends
// again as soon as it has its answer.
func byVegeta(target string, connections int, d time.Duration) (int64, error) {
	attacker := vegeta.NewAttacker(vegeta.Workers(uint64(connections)), vegeta.MaxWorkers(uint64(connections)),
		vegeta.Connections(connections), vegeta.KeepAlive(true), vegeta.HTTP2(false))
	targeter := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: target})
	var m vegeta.Metrics
	for r := range attacker.Attack(targeter, vegeta.Rate{}, d, "") {
		m.Add(r)
	}
	m.Close()
	if m.Success < 1 {
		return 0, fmt.Errorf("not all answers were right: %v", m.StatusCodes)
	}
	return int64(m.Requests), nil
}
