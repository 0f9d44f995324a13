//go:build linux

package main

import (
	"strings"
	"testing"
)

// What wrk prints is shown only if it is wrk's, whole, and says that all went well.
func TestWrkLine(t *testing.T) {
	const printed = "Running 1s test @ http://127.0.0.1:1/\n  Latency Distribution\n     50%  100.00us\n     75%  200.00us\n     90%  300.00us\n     99%    1.00ms\n  10 requests in 1.00s, 1KB read\n"
	if got, err := wrkLine([]byte(printed)); err != nil || got != "wrk -c64: p50 100.00us p75 200.00us p90 300.00us p99 1.00ms" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{
		"",
		printed[:strings.Index(printed, "99%")],
		"usage: wrk <options> <url>\n",
		printed + "  Non-2xx or 3xx responses: 10\n",
		printed + "  Socket errors: connect 0, read 1, write 0, timeout 0\n",
	} {
		if got, err := wrkLine([]byte(bad)); err == nil {
			t.Errorf("%q is taken for %q", bad, got)
		}
	}
}
