//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// byWrk is what wrk prints: a closed loop, whose connections wait out the stall
// with one request each.
func byWrk(url string) (string, error) {
	out, err := exec.Command("wrk", "-t1", "-c64", fmt.Sprintf("-d%ds", stallSeconds), "--latency", url).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("wrk: %w", err)
	}
	return wrkLine(out)
}

// wrkLine makes a line of wrk's quantiles; an error if they are not all there, or
// if wrk says that answers were missing or wrong.
func wrkLine(out []byte) (string, error) {
	line, found := "wrk -c64:", ""
	for l := range bytes.Lines(out) {
		f := bytes.Fields(l)
		if len(f) == 2 && bytes.HasSuffix(f[0], []byte("%")) {
			line += fmt.Sprintf(" p%s %s", bytes.TrimSuffix(f[0], []byte("%")), f[1])
			found += string(f[0])
		}
		if bytes.Contains(l, []byte("Socket errors:")) || bytes.Contains(l, []byte("Non-2xx")) {
			return "", fmt.Errorf("wrk: %s", bytes.TrimSpace(l))
		}
	}
	if found != "50%75%90%99%" {
		return "", fmt.Errorf("wrk: its quantiles are not in %q", out)
	}
	return line, nil
}

// byVegeta is an attack at the same rate whose workers are capped at the number
// of connections: requests that find no worker leave late, and their wait is
// not counted.
func byVegeta(url string) (string, error) {
	a := vegeta.NewAttacker(vegeta.Workers(64), vegeta.MaxWorkers(64), vegeta.Connections(64), vegeta.HTTP2(false))
	var m vegeta.Metrics
	for r := range a.Attack(vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: url}),
		vegeta.Rate{Freq: 2000, Per: time.Second}, stallSeconds*time.Second, "") {
		m.Add(r)
	}
	m.Close()
	return fmt.Sprintf("vegeta -rate=2000 -max-workers=64: p50 %v p90 %v p99 %v", m.Latencies.P50, m.Latencies.P90, m.Latencies.P99), nil
}
