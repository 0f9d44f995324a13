//go:build linux

package main

import "testing"

// What a tool prints is counted only if it is the tool's, whole, and says that all went well.
func TestCount(t *testing.T) {
	by := map[string]tool{}
	for _, x := range tools() {
		by[x.name] = x
	}
	for _, c := range []struct {
		tool, printed string
		want          float64 // 0 is an error
	}{
		{"wrk", "Running 1s test @ http://127.0.0.1:1/\n  4321 requests in 1.00s, 1.20MB read\nRequests/sec:   4300.1\n", 4321},
		{"wrk", "", 0},
		{"wrk", "Running 1s test @ http://127.0.0.1:1/\n  1 threads and 64 connections\n", 0},
		{"wrk", "  0 requests in 1.00s, 0.00B read\n", 0},
		{"wrk", "  4321 requests in 1.00s, 1.20MB read\n  Non-2xx or 3xx responses: 4321\n", 0},
		{"wrk", "  4321 requests in 1.00s, 1.20MB read\n  Socket errors: connect 0, read 12, write 0, timeout 0\n", 0},
		{"h2load", "requests: 10 total, 10 started, 10 done, 10 succeeded, 0 failed, 0 errored, 0 timeout\n", 10},
		{"h2load", "requests: 12 total, 12 started, 12 done, 10 succeeded, 2 failed, 2 errored, 0 timeout\n", 0},
		{"h2load", "finished in 1.00s\n", 0},
		{"hey", "Status code distribution:\n  [200]\t777 responses\n", 777},
		{"hey", "Status code distribution:\n  [404]\t777 responses\n", 0},
		{"hey", "Status code distribution:\n  [200]\t700 responses\n  [502]\t77 responses\n", 0},
		{"oha", "Status code distribution:\n  [200] 55 responses\n", 55},
		{"oha", "Status code distribution:\n  [200] 55 responses\n\nError distribution:\n  [3] aborted\n", 0},
		{"wire", "requests 99\n", 99},
		{"wire", "requests 99 and more\n", 0},
		{"vegeta", "requests 0\n", 0},
	} {
		x, known := by[c.tool]
		if !known {
			t.Fatalf("there is no tool %s", c.tool)
		}
		if got, err := x.count([]byte(c.printed)); (err != nil) != (c.want == 0) || err == nil && got != c.want {
			t.Errorf("%s prints %q: %v, %v", c.tool, c.printed, got, err)
		}
	}
}
