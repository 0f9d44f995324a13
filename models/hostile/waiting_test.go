package hostile_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// A client that waits for 100 gets it, sends its body, and gets its answer.
func TestExpectationIsMet(t *testing.T) {
	for _, p := range places(t) {
		for _, framing := range []struct{ fields, body string }{{"Content-Length: 3\r\n", "abc"}, {"Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"}} {
			c, client, err := p.dial()
			if err != nil {
				t.Fatal(err)
			}
			_ = c.SetDeadline(time.Now().Add(patience))
			r := bufio.NewReader(c)
			status := func() int {
				resp, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Fatalf("%s, %q: %v", p.name, framing.fields, err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				return resp.StatusCode
			}
			_, _ = io.WriteString(c, "POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"+framing.fields+"\r\n")
			if got := status(); got != 100 {
				t.Errorf("%s, %q: %d instead of 100", p.name, framing.fields, got)
			}
			_, _ = io.WriteString(c, framing.body+endRequest)
			if first, second := status(), status(); first != 200 || second != 200 {
				t.Errorf("%s, %q: %d and %d", p.name, framing.fields, first, second)
			}
			if saw := p.app.take(client); len(saw) != 2 || saw[0].text != `POST /p a "abc"` {
				t.Errorf("%s, %q: the app saw %q", p.name, framing.fields, saw)
			}
			_ = c.Close()
		}
	}
}

// A body that the app does not read costs nobody an answer: its client goes on, or is
// told that it cannot, and the next client is served at once.
func TestUnreadBodies(t *testing.T) {
	for _, p := range places(t) {
		for _, size := range []int{0, 1, 100, 4096, 20_000, 60_000} {
			body := strings.Repeat("x", size)
			for name, framed := range map[string]string{
				"length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, body),
				"chunks": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x;\r\n%s\r\n0\r\n\r\n", max(size, 1), body+map[bool]string{true: "x"}[size == 0]),
			} {
				request := "POST /unread HTTP/1.1\r\nHost: a\r\n" + framed
				for _, cut := range []int{len(request) - 1, len(request) / 2, 30} {
					got := exchange(p, p.dial, request[:cut], request[cut:])
					if !slices.Contains([]string{"404; kept", "404; closed"}, got) {
						t.Errorf("%s, %d bytes, %s, cut at %d: %s", p.name, size, name, cut, got)
					}
					if got := exchange(p, p.dial, "GET /p HTTP/1.1\r\nHost: a\r\n\r\n"); got != `GET /p a ""; kept` {
						t.Errorf("%s, %d bytes, %s, cut at %d: the next client: %s", p.name, size, name, cut, got)
					}
				}
			}
		}
	}
}
