package httpsys

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// patientPair returns a patientConn and the client's end of its connection.
func patientPair(t *testing.T) (*patientConn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := patientListener{l}.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); c.Close() })
	return c.(*patientConn), client
}

type readResult struct {
	n   int
	err error
}

func readOne(c net.Conn) <-chan readResult {
	done := make(chan readResult, 1)
	go func() {
		n, err := c.Read(make([]byte, 1))
		done <- readResult{n, err}
	}()
	return done
}

// net/http's background read is taken back without having cost the next request
// its first byte, as often as it likes.
func TestPatientConnTakesBackTheBackgroundRead(t *testing.T) {
	c, client := patientPair(t)
	for range 1000 {
		_ = c.SetReadDeadline(time.Time{})
		done := readOne(c)
		if _, err := client.Write([]byte("ab")); err != nil {
			t.Fatal(err)
		}
		_ = c.SetReadDeadline(time.Unix(1, 0))
		if r := <-done; r.n != 0 || !errors.Is(r.err, os.ErrDeadlineExceeded) {
			t.Fatalf("the read that was taken back gave %d, %v", r.n, r.err)
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		b := make([]byte, 2)
		if _, err := io.ReadFull(c, b); err != nil || string(b) != "ab" {
			t.Fatalf("then read %q, %v", b, err)
		}
	}
}

// A client that goes is heard of once the exchange lasts, and a read at the
// socket can be taken back as well.
func TestPatientConnLooksWhenTheExchangeLasts(t *testing.T) {
	c, client := patientPair(t)
	done := readOne(c)
	c.look()
	_ = c.SetReadDeadline(time.Unix(1, 0))
	if r := <-done; !errors.Is(r.err, os.ErrDeadlineExceeded) {
		t.Fatalf("taken back: %d, %v", r.n, r.err)
	}
	_ = c.SetReadDeadline(time.Time{})
	done = readOne(c)
	c.look()
	client.Close()
	if r := <-done; r.n != 0 || r.err != io.EOF {
		t.Fatalf("the client has gone: %d, %v", r.n, r.err)
	}
}

// Reads that are no background reads keep their deadline, be they of one byte:
// the last that a head may have.
func TestPatientConnDeadlines(t *testing.T) {
	for _, size := range []int{1, 100} {
		c, client := patientPair(t)
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := client.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(make([]byte, size)); n != 1 || err != nil {
			t.Errorf("a read of %d: %d, %v", size, n, err)
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := c.Read(make([]byte, size)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a read of %d past its deadline: %v", size, err)
		}
		_ = c.SetReadDeadline(time.Now().Add(time.Minute)) // later than what the timer was set to
		if _, err := client.Write([]byte("y")); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(make([]byte, size)); n != 1 || err != nil {
			t.Errorf("a read of %d after a deadline has passed: %d, %v", size, n, err)
		}
	}
}

func TestPatientConnCloseEndsTheWaitAtTheGate(t *testing.T) {
	c, _ := patientPair(t)
	done := readOne(c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if r := <-done; !errors.Is(r.err, net.ErrClosed) {
		t.Errorf("read of a closed connection: %d, %v", r.n, r.err)
	}
}
