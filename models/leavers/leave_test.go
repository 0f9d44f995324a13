package leavers

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

// Clients send the whole or a part, end in order or with a reset, and one that nobody
// listens to says so.
func TestLeave(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests := []string{strings.Repeat("a", 50), strings.Repeat("b", 90)}
	saw := map[string]int{}
	random := rand.New(rand.NewPCG(1, 2))
	const clients = 60
	for range clients {
		done := make(chan error, 1)
		go func() { done <- Leave(l.Addr().String(), requests, random) }()
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(c)
		c.Close()
		switch text := string(b); {
		case err != nil:
			saw["reset"]++
		case text == requests[0] || text == requests[1]:
			saw["whole"]++
		case strings.HasPrefix(requests[0], text) || strings.HasPrefix(requests[1], text):
			saw["part"]++
		default:
			t.Errorf("sent %q", text)
		}
	}
	for _, what := range []string{"reset", "whole", "part"} {
		if saw[what] == 0 {
			t.Errorf("of %d clients none had %q: %v", clients, what, saw)
		}
	}
	l.Close()
	if Leave(l.Addr().String(), requests, random) == nil {
		t.Error("no error without a listener")
	}
}
