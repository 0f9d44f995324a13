//go:build unix

package models_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
)

// recycles returns how many of them a test makes. Those over HTTP/2 take longer, and
// under the race detector all do: ANCMBENCH_TEST_RECYCLES=50 asks for all.
func recycles(t *testing.T, front string) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("ANCMBENCH_TEST_RECYCLES"))
	if err == nil {
		return n
	}
	if underRace || front == "h2" {
		return 10
	}
	return 50
}

// load are clients that ask all the time, each on a connection that it keeps as
// long as the server does not say that it ends.
type load struct {
	answers, closed atomic.Int64
	mu              sync.Mutex
	lost            []string // requests without an answer, and wrong answers
	end             chan struct{}
	clients         sync.WaitGroup
	connect         func() (net.Conn, error)
	path, body      string
	// may says that an answer of 503 is right too, and refused connections are.
	may     atomic.Bool
	refused atomic.Int64
}

// starved is the time from a client's answer to its next one above which 503, or the
// connection's end in place of an answer, is right in a recycle: the connection was quiet for so
// long that it is closed and the app told, because the client did not get the processor. It is
// half of what the worker waits.
const starved = 250 * time.Millisecond

func (l *load) start(clients int) {
	l.end = make(chan struct{})
	for range clients {
		l.clients.Go(func() {
			var k *keepAlive
			for {
				select {
				case <-l.end:
					if k != nil {
						k.Close()
					}
					return
				default:
				}
				k = l.once(k)
			}
		})
	}
}

func (l *load) fail(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = append(l.lost, fmt.Sprintf(format, args...))
}

// once asks on k, or on a new connection, and gives the one for the next time.
func (l *load) once(k *keepAlive) *keepAlive {
	if k == nil {
		c, err := l.connect()
		if l.may.Load() && errors.Is(err, syscall.ECONNREFUSED) {
			l.refused.Add(1)
			time.Sleep(time.Millisecond) // nobody is there: no event tells of anything
			return nil
		}
		if err != nil {
			l.fail("connect: %v", err)
			return nil
		}
		k = newKeepAlive(c)
	}
	a, body, err := k.ask(l.path)
	silent := time.Since(k.answered)
	k.answered = time.Now()
	switch {
	case a == nil && silent > starved && errors.Is(err, errEnded):
	case err != nil:
		l.fail("closed without an answer: %v, %v after the answer before", err, silent)
	case l.may.Load() && a.StatusCode == http.StatusServiceUnavailable:
		l.refused.Add(1)
		if !a.Close {
			return k
		}
	case a.StatusCode == http.StatusServiceUnavailable && a.Close && silent > starved:
	case a.StatusCode != http.StatusOK || body != l.body:
		l.fail("%s %q, %v after the answer before", a.Status, body, silent)
	default:
		l.answers.Add(1)
		if !a.Close {
			return k
		}
		l.closed.Add(1)
	}
	k.Close()
	return nil
}

// stop ends the clients and tells what was lost.
func (l *load) stop(t *testing.T) {
	t.Helper()
	close(l.end)
	l.clients.Wait()
	if l.answers.Load() == 0 {
		t.Error("no answer at all")
	}
	for i, what := range l.lost {
		if i == 5 {
			t.Errorf("and %d more", len(l.lost)-i)
			break
		}
		t.Error(what)
	}
}

// A recycle drops no request, and closes no kept connection without having said so.
func TestRecycleUnderLoad(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		for _, front := range []string{"lean", "nethttp", models.FrontTLS, "h2"} {
			t.Run("BM-05_under_load_"+string(model)+"_"+front, func(t *testing.T) {
				testRecycleUnderLoad(t, model, front)
			})
		}
	}
}

func testRecycleUnderLoad(t *testing.T, model ancmbench.Model, front string) {
	opt := models.Options{Model: model, Front: front}
	if front == models.FrontTLS || front == "h2" {
		opt.Front, opt.Fronts = "", []string{models.FrontTLS}
	}
	s := site(t, opt)
	const clients = 64
	var stop func()
	if front == "h2" {
		stop = loadH2(t, s, clients)
	} else {
		l := &load{path: "/plaintext", body: "Hello, World!", connect: connectTo(t, s, front)}
		l.start(clients)
		stop = func() {
			l.stop(t)
			t.Logf("%d answers, %d connections closed with notice", l.answers.Load(), l.closed.Load())
			if l.closed.Load() == 0 {
				t.Error("this tests nothing: no connection was closed")
			}
		}
	}
	for range recycles(t, front) {
		before := pids(t, s)[models.RoleWorker]
		if err := s.Recycle(t.Context()); err != nil {
			t.Error(err)
		}
		until(t, "another worker serves", func() bool {
			now := pids(t, s)[models.RoleWorker]
			return now != 0 && now != before
		})
	}
	stop()
}

