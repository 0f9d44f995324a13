package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench"
)

// reset ends a connection with a RST instead of a FIN.
func reset(c net.Conn) {
	c.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// after calls end with the connection once a request has come.
func after(end func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		each(func(io.Writer, *http.Request) bool { end(c); return false })(c)
	}
}

// drip writes a byte every few milliseconds.
func drip(c net.Conn) {
	for i := range len(hello) {
		if _, err := io.WriteString(c, hello[i:i+1]); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// timedOut counts those that got no answer in time. A drain ends at the timeout
// too: what was sent after the first ones gave up is unfinished then.
func timedOut(o ancmbench.Outcomes) int64 {
	if o.Timeout == 0 {
		return 0
	}
	return o.Timeout + o.Unfinished
}

// TestFaults: whatever a server does, each request is counted once, under the
// name of what happened, and nothing lasts longer than the timeout. Only where
// the timeout is what happens is it short: a machine that stands still for as
// long would make it the end of all the others, too.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
		want  func(o ancmbench.Outcomes) int64 // all of Sent
	}{
		{"resets", after(reset), func(o ancmbench.Outcomes) int64 { return o.Reset }},
		{"resets on connect", reset, func(o ancmbench.Outcomes) int64 { return o.Reset + o.ClosedEarly }},
		{"closes", after(func(net.Conn) {}), func(o ancmbench.Outcomes) int64 { return o.ClosedEarly }},
		{"half a head", after(func(c net.Conn) { io.WriteString(c, hello[:20]) }), func(o ancmbench.Outcomes) int64 { return o.ClosedEarly }},
		{"half a body", after(func(c net.Conn) { io.WriteString(c, hello[:len(hello)-1]) }), func(o ancmbench.Outcomes) int64 { return o.ClosedEarly }},
		{"half, then reset", after(func(c net.Conn) {
			io.WriteString(c, hello[:len(hello)-1])
			time.Sleep(20 * time.Millisecond)
			reset(c)
		}), func(o ancmbench.Outcomes) int64 { return o.Reset }},
		{"drips", after(drip), timedOut},
		{"is silent", func(c net.Conn) { io.Copy(io.Discard, c) }, timedOut},
		{"garbage", say("\x00\x01\x02 this is no answer"), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"a line of garbage in a head", say("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"a second answer behind the first", say(hello + hello), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"bytes behind an answer", say(hello + "!"), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"a body behind 204", say("HTTP/1.1 204 No Content\r\n\r\nhello"), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"a body behind 304", say("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello"), func(o ancmbench.Outcomes) int64 { return o.Malformed }},
		{"another protocol", say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello"), func(o ancmbench.Outcomes) int64 { return o.Status[101] }},
		{"closes after each answer", after(func(c net.Conn) { io.WriteString(c, hello) }), func(o ancmbench.Outcomes) int64 { return o.OK }},
		{"says that it closes", after(func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello") }), func(o ancmbench.Outcomes) int64 { return o.OK }},
		{"speaks first", func(c net.Conn) {
			io.WriteString(c, "220 ready\r\n")
			say(hello)(c)
		}, func(o ancmbench.Outcomes) int64 { return o.Malformed + o.OK }},
	} {
		for _, closed := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, ", closed ", closed), func(t *testing.T) {
				t.Parallel()
				load := single(constant(50), 200*time.Millisecond, 2, at(listen(t, "tcp", c.serve), "a"))
				if closed {
					load.Arrivals = closedLoop()
				}
				load.Timeout = ancmbench.Seconds(20 * time.Second)
				if c.want(ancmbench.Outcomes{Timeout: 1}) == 1 {
					load.Timeout = ancmbench.Seconds(300 * time.Millisecond)
				}
				o := carry(t, nil, load, nil)[0].Outcomes
				if c.want(o) != o.Sent || o.Sent == 0 {
					t.Errorf("%+v", o)
				}
				if !closed && o.Due != 10 {
					t.Errorf("%d due, want 10: %+v", o.Due, o)
				}
			})
		}
	}
}

// TestExpect: whole answers that are not the right one.
func TestExpect(t *testing.T) {
	answer := func(model, body string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", ancmbench.ModelHeader, model, len(body), body)
	}
	n := int64(5)
	for name, c := range map[string]struct {
		answer string
		want   func(o ancmbench.Outcomes) int64
	}{
		"right":  {answer("m", "hello"), func(o ancmbench.Outcomes) int64 { return o.OK }},
		"model":  {answer("other", "hello"), func(o ancmbench.Outcomes) int64 { return o.WrongModel }},
		"length": {answer("m", "hello!"), func(o ancmbench.Outcomes) int64 { return o.WrongAnswer }},
		"hash":   {answer("m", "hellO"), func(o ancmbench.Outcomes) int64 { return o.WrongAnswer }},
		"status": {"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", func(o ancmbench.Outcomes) int64 { return o.Status[500] }},
	} {
		t.Run(name, func(t *testing.T) {
			target := at(listen(t, "tcp", say(c.answer)), "a")
			target.Expect = ancmbench.Expect{Status: 200, BodyBytes: &n, Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: "m"}},
				BodySHA256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}
			o := carry(t, nil, single(constant(200), 100*time.Millisecond, 2, target), nil)[0].Outcomes
			if c.want(o) != 20 {
				t.Errorf("%+v", o)
			}
		})
	}
}

