package rawio

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// plain hides the socket under a connection, as another layer would.
type plain struct{ net.Conn }

// pair gives the two ends of a connection, the first of them as a Conn: on the
// socket itself, and by the methods of net.Conn.
func pair(t *testing.T, test func(t *testing.T, c *Conn, peer *net.TCPConn)) {
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"socket": func(c net.Conn) net.Conn { return c },
		"plain":  func(c net.Conn) net.Conn { return plain{c} },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			peer, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer peer.Close()
			nc, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			_ = peer.SetDeadline(time.Now().Add(10 * time.Second))
			c := new(Conn)
			c.Init(wrap(nc))
			test(t, c, peer.(*net.TCPConn))
		})
	}
}

func TestReadWrite(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		buf := make([]byte, 100)
		_, _ = peer.Write([]byte("abc"))
		if n, err := c.Read(buf); string(buf[:n]) != "abc" || err != nil {
			t.Errorf("Read: %q, %v", buf[:n], err)
		}
		if n, err := c.Write([]byte("def")); n != 3 || err != nil {
			t.Errorf("Write: %d, %v", n, err)
		}
		if _, err := io.ReadFull(peer, buf[:3]); string(buf[:3]) != "def" || err != nil {
			t.Errorf("the other side got %q, %v", buf[:3], err)
		}
		_ = peer.CloseWrite()
		if n, err := c.Read(buf); n != 0 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
	})
}

// A call brings the answer, however long the question is.
func TestCall(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		for _, size := range []int{1, 1000, 20 << 20} {
			out := bytes.Repeat([]byte("x"), size)
			go func() {
				_, _ = io.CopyN(io.Discard, peer, int64(size))
				_, _ = peer.Write([]byte("answer"))
			}()
			in := make([]byte, 100)
			wrote, n, _, err := c.Call(out, in)
			if wrote != size || string(in[:n]) != "answer" || err != nil {
				t.Errorf("%d bytes: wrote %d, read %q, %v", size, wrote, in[:n], err)
			}
		}
		_ = peer.Close()
		in := make([]byte, 100)
		for range 3 { // at the latest the third finds the connection reset
			if _, n, _, err := c.Call([]byte("x"), in); err == nil || n != 0 {
				t.Errorf("after the end: %d bytes, %v", n, err)
			}
		}
	})
}

// A wait ends when it is due: not when an earlier one would have been, and not
// later than the newest.
func TestExpect(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		buf := make([]byte, 10)
		c.Expect(time.Now(), 20*time.Millisecond)
		c.Expect(time.Now(), 100*time.Millisecond) // the timer rings after 20 ms all the same
		start := time.Now()
		if _, err := c.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v", err)
		}
		if took := time.Since(start); took < 95*time.Millisecond {
			t.Errorf("gave up after %v, want 100 ms", took)
		}
		c.Expect(time.Now(), time.Hour)
		c.Expect(time.Now(), 10*time.Millisecond) // sooner than the timer is set
		start = time.Now()
		if _, _, _, err := c.Call([]byte("x"), buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Call: %v", err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("gave up after %v, want 10 ms", took)
		}
		// No limit, after one has passed.
		c.Expect(time.Now(), 0)
		go func() { _, _ = peer.Write([]byte("late")) }()
		if n, err := c.Read(buf); string(buf[:n]) != "late" || err != nil {
			t.Errorf("without a limit: %q, %v", buf[:n], err)
		}
	})
}

func TestWritePatience(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, _ *net.TCPConn) {
		c.SetWritePatience(30 * time.Millisecond)
		var err error
		for range 100 { // until all buffers are full
			if _, err = c.Write(make([]byte, 1<<20)); err != nil {
				break
			}
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("writing to somebody who does not read: %v", err)
		}
	})
}

func TestCancel(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		buf := make([]byte, 10)
		c.Expect(time.Now(), time.Millisecond) // its ringing must not hide the end
		c.Expect(time.Now(), time.Hour)
		done := make(chan error, 1)
		go func() {
			_, _, _, err := c.Call([]byte("x"), buf)
			done <- err
		}()
		_, _ = io.ReadFull(peer, buf[:1]) // it is under way
		c.Cancel()
		if err := <-done; !errors.Is(err, ErrCanceled) {
			t.Errorf("Call: %v", err)
		}
		if _, err := c.Read(buf); !errors.Is(err, ErrCanceled) {
			t.Errorf("a later Read: %v", err)
		}
		if n, err := c.Write([]byte("late")); n != 0 || !errors.Is(err, ErrCanceled) {
			t.Errorf("a later Write: %d, %v", n, err)
		}
		c.Restore()
		c.StopReading()
		if _, err := c.Read(buf); !errors.Is(err, ErrCanceled) {
			t.Errorf("Read after StopReading: %v", err)
		}
		if _, err := c.Write([]byte("y")); err != nil {
			t.Errorf("Write after StopReading: %v", err)
		}
		c.Restore()
		_, _ = peer.Write([]byte("back"))
		if n, err := c.Read(buf); string(buf[:n]) != "back" || err != nil {
			t.Errorf("after Restore: %q, %v", buf[:n], err)
		}
	})
}

func TestQuiet(t *testing.T) {
	pair(t, func(t *testing.T, c *Conn, peer *net.TCPConn) {
		if !c.Quiet() {
			t.Error("a fresh connection is not quiet")
		}
		_ = peer.Close()
		for begun := time.Now(); c.Quiet(); {
			if time.Since(begun) > 5*time.Second {
				t.Fatal("a closed connection stays quiet")
			}
		}
	})
}
