package hostile_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench/models/ancm"
	"ancmbench/models/hostile"
	"ancmbench/models/httpsys"
	"ancmbench/models/internal/selfsigned"
)

// origin is a backend that gives one hostile answer, and to every other request its
// own path.
type origin struct {
	answer   hostile.Answer
	listener net.Listener
	got      chan struct{} // closed once the client has its answer
	done     chan struct{} // closed once all that lies behind the answer was done

	mu    sync.Mutex
	asked int // how often the hostile request came
}

func newOrigin(t *testing.T, a hostile.Answer) *origin {
	o := &origin{answer: a, listener: listen(t), got: make(chan struct{}), done: make(chan struct{})}
	go func() {
		for {
			c, err := o.listener.Accept()
			if err != nil {
				return
			}
			go o.serve(c)
		}
	}()
	return o
}

func (o *origin) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	before := "" // what is sent in front of the next answer
	for {
		q, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if strings.HasSuffix(q.URL.Path, "/hostile") {
			if !o.attack(c.(*net.TCPConn), q) {
				return
			}
			before = o.answer.Next
			continue
		}
		_, _ = io.Copy(io.Discard, q.Body)
		if _, err := fmt.Fprintf(c, "%sHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", before, len(q.URL.Path), q.URL.Path); err != nil {
			return
		}
		before = ""
	}
}

// attack sends the hostile answer, and reports whether the connection goes on.
func (o *origin) attack(c *net.TCPConn, q *http.Request) bool {
	o.mu.Lock()
	o.asked++
	first := o.asked == 1
	o.mu.Unlock()
	a := &o.answer
	if !a.Early {
		_, _ = io.Copy(io.Discard, q.Body)
	}
	if !first && a.Again != "-" {
		_, _ = io.WriteString(c, a.Again)
		return true
	}
	_, _ = io.WriteString(c, a.Bytes)
	if !a.AtOnce {
		<-o.got
		_, _ = io.WriteString(c, a.Behind)
	}
	switch a.End {
	case hostile.Closes:
		_ = c.CloseWrite()
	case hostile.Resets:
		_ = c.SetLinger(0)
		_ = c.Close()
	}
	if first {
		close(o.done)
	}
	if a.End == hostile.Closes {
		_, _ = io.Copy(io.Discard, c) // until the other side has closed
	}
	return a.End == hostile.Stays && !a.Early
}

// answerFronts are the fronts with a forwarder of its own for each case, which the
// first part of the path names.
type answerFront struct {
	*place
	mu         sync.Mutex
	forwarders map[string]*ancm.Forwarder
}

func (f *answerFront) ServeExchange(x *httpsys.Exchange) {
	name, _, _ := strings.Cut(strings.TrimPrefix(string(x.Target), "/"), "/")
	f.mu.Lock()
	forwarder := f.forwarders[name]
	f.mu.Unlock()
	if forwarder == nil {
		x.Error(404, 0, "", nil, nil)
		return
	}
	forwarder.ServeExchange(x)
}

func answerFronts(t *testing.T) (all []*answerFront) {
	pair := selfsigned.Certificate(t)
	for _, front := range []string{"lean", "nethttp", "tls"} {
		f := &answerFront{place: &place{name: front}, forwarders: map[string]*ancm.Forwarder{}}
		s, _ := newFront(t, front, f, pair)
		if s == nil {
			continue
		}
		if front == "tls" {
			f.tls = &tls.Config{InsecureSkipVerify: true}
		}
		f.serve(t, s)
		all = append(all, f)
	}
	return all
}

// asker is a client on a connection of its own.
type asker struct {
	c net.Conn
	r *bufio.Reader
}

func (f *answerFront) asker() (*asker, error) {
	c, _, err := f.dial()
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	return &asker{c, bufio.NewReader(c)}, nil
}