// TestRefused: nothing listens from the start, or nothing listens any more.
func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	load := single(constant(500), 100*time.Millisecond, 2, at(l, "a"))
	if o := carry(t, nil, load, nil)[0].Outcomes; o.Refused != 50 {
		t.Errorf("open loop: %+v", o)
	}
	load.Arrivals = closedLoop()
	if o := carry(t, nil, load, nil)[0].Outcomes; o.Refused != o.Sent || o.Sent < 2 || o.Sent > 30 {
		t.Errorf("closed loop, with its pauses: %+v", o)
	}
	load.Targets[0].Network, load.Targets[0].Address = "unix", t.TempDir()+"/nobody"
	if o := carry(t, nil, load, nil)[0].Outcomes; o.Refused != o.Sent || o.Sent < 2 {
		t.Errorf("no socket: %+v", o)
	}

	asked := 0
	stop := make(chan net.Listener, 1)
	stopping := listen(t, "tcp", each(func(w io.Writer, _ *http.Request) bool {
		if asked++; asked == 20 { // over one connection, so in one goroutine
			l := <-stop
			l.Close()
		}
		io.WriteString(w, hello)
		return asked < 20
	}))
	stop <- stopping
	load = single(constant(500), 200*time.Millisecond, 1, at(stopping, "a"))
	if o := carry(t, nil, load, nil)[0].Outcomes; o.OK != 20 || o.Refused != 80 {
		t.Errorf("stops listening: %+v", o)
	}
}

// TestStale: an idempotent request is sent again once when its kept-alive
// connection turns out to be closed; another is not.
func TestStale(t *testing.T) {
	// The server takes the second request of a connection and closes without a
	// word: as if the close had crossed the request on the way.
	serve := func(c net.Conn) {
		n := 0
		each(func(w io.Writer, _ *http.Request) bool {
			if n++; n == 2 {
				return false
			}
			io.WriteString(w, hello)
			return true
		})(c)
	}
	target := at(listen(t, "tcp", serve), "a")
	load := single(constant(200), 100*time.Millisecond, 1, target)
	o := carry(t, nil, load, nil)[0].Outcomes
	if o.OK != 20 || o.Stale < 5 {
		t.Errorf("GET: %+v", o)
	}
	load.Targets[0].Workload.Requests[0].Method = "POST"
	o = carry(t, nil, load, nil)[0].Outcomes
	if o.Stale != 0 || o.OK != 10 || o.ClosedEarly+o.Reset != 10 {
		t.Errorf("POST: %+v", o)
	}
}

// TestUnaccepted: a full queue in front of a server that does not accept.
func TestUnaccepted(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	target := ancmbench.Target{Name: "a", Address: fmt.Sprintf("127.0.0.1:%d", sa.(*unix.SockaddrInet4).Port),
		Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
	load := single(constant(100), 100*time.Millisecond, 4, target)
	load.Timeout = ancmbench.Seconds(200 * time.Millisecond)
	if o := carry(t, nil, load, nil)[0].Outcomes; timedOut(o)+o.Shed != 10 || o.Timeout < 4 {
		t.Errorf("%+v", o)
	}

	path := t.TempDir() + "/s"
	local, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(local)
	if err := errors.Join(unix.Bind(local, &unix.SockaddrUnix{Name: path}), unix.Listen(local, 0)); err != nil {
		t.Fatal(err)
	}
	load.Targets[0].Network, load.Targets[0].Address = "unix", path
	e := &Engine{}
	defer e.Close()
	for range 2 { // what was left to be tried again does not harm the next run
		if o := carry(t, e, load, nil)[0].Outcomes; timedOut(o)+o.Shed != 10 || o.Timeout < 4 {
			t.Errorf("unix: %+v", o)
		}
	}
}

// TestLarge: a body far larger than any buffer, both ways.
func TestLarge(t *testing.T) {
	size := 1 << 30
	if testing.Short() {
		size = 1 << 26
	}
	block := make([]byte, 1<<20)
	l := listen(t, "tcp", each(func(w io.Writer, r *http.Request) bool {
		fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)
		for range size / len(block) {
			if _, err := w.Write(block); err != nil {
				return false
			}
		}
		return true
	}))
	load := single(ancmbench.Arrivals{Kind: ancmbench.Replay, Instants: []ancmbench.Seconds{0}}, 10*time.Millisecond, 1, at(l, "a"))
	load.Timeout = ancmbench.Seconds(20 * time.Second)
	r := carry(t, nil, load, nil)[0]
	if r.Outcomes.OK != 1 || r.BytesReceived < int64(size) {
		t.Errorf("%+v, %d bytes", r.Outcomes, r.BytesReceived)
	}
	load.Targets[0] = at(listen(t, "tcp", say(hello)), "a")
	load.Targets[0].Workload.Requests[0] = ancmbench.Request{Method: "PUT", Path: "/", Body: []byte(strings.Repeat("x", 16<<20))}
	r = carry(t, nil, load, nil)[0]
	if r.Outcomes.OK != 1 || r.BytesSent < 16<<20 {
		t.Errorf("%+v, %d bytes sent", r.Outcomes, r.BytesSent)
	}
}
