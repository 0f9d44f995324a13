package ancm

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
)

// BenchmarkPlaintext measures one plaintext request through each model, over 8
// connections. Client and app run in this process too, so only the differences between
// the rows have a meaning. scripts/peers.sh measures the front's process alone.
func BenchmarkPlaintext(b *testing.B) {
	origin := startPlainOrigin(b)
	forwarder := func() *Forwarder { return &Forwarder{Backends: Fixed(origin)} }
	cases := []struct {
		name, kind string
		handler    httpsys.Handler
	}{
		{"lean native echo", httpsys.Lean, echoNatively},
		{"nethttp native echo", httpsys.NetHTTP, echoNatively},
		{"lean in-process", httpsys.Lean, &InProcess{Handler: app.Handler()}},
		{"nethttp in-process", httpsys.NetHTTP, &InProcess{Handler: app.Handler()}},
		{"lean forwarder", httpsys.Lean, forwarder()},
		{"nethttp forwarder", httpsys.NetHTTP, forwarder()},
		{"nethttp reverseproxy", httpsys.NetHTTP, NewReverseProxy(forwarder())},
	}
	for _, bc := range cases {
		b.Run(bc.name, func(b *testing.B) {
			if bc.kind == httpsys.Lean && len(frontKinds()) < 2 {
				b.Skip("no lean front on this system")
			}
			benchmark(b, startFront(b, bc.kind, bc.handler))
		})
	}
	b.Run("relay", func(b *testing.B) { benchmark(b, startRelay(b, &Relay{Backends: Fixed(origin)})) })
	b.Run("relay splice", func(b *testing.B) { benchmark(b, startRelay(b, &Relay{Backends: Fixed(origin), Splice: true})) })
	b.Run("origin itself", func(b *testing.B) { benchmark(b, origin.Address) })
}

func startRelay(t testing.TB, r *Relay) string {
	l := listen(t)
	done := make(chan error, 1)
	go func() { done <- r.Serve(l) }()
	t.Cleanup(func() {
		_ = r.Close()
		if err := <-done; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

func benchmark(b *testing.B, address string) {
	const connections = 8
	first := dial(b, address)
	length := answerLength(b, first)
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for i := range connections {
		n := b.N / connections
		if i == 0 {
			n += b.N % connections
		}
		c := dial(b, address)
		_ = c.SetDeadline(time.Time{})
		wg.Go(func() { ask(b, c, length, n) })
	}
	wg.Wait()
}