// ask sends a request and gives its outcome, as hostile.Answer has it, and whether
// the connection lives on.
func (k *asker) ask(method, path, body string, part bool) (outcome string, alive bool) {
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: a\r\n", method, path)
	if body != "" {
		text += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	if part {
		body = body[:len(body)/2]
	}
	if _, err := io.WriteString(k.c, text+"\r\n"+body); err != nil {
		return "cut off", false
	}
	for {
		resp, err := http.ReadResponse(k.r, &http.Request{Method: method})
		if n, ok := err.(net.Error); ok && n.Timeout() {
			return "no answer", false
		}
		if err != nil {
			return "cut off", false
		}
		got, err := io.ReadAll(resp.Body)
		if n, ok := err.(net.Error); ok && n.Timeout() {
			return fmt.Sprintf("no end of %d %.100q", resp.StatusCode, got), false
		}
		if err != nil {
			return "cut off", false
		}
		if resp.StatusCode < 200 {
			if leaked := leaks(resp.Header); leaked != "" {
				return fmt.Sprint(resp.StatusCode, leaked), false
			}
			continue
		}
		if resp.StatusCode == http.StatusBadGateway && strings.HasPrefix(resp.Header.Get("X-Ancm-Error"), "502.3") {
			return "502", !resp.Close
		}
		return fmt.Sprintf("%d %q", resp.StatusCode, got) + leaks(resp.Header), !resp.Close
	}
}

// leaks returns the fields of an answer that the tests look at.
func leaks(h http.Header) (out string) {
	var names []string
	for name := range h {
		if strings.HasPrefix(name, "T-") || strings.HasPrefix(name, "Ms-") || strings.HasPrefix(name, "X-Ancm-") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range h[name] {
			out += fmt.Sprintf(" %s=%q", name, v)
		}
	}
	return out
}

// attacked sends one hostile answer through a front, and asks for the next clients.
func attacked(t *testing.T, f *answerFront, n int, a hostile.Answer) (faults []string) {
	o := newOrigin(t, a)
	b := &ancm.Backend{Address: o.listener.Addr().String(), Token: token}
	name := strconv.Itoa(n)
	f.mu.Lock()
	f.forwarders[name] = &ancm.Forwarder{Backends: ancm.Fixed(b)}
	f.mu.Unlock()
	defer func() {
		b.Retire()
		_ = o.listener.Close()
	}()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	next := func(who string, k *asker, path string) {
		path = "/" + name + path
		if got, _ := k.ask("GET", path, "", false); got != fmt.Sprintf("200 %q", path) {
			fault("%s asked for %s and got %.200s", who, path, got)
		}
	}
	another := func(who, path string) {
		k, err := f.asker()
		if err != nil {
			fault("%s: %v", who, err)
			return
		}
		defer k.c.Close()
		next(who, k, path)
	}
	if a.Reused {
		another("the client before", "/before")
	}
	k, err := f.asker()
	if err != nil {
		return []string{err.Error()}
	}
	defer k.c.Close()
	method := a.Method
	if method == "" {
		method = "GET"
	}
	got, alive := k.ask(method, "/"+name+"/hostile", a.Body, a.Early)
	close(o.got)
	if a.Early {
		alive = false // the rest of the body is not sent
	}
	select {
	case <-o.done:
	case <-time.After(patience):
		fault("the backend was never asked")
	}
	if !slices.Contains(strings.Split(a.Want, " or "), got) {
		fault("got %.300s, want %.300s", got, a.Want)
	}
	if alive {
		next("the same client", k, "/same")
	}
	for i := range 3 {
		another("the next client", fmt.Sprint("/next/", i))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if most := map[bool]int{true: 1, false: 2}[a.Again == ""]; o.asked > most {
		fault("the backend was asked %d times", o.asked)
	}
	return faults
}

// TestAnswers sends every hostile answer through every front: the client gets what the
// table says, and the next clients get answers of their own.
func TestAnswers(t *testing.T) {
	answers := hostile.Answers()
	for _, f := range answerFronts(t) {
		t.Run(f.name, func(t *testing.T) {
			next := make(chan int)
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					for i := range next {
						faults := attacked(t, f, i, answers[i])
						switch {
						case len(faults) == 0 && answers[i].Todo != "":
							t.Errorf("%s: is mended; take the todo away (%s)", answers[i].Name, answers[i].Todo)
						case answers[i].Todo == "":
							for _, fault := range faults {
								t.Errorf("%s: %s", answers[i].Name, fault)
							}
						}
					}
				})
			}
			for i := range answers {
				next <- i
			}
			close(next)
			all.Wait()
		})
	}
}

// The table is large enough, and its names differ.
func TestAnswerTable(t *testing.T) {
	names := map[string]bool{}
	for _, a := range hostile.Answers() {
		if names[a.Name] {
			t.Errorf("there are two %s", a.Name)
		}
		names[a.Name] = true
	}
	if len(names) < 200 {
		t.Errorf("%d answers, want 200", len(names))
	}
	t.Logf("%d answers", len(names))
}
