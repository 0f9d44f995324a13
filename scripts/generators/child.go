package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
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
	if args[0] == "vegeta" {
		run = byVegeta
	}
	n, err := run(*target, *connections, *duration)
	if err != nil {
		return err
	}
	fmt.Printf("requests %d\n", n)
	return nil
}

func byWire(target string, connections int, d time.Duration) (int64, error) {
	u, err := url.Parse(target)
	if err != nil {
		return 0, err
	}
	e := wire.Engine{Shards: 1}
	defer e.Close()
	res, err := e.Run(context.Background(), ancmbench.Load{
		Arrivals:    ancmbench.Arrivals{Kind: ancmbench.Closed},
		Dealing:     ancmbench.Dealing{Kind: ancmbench.Single},
		Duration:    ancmbench.Seconds(d),
		Connections: connections,
		Targets: []ancmbench.Target{{Name: "server", Address: u.Host,
			Workload: ancmbench.Workload{Name: "one", Requests: []ancmbench.Request{{Path: u.RequestURI()}}}}},
	}, nil)
	if err != nil {
		return 0, err
	}
	if o := res[0].Outcomes; o.OK != o.Due {
		return 0, fmt.Errorf("not all is well: %+v", o)
	}
	return res[0].Outcomes.OK, nil
}

// byVegeta drives the library as its own command does for -rate=0: as fast as
// its workers come back.
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
		return 0, fmt.Errorf("not all is well: %v", m.StatusCodes)
	}
	return int64(m.Requests), nil
}
