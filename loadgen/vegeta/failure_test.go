package vegeta

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// rawServer hands every request on every connection to answer, which writes
// what it likes, and reports whether to go on with the connection.
func rawServer(t *testing.T, answer func(c *net.TCPConn, nth int) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			all.Go(func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for nth := 1; ; nth++ {
					if _, err := http.ReadRequest(in); err != nil || !answer(c.(*net.TCPConn), nth) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

const good = "HTTP/1.1 200 OK\r\nX-Ancm-Model: direct\r\nContent-Length: 5\r\n\r\nhello"

// Each way to fail is counted under its name, and nothing else is.
func TestFailures(t *testing.T) {
	say := func(s string, on bool) func(*net.TCPConn, int) bool {
		return func(c *net.TCPConn, _ int) bool { c.Write([]byte(s)); return on }
	}
	cases := []struct {
		name   string
		answer func(c *net.TCPConn, nth int) bool
		count  func(o ancmbench.Outcomes) int64
	}{
		{"right", say(good, true), func(o ancmbench.Outcomes) int64 { return o.OK }},
		{"status", say("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", true), func(o ancmbench.Outcomes) int64 { return o.Status[503] }},
		{"redirect", say("HTTP/1.1 302 No\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", true), func(o ancmbench.Outcomes) int64 { return o.Status[302] }},
		{"wrong model", say("HTTP/1.1 200 OK\r\nX-Ancm-Model: other\r\nContent-Length: 0\r\n\r\n", true), func(o ancmbench.Outcomes) int64 { return o.WrongModel }},
		{"wrong body", say("HTTP/1.1 200 OK\r\nX-Ancm-Model: direct\r\nContent-Length: 5\r\n\r\nhallo", true), func(o ancmbench.Outcomes) int64 { return o.WrongAnswer }},
		{"reset", func(c *net.TCPConn, _ int) bool { c.SetLinger(0); return false }, func(o ancmbench.Outcomes) int64 { return o.Reset }},
		{"garbage", say("SSH-2.0-OpenSSH_9.6\r\n\r\n", false), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"bad length", say("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", false), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"bad chunk", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", false), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"half an answer", say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", false), func(o ancmbench.Outcomes) int64 { return o.ClosedEarly }},
		{"half a head", say("HTTP/1.1 200 OK\r\nConte", false), func(o ancmbench.Outcomes) int64 { return o.ClosedEarly }},
		{"no answer", say("", false), func(o ancmbench.Outcomes) int64 { return o.ClosedEarly }},
		{"silence", say("", true), func(o ancmbench.Outcomes) int64 { return o.Timeout }},
		{"drip", say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", true), func(o ancmbench.Outcomes) int64 { return o.Timeout }},
		{"endless", func(c *net.TCPConn, _ int) bool {
			c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"))
			for block := bytes.Repeat([]byte("x"), 1<<16); ; {
				if _, err := c.Write(block); err != nil {
					return false
				}
			}
		}, func(o ancmbench.Outcomes) int64 { return o.Timeout }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			load := loadOf(ancmbench.Constant, 100, ancmbench.Single, 100*time.Millisecond)
			load.Timeout = ancmbench.Seconds(20 * time.Second)
			if c.count(ancmbench.Outcomes{Timeout: 1}) == 1 {
				load.Timeout = ancmbench.Seconds(150 * time.Millisecond)
			}
			load.Connections = 16
			load.Targets = []ancmbench.Target{targetAt("a", rawServer(t, c.answer))}
			load.Targets[0].Expect.BodySHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
			results, err := new(Engine).Run(t.Context(), load, nil)
			if err != nil {
				t.Fatal(err)
			}
			balanced(t, results[0])
			if o := results[0].Outcomes; o.Due != 10 || c.count(o) != 10 {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestRefusedConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	for _, kind := range []ancmbench.ArrivalKind{ancmbench.Constant, ancmbench.Closed} {
		load := loadOf(kind, 100, ancmbench.Single, 100*time.Millisecond)
		load.Targets = []ancmbench.Target{targetAt("a", address)}
		results, err := new(Engine).Run(t.Context(), load, nil)
		if err != nil {
			t.Fatal(err)
		}
		balanced(t, results[0])
		if o := results[0].Outcomes; o.Refused != o.Due || o.Due == 0 {
			t.Errorf("%s: %+v", kind, o)
		}
	}
}

// A server that closes each connection after k answers costs a reconnection and
// no error; a request that met a closed connection is counted as stale.
func TestServerClosesAfterSomeAnswers(t *testing.T) {
	address := rawServer(t, func(c *net.TCPConn, nth int) bool { c.Write([]byte(good)); return nth < 3 })
	load := loadOf(ancmbench.Constant, 200, ancmbench.Single, 500*time.Millisecond)
	load.Targets = []ancmbench.Target{targetAt("a", address)}
	results, err := new(Engine).Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	if o := results[0].Outcomes; o.OK != 100 {
		t.Errorf("%+v", o)
	}
	if !slices.ContainsFunc(results[0].Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnServerCloses }) {
		t.Errorf("no warning: %+v", results[0].Warnings)
	}
}

// A connection that was opened early, and closed by the server since, is stale.
func TestEarlyConnectionsClosed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	early := make(chan net.Conn, 4)
	s := &http.Server{Handler: http.HandlerFunc(hello)}
	defer s.Close()
	load := loadOf(ancmbench.Constant, 100, ancmbench.Single, 200*time.Millisecond)
	load.Targets = []ancmbench.Target{targetAt("a", l.Addr().String())}
	go func() {
		for range 4 { // those that the engine opens before its load
			if c, err := l.Accept(); err == nil {
				early <- c
			}
		}
	}()
	results, err := new(Engine).Run(t.Context(), load, func(e loadgen.Edge) {
		if e.Slice == -1 {
			for range 4 {
				(<-early).Close()
			}
			go s.Serve(l)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	if o := results[0].Outcomes; o.OK != 20 || o.Stale == 0 || o.Stale > 4 {
		t.Errorf("%+v", o)
	}
}

// A dead server costs one drain timeout, and each request is accounted for.
func TestDrainEndsAtTheTimeout(t *testing.T) {
	address := rawServer(t, func(*net.TCPConn, int) bool { return true })
	load := loadOf(ancmbench.Constant, 1000, ancmbench.Slices, 100*time.Millisecond)
	load.Targets = []ancmbench.Target{targetAt("a", address)}
	load.Timeout = ancmbench.Seconds(100 * time.Millisecond)
	edges := 0
	results, err := new(Engine).Run(t.Context(), load, func(loadgen.Edge) { edges++ })
	if err != nil {
		t.Fatal(err)
	}
	balanced(t, results[0])
	o := results[0].Outcomes
	if o.Due != 100 || o.Timeout < 4 || o.Shed < 80 || o.OK != 0 || edges != 2 {
		t.Errorf("%+v, %d edges", o, edges)
	}
}
