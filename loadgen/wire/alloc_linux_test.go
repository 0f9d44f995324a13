package wire

import (
	"net"
	"runtime"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// sayPlainly answers whatever comes with the same bytes, and allocates nothing
// while it does, so that a test can count the engine's own.
func sayPlainly(answer string) func(net.Conn) {
	return func(c net.Conn) {
		in, out := make([]byte, 4096), []byte(answer)
		for {
			if _, err := c.Read(in); err != nil {
				return
			}
			if _, err := c.Write(out); err != nil {
				return
			}
		}
	}
}

// TestAllocations: a load allocates for what it sets up, and nothing per
// request; and the collector stays idle. The edge after the set-up and the one
// after the load are where it is read.
func TestAllocations(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	sum := "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
	for _, c := range []struct {
		name     string
		answer   string
		expect   ancmbench.Expect
		arrivals ancmbench.Arrivals
	}{
		{"closed loop", hello, ancmbench.Expect{}, closedLoop()},
		{"chunked, with hash", chunked, ancmbench.Expect{BodySHA256: sum}, closedLoop()},
		{"think time", hello, ancmbench.Expect{}, ancmbench.Arrivals{Kind: ancmbench.Closed, Think: ancmbench.Seconds(100 * time.Microsecond)}},
		{"open loop", hello, ancmbench.Expect{}, ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 5000, Seed: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := at(listen(t, "tcp", sayPlainly(c.answer)), "a")
			target.Expect = c.expect
			e := &Engine{}
			defer e.Close()
			load := single(c.arrivals, 500*time.Millisecond, 8, target)
			carry(t, e, load, nil) // the connections are open, the server's goroutines run
			var m [2]runtime.MemStats
			var n int64
			// A closed loop does fewer on a machine that stands still: then again, for longer.
			for n < 500 {
				if load.Duration.D() > time.Minute {
					t.Fatalf("only %d requests in %v", n, load.Duration.D()/2)
				}
				i := 0
				n = carry(t, e, load, func(loadgen.Edge) {
					if i == 0 {
						runtime.GC() // so that none that began before ends within, or is due
					}
					runtime.ReadMemStats(&m[i])
					i++
				})[0].Outcomes.OK
				load.Duration *= 2
			}
			allocated := m[1].Mallocs - m[0].Mallocs
			// The timetable's buffers and the runtime's own are a handful.
			if allocated > 100 {
				t.Errorf("%d allocations in %d requests", allocated, n)
			}
			if cycles := m[1].NumGC - m[0].NumGC; cycles > 0 {
				t.Errorf("%d cycles of the collector", cycles)
			}
		})
	}
}
