//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// byWrk returns wrk's quantiles. wrk is a closed loop, so each connection waits for the end
// of a stall with one request only.
func byWrk(url string) (string, error) {
	out, err := exec.Command("wrk", "-t1", "-c64", fmt.Sprintf("-d%ds", stallSeconds), "--latency", url).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("wrk: %w", err)
	}
	return wrkLine(out)
}

// wrkLine returns a line of wrk's quantiles. It fails if one is missing, or if wrk reports
// missing or wrong answers.
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

// byVegeta returns the quantiles of an attack at the same rate, with as many goroutines as
// connections. Requests without a free goroutine are sent late, and their wait is not
// counted.
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
