package ancm

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
)

// The relay passes all bytes on in both directions. An end in one direction leaves the
// other open.
func TestRelay(t *testing.T) {
	for _, splice := range []bool{false, true} {
		b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
			sum := sha256.New()
			_, _ = io.Copy(sum, r)
			_, _ = c.Write(sum.Sum(nil))
		})
		c := dial(t, startRelay(t, &Relay{Backends: Fixed(b), Splice: splice}))
		sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
		if _, err := c.Write(sent); err != nil {
			t.Fatal(err)
		}
		_ = c.(*net.TCPConn).CloseWrite()
		got, err := io.ReadAll(c)
		want := sha256.Sum256(sent)
		if err != nil || !bytes.Equal(got, want[:]) {
			t.Errorf("splice %v: %x, %v", splice, got, err)
		}
	}
}

func TestRelayFailures(t *testing.T) {
	c := dial(t, startRelay(t, &Relay{Backends: never{errors.New("x")}}))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a relay without a backend keeps its clients")
	}
	r := &Relay{Backends: Fixed(startPlainOrigin(t))}
	if err := r.Close(); err != nil {
		t.Errorf("Close before Serve: %v", err)
	}
	if err := r.Serve(listen(t)); err != http.ErrServerClosed {
		t.Errorf("Serve after Close: %v", err)
	}
}
