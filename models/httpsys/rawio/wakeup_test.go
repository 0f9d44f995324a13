package rawio

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A peer that ends its sending and lingers spends its edge before the call. The
// call must find the end all the same.
func TestCallFindsAnEndThatCameBefore(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		in := make([]byte, 10)
		go func() { _, _ = io.CopyN(peer, peer, 1) }()
		if _, n, _, err := c.Call([]byte("x"), in); n != 1 || err != nil { // the poller knows the connection now
			t.Fatalf("the first call: %d, %v", n, err)
		}
		_ = peer.CloseWrite()
		for c.Quiet() {
			time.Sleep(time.Millisecond) // a FIN on loopback has no event that does not read it
		}
		time.Sleep(30 * time.Millisecond) // long enough for the runtime's poller to take the edge
		c.Expect(time.Now(), 5*time.Second)
		if wrote, n, _, err := c.Call([]byte("y"), in); wrote != 0 || n != 0 || !errors.Is(err, ErrNotQuiet) {
			t.Errorf("wrote %d, read %d, %v; want ErrNotQuiet", wrote, n, err)
		}
	})
}

// Bytes that nobody asked for are found before anything is written.
func TestCallFindsUnsolicitedBytes(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		_, _ = peer.Write([]byte("unasked"))
		for c.Quiet() {
			time.Sleep(time.Millisecond)
		}
		if wrote, n, _, err := c.Call([]byte("x"), make([]byte, 10)); wrote != 0 || n != 0 || !errors.Is(err, ErrNotQuiet) {
			t.Errorf("wrote %d, read %d, %v; want ErrNotQuiet", wrote, n, err)
		}
	})
}

// An answer that comes while the request is still being written is premature.
func TestCallReportsAPrematureAnswer(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		if !c.raw.usable() {
			t.Skip("skipped: without the socket nobody can tell")
		}
		out := make([]byte, 64<<20)
		go func() {
			_, _ = io.ReadFull(peer, make([]byte, 1))
			_, _ = peer.Write([]byte("early"))
			_, _ = io.Copy(io.Discard, peer)
		}()
		_, n, premature, err := c.Call(out, make([]byte, 10))
		if n == 0 || !premature || err != nil {
			t.Errorf("read %d, premature %v, %v", n, premature, err)
		}
	})
}

// Whatever the order of a peer's bytes, ends and resets and of our own calls, every
// call ends when there is something to end it. The orders are drawn by a seed.
func TestSeededSchedules(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	seeds := 400
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		schedule(t, l, uint64(seed))
	}
}

func schedule(t *testing.T, l net.Listener, seed uint64) {
	t.Helper()
	pc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer := pc.(*net.TCPConn)
	defer peer.Close()
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	c := new(Conn)
	c.Init(nc)

	ended := make(chan string, 1)
	go func() { ended <- act1(peer, rand.New(rand.NewPCG(seed, 1))) }()
	var ours strings.Builder
	r := rand.New(rand.NewPCG(seed, 2))
	in := make([]byte, 3)
	for {
		pause(r)
		// Longer than the peer takes in all: who is still waiting then has missed something.
		c.Expect(time.Now(), 5*time.Second)
		var err error
		switch r.IntN(4) {
		case 0:
			ours.WriteString(" read")
			_, err = c.Read(in)
		case 1:
			ours.WriteString(" write")
			_, err = c.Write([]byte("w"))
			if err == nil {
				continue
			}
		case 2:
			ours.WriteString(" quiet")
			c.Quiet()
			continue
		default:
			ours.WriteString(" call")
			_, _, _, err = c.Call([]byte("c"), in)
			if errors.Is(err, ErrNotQuiet) {
				_, err = c.Read(in) // what has come, or the end, is there
			}
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("seed %d: ours%s waits in vain; the peer:%s", seed, ours.String(), <-ended)
		}
		if err != nil {
			return
		}
	}
}

// act1 returns a peer: pieces of data, then an end in one of its forms. It reads nothing.
func act1(peer *net.TCPConn, r *rand.Rand) string {
	var did strings.Builder
	for range r.IntN(4) {
		pause(r)
		n, _ := peer.Write([]byte("0123456"[:1+r.IntN(7)]))
		fmt.Fprintf(&did, " data %d", n)
	}
	pause(r)
	switch r.IntN(3) {
	case 0:
		did.WriteString(" fin and linger")
		_ = peer.CloseWrite()
	case 1:
		did.WriteString(" fin, then close")
		_ = peer.CloseWrite()
		pause(r)
		_ = peer.Close()
	default:
		did.WriteString(" rst")
		_ = peer.SetLinger(0)
		_ = peer.Close()
	}
	return did.String()
}

// pause lets the other side, the kernel and the runtime's poller come first, or not.
func pause(r *rand.Rand) {
	switch r.IntN(4) {
	case 0:
		time.Sleep(time.Duration(r.IntN(300)) * time.Microsecond)
	case 1:
		time.Sleep(time.Duration(r.IntN(3)) * time.Millisecond)
	}
}