// While a site stops every request is answered, by the app or with 503, until
// connections are refused.
func TestStopUnderLoad(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.Direct, ancmbench.InProcess, ancmbench.OutOfProcess, ancmbench.ReverseProxy} {
		for _, front := range []string{"lean", "nethttp", models.FrontTLS} {
			t.Run("OP-16_under_load_"+string(model)+"_"+front, func(t *testing.T) {
				opt := models.Options{Model: model, Front: front}
				if front == models.FrontTLS {
					opt.Front, opt.Fronts = "", []string{models.FrontTLS}
				}
				s := site(t, opt)
				l := &load{path: "/plaintext", body: "Hello, World!", connect: connectTo(t, s, front)}
				ask(t, client(t), s, "/plaintext")
				l.start(64)
				until(t, "the load is there", func() bool { return l.answers.Load() > 500 })
				l.may.Store(true)
				if err := s.Stop(t.Context()); err != nil {
					t.Error(err)
				}
				until(t, "connections are refused", func() bool { return l.refused.Load() > 64 })
				l.stop(t)
			})
		}
	}
}

// While an app is taken off line and back every request is answered.
func TestOfflineUnderLoad(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run("BM-01_under_load_"+string(model), func(t *testing.T) {
			dir := t.TempDir()
			s := site(t, models.Options{Model: model, WebConfig: webConfig(t, dir, `hostingModel="inprocess"`)})
			l := &load{path: "/plaintext", body: "Hello, World!", connect: connectTo(t, s, "")}
			l.may.Store(true)
			l.start(64)
			for range 5 {
				before := l.answers.Load()
				until(t, "the app answers", func() bool { return l.answers.Load() > before+100 })
				write(t, filepath.Join(dir, "app_offline.htm"), "closed")
				refused := l.refused.Load()
				until(t, "the app is off line", func() bool { return l.refused.Load() > refused+100 })
				if err := os.Remove(filepath.Join(dir, "app_offline.htm")); err != nil {
					t.Fatal(err)
				}
			}
			l.stop(t)
		})
	}
}

// connectTo opens connections to a front, with TLS for that.
func connectTo(t *testing.T, s *models.Site, front string) func() (net.Conn, error) {
	t.Helper()
	if front != models.FrontTLS {
		return func() (net.Conn, error) { return net.Dial("tcp", s.Address()) }
	}
	target, config := trusting(t, s)
	return func() (net.Conn, error) { return tls.Dial("tcp", target.Address, config) }
}

func trusting(t *testing.T, s *models.Site) (ancmbench.Target, *tls.Config) {
	t.Helper()
	target, err := s.FrontTarget(models.FrontTLS)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(target.Roots)
	return target, &tls.Config{RootCAs: roots}
}

// loadH2 asks all the time over HTTP/2, whose clients are told by GOAWAY.
func loadH2(t *testing.T, s *models.Site, clients int) (stop func()) {
	t.Helper()
	target, config := trusting(t, s)
	l := &load{end: make(chan struct{})}
	for range 4 { // connections
		tr := &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: true}
		t.Cleanup(tr.CloseIdleConnections)
		for range clients / 4 {
			l.clients.Go(func() {
				answered := time.Now()
				for {
					select {
					case <-l.end:
						return
					default:
					}
					a, err := (&http.Client{Transport: tr}).Get("https://" + target.Address + "/plaintext")
					if err != nil {
						l.fail("%v", err)
						continue
					}
					b, err := io.ReadAll(a.Body)
					a.Body.Close()
					silent := time.Since(answered)
					answered = time.Now()
					if err == nil && a.StatusCode == http.StatusServiceUnavailable && silent > starved {
						continue
					}
					if err != nil || a.StatusCode != 200 || string(b) != "Hello, World!" || a.ProtoMajor != 2 {
						l.fail("%s %s %q %v, %v after the answer before", a.Proto, a.Status, b, err, silent)
						continue
					}
					l.answers.Add(1)
				}
			})
		}
	}
	return func() { l.stop(t) }
}
