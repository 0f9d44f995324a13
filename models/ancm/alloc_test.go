//go:build !race

package ancm

import (
	"runtime"
	"testing"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
)

// In steady state neither front nor forwarder allocates for a plaintext request.
func TestNoAllocation(t *testing.T) {
	if len(frontKinds()) < 2 {
		t.Skip("no lean front on this system")
	}
	const n = 10_000
	cases := []struct {
		name    string
		handler httpsys.Handler
		most    float64 // objects per request
	}{
		{"front", echoNatively, 0.01},
		{"front and forwarder", &Forwarder{Backends: Fixed(startPlainOrigin(t))}, 0.01},
		// A managed request is made anew each time; net/http itself makes more.
		{"front and in-process", &InProcess{Handler: app.Handler()}, 14},
		{"front and bare forwarder", &Forwarder{Backends: Fixed(startPlainOrigin(t)), Bare: true}, 0.01},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := dial(t, startFront(t, httpsys.Lean, tc.handler))
			length := answerLength(t, c)
			ask(t, c, length, 1000)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			ask(t, c, length, n)
			runtime.ReadMemStats(&after)
			per := float64(after.Mallocs-before.Mallocs) / n
			t.Logf("%.4f objects, %.1f bytes per request", per, float64(after.TotalAlloc-before.TotalAlloc)/n)
			if per > tc.most {
				t.Errorf("%.4f objects per request, want at most %v", per, tc.most)
			}
		})
	}
}
