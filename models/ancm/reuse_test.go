package ancm

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
)

// A connection to the app is used again only if no unsolicited bytes can be on it
// (OP-20). Each origin here does something wrong behind its answer to the first request
// on a connection. The next clients must get their own answers.
func TestOutOfProcessReuse(t *testing.T) {
	t.Run("OP-20_bytes_behind_an_answer_reach_nobody", func(t *testing.T) { eachFront(t, testSurplus) })
	t.Run("OP-20_early_answer_ends_the_connection", func(t *testing.T) { eachFront(t, testEarlyAnswer) })
	t.Run("OP-18_closing_origin_costs_no_request", func(t *testing.T) { eachFront(t, testClosingOrigin) })
}

const stray = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"

// numbered answers each request with its path.
func numbered(c net.Conn, head []string) {
	_, path, _ := strings.Cut(head[0], " ")
	path, _, _ = strings.Cut(path, " ")
	_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(path), path)
}

func testSurplus(t *testing.T, kind string) {
	for _, tc := range []struct{ name, method, first string }{
		{"a second answer", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|" + stray},
		{"bytes", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|x"},
		{"a line break", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|\r\n"},
		{"behind chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n|" + stray},
		{"body of HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n|hello"},
		{"chunked body of HEAD", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n|2\r\nok\r\n0\r\n\r\n"},
		{"body of 204", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n|hello"},
		{"body of 304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n|hello"},
		{"an informational response", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|HTTP/1.1 103 Early Hints\r\n\r\n"},
		{"an end", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|FIN"},
		{"a reset", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|RST"},
	} {
		// In one write, in two, and with time for the answer to go on alone.
		for _, wait := range []time.Duration{-1, 0, 500 * time.Microsecond} {
			sent := make(chan struct{}, 1)
			b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
				head, err := readHead(r)
				if err != nil {
					return
				}
				if !strings.Contains(head[0], "/first") {
					for ; err == nil; head, err = readHead(r) {
						numbered(c, head)
					}
					return
				}
				answer, more, _ := strings.Cut(tc.first, "|")
				misbehave(c, answer, more, wait)
				sent <- struct{}{}
				_, _ = io.Copy(io.Discard, r) // linger
			})
			address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
			first, _ := http.NewRequest(tc.method, "http://"+address+"/first", nil)
			resp, err := client(t).Do(first)
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			_ = resp.Body.Close()
			<-sent
			for i := range 3 {
				path := fmt.Sprint("/next/", i)
				resp, err := client(t).Get("http://" + address + path)
				if err != nil {
					t.Fatalf("%s, %v: the next client: %v", tc.name, wait, err)
				}
				got, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != 200 || string(got) != path || err != nil {
					t.Errorf("%s, %v: the next client asked for %s and got %d %q, %v", tc.name, wait, path, resp.StatusCode, got, err)
				}
			}
		}
	}
}

// misbehave sends an answer and unsolicited bytes.
func misbehave(c net.Conn, answer, more string, wait time.Duration) {
	if wait < 0 && more != "FIN" && more != "RST" {
		_, _ = io.WriteString(c, answer+more)
		return
	}
	_, _ = io.WriteString(c, answer)
	time.Sleep(wait)
	switch tcp := c.(*net.TCPConn); more {
	case "FIN":
		_ = tcp.CloseWrite()
	case "RST":
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	default:
		_, _ = io.WriteString(c, more)
	}
}

// If an answer is complete before its request was, no other request may use the
// connection.
func testEarlyAnswer(t *testing.T, kind string) {
	conns := make(chan net.Conn, 10)
	b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		conns <- c
		for {
			head, err := readHead(r)
			if err != nil {
				return
			}
			numbered(c, head) // the body is not waited for, and comes to stand for a request
		}
	})
	address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
	c := dial(t, address)
	const rest = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
	_, _ = fmt.Fprintf(c, "POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", len(rest))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(resp.Body); string(got) != "/early" {
		t.Errorf("the answer is %q", got)
	}
	<-conns
	_, _ = io.WriteString(c, rest)
	for i := range 3 {
		path := fmt.Sprint("/next/", i)
		resp, err := client(t).Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(resp.Body); string(got) != path {
			t.Errorf("the next client asked for %s and got %q", path, got)
		}
		_ = resp.Body.Close()
	}
	select {
	case <-conns:
	default:
		t.Error("the next clients went over the connection of the early answer")
	}
}

// No GET fails if an origin closes after each answer without saying so, in nine ways of
// closing.
func testClosingOrigin(t *testing.T, kind string) {
	for how := range 9 {
		b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
			head, err := readHead(r)
			if err != nil {
				return
			}
			numbered(c, head)
			tcp := c.(*net.TCPConn)
			time.Sleep([]time.Duration{0, 0, 0, 100 * time.Microsecond, 300 * time.Microsecond, time.Millisecond, 0, 200 * time.Microsecond, 0}[how])
			switch how {
			case 1, 4, 7: // linger
				_ = tcp.CloseWrite()
				_, _ = io.Copy(io.Discard, r)
			case 2, 5:
				_ = tcp.SetLinger(0)
			case 6: // only when the next request has come
				_, _ = r.Peek(1)
			case 8: // and with unread bytes, that is with a reset
				_, _ = r.Peek(1)
				_ = tcp.SetLinger(0)
			}
		})
		address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
		c := client(t)
		for i := range 40 {
			path := fmt.Sprint("/", i)
			resp, err := c.Get("http://" + address + path)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || string(got) != path {
				t.Errorf("way %d: request %d got %d %q", how, i, resp.StatusCode, got)
			}
			_ = resp.Body.Close()
		}
	}
}

// The unread body of a request harms neither that client's next request nor another
// client's, however its bytes arrive.
func TestUnreadBodyHarmsNoRequest(t *testing.T) {
	body := strings.Repeat("x", 20_000)
	requests := map[string]string{
		"length": fmt.Sprintf("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(body), body),
		"chunks": fmt.Sprintf("POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nA: b\r\n\r\n", len(body), body),
	}
	eachModel(t, func(t *testing.T, model, kind string) {
		if model == "reverseproxy" {
			t.Skip("skipped: net/http decides what becomes of a body there")
		}
		address := startModel(t, model, kind, app.Handler())
		if model == "out-of-process" && kind == httpsys.Lean { // behind the lean front, as the models have it
			address = startFront(t, kind, &Forwarder{Backends: Fixed(&Backend{Address: startFront(t, kind, &InProcess{Handler: app.Handler()}), Token: testToken})})
		}
		for name, request := range requests {
			for _, cut := range []int{0, 1, 60, 4096, 10_000, len(request) - 1} {
				c := dial(t, address)
				r := bufio.NewReader(c)
				_, _ = io.WriteString(c, request[:cut])
				if cut > 0 {
					time.Sleep(2 * time.Millisecond) // so that the pieces come one by one
				}
				_, _ = io.WriteString(c, request[cut:])
				if got := statuses(t, r, 1); !slices.Equal(got, []int{404}) {
					t.Errorf("%s cut at %d: %v", name, cut, got)
				}
				resp, err := client(t).Get("http://" + address + "/plaintext")
				if err != nil {
					t.Fatalf("%s cut at %d: another client: %v", name, cut, err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != 200 {
					t.Errorf("%s cut at %d: another client got %d", name, cut, resp.StatusCode)
				}
				_, _ = io.WriteString(c, "GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n")
				if got := statuses(t, r, 1); !slices.Equal(got, []int{200}) {
					t.Errorf("%s cut at %d: the client's next request: %v", name, cut, got)
				}
				_ = c.Close()
			}
		}
	})
}

// statuses reads so many responses.
func statuses(t *testing.T, r *bufio.Reader, n int) (out []int) {
	t.Helper()
	for range n {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Logf("after %v: %v", out, err)
			return out
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		out = append(out, resp.StatusCode)
	}
	return out
}
