//go:build clr && linux && amd64 && cgo

package clr

import (
	"bytes"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"ancmbench/models/ancm/clr/clrtest"
	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// inGo answers as the managed half does, without it: what is left is front and client.
var inGo = httpsys.HandlerFunc(func(x *httpsys.Exchange) {
	if x.WriteHead(200, []httpsys.Field{http1.Make([]byte("Content-Type"), []byte("text/plain"))}, 13) == nil {
		_, _ = x.Write([]byte("Hello, World!")) // the client is this test
	}
})

// BenchmarkTransport gives the CPU of a small request, and how often a thread went to sleep
// and was woken for it, client and front included, without and with the way to a managed half
// that answers at once. The transport's own is the difference: scripts/clr-transport.sh shows
// it.
func BenchmarkTransport(b *testing.B) {
	a := app(b)
	clrtest.Immediate(true)
	defer clrtest.Immediate(false)
	for _, clients := range []int{1, 8, 64} {
		for _, how := range []string{"go", Rings, Direct, Send} {
			b.Run(fmt.Sprintf("%s/%d", how, clients), func(b *testing.B) {
				o := httpsys.Options{Handler: inGo}
				if how != "go" {
					a.transport(how)
					o.Handler = a
				}
				defer a.transport(Rings)
				at := front(b, o)
				cpu, sleeps := used(b)
				load(b, at, clients, b.N)
				cpuAfter, sleepsAfter := used(b)
				b.ReportMetric((cpuAfter-cpu)*1e6/float64(b.N), "cpu-us/op")
				b.ReportMetric(float64(sleepsAfter-sleeps)/float64(b.N), "sleeps/op")
			})
		}
	}
}

// used returns the CPU that this process has used, in seconds, and how often its threads have
// gone to sleep.
func used(b *testing.B) (cpu float64, sleeps int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9, u.Nvcsw
}

// load asks n times from so many connections.
func load(b *testing.B, at string, clients, n int) {
	request := []byte("GET /hello HTTP/1.1\r\nHost: a\r\nUser-Agent: b\r\nAccept: */*\r\n\r\n")
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			c, err := net.Dial("tcp", at)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			buffer := make([]byte, 4096)
			for left.Add(-1) >= 0 {
				if _, err := c.Write(request); err != nil {
					b.Error(err)
					return
				}
				got := 0
				for !bytes.HasSuffix(buffer[:got], []byte("Hello, World!")) {
					k, err := c.Read(buffer[got:])
					if err != nil {
						b.Error(err)
						return
					}
					got += k
				}
			}
		})
	}
	all.Wait()
}
