//go:build unix

package caller_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench/models/internal/caller"
	"ancmbench/models/internal/caller/callertest"
)

var anna = caller.Identity{Name: "anna@EXAMPLE.ORG", AuthenticationType: "Negotiate"}

// serve runs the receiver until the sender closes.
func serve(t *testing.T, r *caller.Receiver) (ended func()) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- r.Serve() }()
	return func() {
		t.Helper()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// descriptors counts this process's open ones, -1 where that cannot be seen.
func descriptors() int {
	for _, dir := range []string{"/proc/self/fd", "/dev/fd"} {
		if list, err := os.ReadDir(dir); err == nil {
			return len(list)
		}
	}
	return -1
}

func pass(t *testing.T, s *caller.Sender, who caller.Identity) *caller.Passed {
	t.Helper()
	p, err := s.Pass(who, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(p *caller.Passed) string { return string(p.Append(nil)) }

func TestDescriptorIsTakenOnce(t *testing.T) {
	s, r := callertest.Ends(t)
	ended := serve(t, r)
	before := descriptors()
	for _, who := range []caller.Identity{anna, {Name: "zoë \"x\"\n", AuthenticationType: "Basic"}, {Name: strings.Repeat("x", 4000)}} {
		p := pass(t, s, who)
		if got, ok := r.Take(text(p)); !ok || got != who {
			t.Errorf("%v: got %v, %v", who, got, ok)
		}
		if got, ok := r.Take(text(p)); ok {
			t.Errorf("%v: taken twice, as %v", who, got)
		}
		s.Release(p)
	}
	// A number that nobody has passed is of a descriptor that is none of ours.
	for _, n := range []string{"0", "1", "2", "3", "ffffffff", "", "-1", "x", "1 ", "0x1", "100000000"} {
		if got, ok := r.Take(n); ok {
			t.Errorf("%q: %v", n, got)
		}
	}
	if after := descriptors(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
	if _, err := s.Pass(caller.Identity{Name: strings.Repeat("x", 5000)}, time.Second); !errors.Is(err, caller.ErrTooLong) {
		t.Errorf("too long a name: %v", err)
	}
	s.Close()
	ended()
}

// What the app never took is closed when its request is over; a release that
// comes when the number is another's by now takes nothing from that one.
func TestReleased(t *testing.T) {
	s, r := callertest.Ends(t)
	ended := serve(t, r)
	first := pass(t, s, anna)
	if _, ok := r.Take(text(first)); !ok {
		t.Fatal("not taken")
	}
	second := pass(t, s, anna) // the kernel gives the lowest free number: that of the first
	if second.Number != first.Number {
		t.Logf("numbers %d and %d: another test opened something", first.Number, second.Number)
	}
	s.Release(first)
	pass(t, s, anna) // in order: the release was seen when this is answered
	if _, ok := r.Take(text(second)); !ok {
		t.Error("the release of the first took the second")
	}
	s.Release(pass(t, s, anna))
	pass(t, s, anna)
	if held := r.Held(); held != 2 {
		t.Errorf("%d held, want the two that were neither taken nor released", held)
	}
	s.Close()
	ended()
	if held := r.Held(); held != 0 {
		t.Errorf("%d held after the end", held)
	}
}

func TestManyAtOnce(t *testing.T) {
	before := descriptors()
	s, r := callertest.Ends(t)
	ended := serve(t, r)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 50 {
				who := caller.Identity{Name: fmt.Sprint(i, " ", j)}
				p, err := s.Pass(who, 10*time.Second)
				if err != nil {
					t.Error(err)
					return
				}
				if j%3 != 0 {
					if got, ok := r.Take(text(p)); !ok || got != who {
						t.Errorf("%v: got %v, %v", who, got, ok)
					}
				}
				s.Release(p)
			}
		})
	}
	wg.Wait()
	s.Close()
	ended()
	if after := descriptors(); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// A process that does not read holds up nobody for ever, and keeps nothing of
// those who have given up.
func TestProcessThatHangs(t *testing.T) {
	s, r := callertest.Ends(t)
	for range 3 {
		if _, err := s.Pass(anna, 10*time.Millisecond); !errors.Is(err, caller.ErrTimeout) {
			t.Errorf("nobody reads: %v", err)
		}
	}
	ended := serve(t, r)
	p := pass(t, s, anna)
	if held := r.Held(); held != 1 {
		t.Errorf("%d held, want the last only", held)
	}
	if got, ok := r.Take(text(p)); !ok || got != anna {
		t.Errorf("got %v, %v", got, ok)
	}
	s.Close()
	ended()
}

func TestProcessThatIsGone(t *testing.T) {
	s, r := callertest.Ends(t)
	waits := make(chan error, 1)
	go func() {
		_, err := s.Pass(anna, 0)
		waits <- err
	}()
	r.Close()
	if err := <-waits; !errors.Is(err, caller.ErrClosed) {
		t.Errorf("waiting: %v", err)
	}
	if _, err := s.Pass(anna, 0); !errors.Is(err, caller.ErrClosed) {
		t.Errorf("later: %v", err)
	}
	s.Close()
}

// Serve ends without an error however the channel is closed.
func TestServeEndsWhenTheChannelIsClosed(t *testing.T) {
	for what, end := range map[string]func(s *caller.Sender, r *caller.Receiver){
		"app, later":    func(_ *caller.Sender, r *caller.Receiver) { time.Sleep(20 * time.Millisecond); r.Close() },
		"app, at once":  func(_ *caller.Sender, r *caller.Receiver) { r.Close() },
		"worker, later": func(s *caller.Sender, _ *caller.Receiver) { time.Sleep(20 * time.Millisecond); s.Close() },
	} {
		t.Run(what, func(t *testing.T) {
			s, r := callertest.Ends(t)
			ended := serve(t, r)
			end(s, r)
			ended()
			s.Close()
		})
	}
}

// A Unix socket that is closed with an answer unread resets the app's end.
func TestServeEndsWhenAnAnswerStaysUnread(t *testing.T) {
	worker, r := callertest.Receiver(t)
	ended := serve(t, r)
	if _, err := worker.Write([]byte("p12345678")); err != nil {
		t.Fatal(err)
	}
	if _, err := worker.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	worker.Close()
	ended()
}
