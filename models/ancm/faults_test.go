package ancm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// flaky is an app whose connections are all cut from time to time, and which
// answers each request with its number.
type flaky struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	seen  sync.Map // number -> how often
	twice atomic.Int64
}

func (f *flaky) serve(c net.Conn, r *bufio.Reader) {
	f.mu.Lock()
	f.conns[c] = struct{}{}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.conns, c)
		f.mu.Unlock()
	}()
	for {
		q, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		id := q.Header.Get("X-Id")
		if _, before := f.seen.LoadOrStore(id, true); before {
			f.twice.Add(1)
		}
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return
		}
		if q.URL.Path == "/half" {
			_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Length: 1000\r\n\r\nhalf", id)
			return
		}
		if q.URL.Path == "/hang" {
			_, _ = io.Copy(io.Discard, r) // until the module gives up
			return
		}
		if _, err := fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Length: %d\r\n\r\n%s", id, len(body), body); err != nil {
			return
		}
	}
}

// cut breaks every connection, with a reset.
func (f *flaky) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
}

// tally counts how requests ended.
type tally struct {
	ok, refused, broken, hung, mixed, wrong atomic.Int64

	strange atomic.Value // one of those that are wrong
}

// Under load every request ends in its own answer, a 502.3, or a broken connection.
// None hangs, none gets another request's answer, and the app sees none twice.
// Afterwards no goroutine and no descriptor is left.
func TestFaultsUnderLoad(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0") // with its first socket the runtime opens two descriptors for good
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	eachFront(t, func(t *testing.T, kind string) {
		goroutines, descriptors := runtime.NumGoroutine(), descriptors()
		f := &flaky{conns: map[net.Conn]struct{}{}}
		var count tally
		t.Run("load", func(t *testing.T) {
			b := startOrigin(t, f.serve)
			address := startFront(t, kind, &Forwarder{Backends: Fixed(b), Timeout: time.Second})
			ctx, stop := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for worker := range 200 {
				wg.Go(func() { count.load(ctx, worker, address) })
			}
			for range 50 {
				waitFor(t, &count.ok, count.ok.Load()+20)
				f.cut()
			}
			stop()
			wg.Wait()
		})
		t.Logf("%d answered, %d 502.3, %d broken", count.ok.Load(), count.refused.Load(), count.broken.Load())
		if n := count.mixed.Load(); n > 0 {
			t.Errorf("%d answers of other requests", n)
		}
		if n := count.wrong.Load(); n > 0 {
			t.Errorf("%d answers that are in no table, %v for one", n, count.strange.Load())
		}
		if n := count.hung.Load(); n > 0 {
			t.Errorf("%d requests hung", n)
		}
		if n := f.twice.Load(); n > 0 {
			t.Errorf("the app saw %d requests twice", n)
		}
		if count.refused.Load() == 0 || count.broken.Load() == 0 {
			t.Error("no fault was seen: the test has tested nothing")
		}
		noneLeft(t, goroutines, descriptors)
	})
}

// waitFor waits until n requests were answered.
func waitFor(t *testing.T, have *atomic.Int64, n int64) {
	t.Helper()
	for begun := time.Now(); have.Load() < n; {
		if time.Since(begun) > 30*time.Second {
			t.Fatal("no request is answered any more")
		}
		time.Sleep(time.Millisecond) // the counter has no event
	}
}

// load sends requests of all kinds, each with its number.
func (c *tally) load(ctx context.Context, worker int, address string) {
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	hc := &http.Client{Transport: tr, Timeout: 20 * time.Second}
	paths := []string{"/", "/", "/", "/half", "/", "/"}
	for i := 0; ctx.Err() == nil; i++ {
		id := fmt.Sprintf("%d-%d", worker, i)
		path := paths[i%len(paths)]
		if worker%50 == 0 && i%20 == 7 {
			path = "/hang"
		}
		var body io.Reader = http.NoBody
		sent := ""
		if i%3 == 1 {
			sent = strings.Repeat(id+" ", 1+i%7*700)
			body = strings.NewReader(sent)
		}
		r, _ := http.NewRequest("POST", "http://"+address+path, body)
		r.Header.Set("X-Id", id)
		c.end(hc, r, id, sent, path)
	}
}

func (c *tally) end(hc *http.Client, r *http.Request, id, sent, path string) {
	resp, err := hc.Do(r)
	if err != nil {
		c.fell(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case resp.StatusCode == 502 && strings.HasPrefix(resp.Header.Get("X-Ancm-Error"), "502.3 "):
		c.refused.Add(1)
	case resp.StatusCode != 200:
		c.strange.Store(fmt.Sprint(path, " ", resp.Status, " ", resp.Header))
		c.wrong.Add(1)
	case resp.Header.Get("X-Id") != id || err == nil && string(body) != sent:
		c.mixed.Add(1)
	case err != nil:
		c.fell(err)
	case path != "/":
		c.strange.Store(fmt.Sprint(path, " ", resp.Status, " ", resp.Header, " ", len(body)))
		c.wrong.Add(1) // half an answer that looks whole
	default:
		c.ok.Add(1)
	}
}

// fell counts a request that ended without a complete answer.
func (c *tally) fell(err error) {
	c.broken.Add(1)
	var late net.Error
	if errors.As(err, &late) && late.Timeout() {
		c.hung.Add(1)
	}
}

// noneLeft waits until goroutines and descriptors are as few as before.
func noneLeft(t *testing.T, goroutines, open int) {
	t.Helper()
	for begun := time.Now(); runtime.NumGoroutine() > goroutines || descriptors() > open; {
		if time.Since(begun) > 10*time.Second {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before; %d descriptors, %d before\n%s", runtime.NumGoroutine(), goroutines,
				descriptors(), open, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond) // goroutines that end have no event
	}
}

// descriptors returns the number of open descriptors, 0 if the system does not tell.
func descriptors() int {
	open, _ := os.ReadDir("/proc/self/fd")
	if len(open) == 0 && runtime.GOOS == "linux" {
		panic("this process has no descriptor open: whoever counts them sees nothing")
	}
	return len(open)
}
