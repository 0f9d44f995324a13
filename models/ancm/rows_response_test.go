package ancm

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"ancmbench/models/httpsys"
)

func testResponseThrough(t *testing.T, kind string) {
	t.Run("status_and_fields", func(t *testing.T) { testStatusAndFields(t, kind) })
	t.Run("body_framings", func(t *testing.T) { testFramings(t, kind) })
	t.Run("streamed_with_a_flush_per_read", func(t *testing.T) { testStreamed(t, kind) })
	t.Run("trailers", func(t *testing.T) { testTrailers(t, kind) })
	t.Run("informational", func(t *testing.T) { testInformational(t, kind) })
	t.Run("expect_100", func(t *testing.T) { testExpect(t, kind) })
}

// startAnswers returns an origin that answers each request with the same bytes.
func startAnswers(t testing.TB, answer string, closing bool) *Backend {
	return startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			if _, err := readHead(r); err != nil {
				return
			}
			if _, err := io.WriteString(c, answer); err != nil || closing {
				return
			}
		}
	})
}

func testStatusAndFields(t *testing.T, kind string) {
	b := startAnswers(t, "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nDate: yesterday\r\nConnection: X-Hop, keep-alive\r\n"+
		"X-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nUpgrade: h2c\r\nX-Ancm-Model: forged\r\nX-Ancm-Front-Pid: forged\r\n"+
		"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Stays: x,  y\r\nServer: app\r\nContent-Length: 0\r\n\r\n", false)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
	resp, err := client(t).Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 307 {
		t.Errorf("status %d, want 307: redirects are not followed", resp.StatusCode)
	}
	if want := "307 Elsewhere"; kind == httpsys.Lean && resp.Status != want { // net/http has no way to
		t.Errorf("status line %q, want %q", resp.Status, want)
	}
	for name, want := range map[string]string{
		"Location": "[http://127.0.0.1:1/]", "X-Hop": "[]", "Keep-Alive": "[]", "Proxy-Connection": "[]", "Upgrade": "[]",
		"X-Ancm-Model": "[test]", "Set-Cookie": "[a=1 b=2]", "X-Stays": "[x,  y]", "Server": "[app]", "Content-Type": "[]",
	} {
		if got := fmt.Sprint(resp.Header.Values(name)); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	if d, err := http.ParseTime(resp.Header.Get("Date")); err != nil || time.Since(d).Abs() > time.Minute {
		t.Errorf("Date = %q, want the front's", resp.Header.Get("Date"))
	}
}

func testFramings(t *testing.T, kind string) {
	big := strings.Repeat("0123456789abcdef", 8<<10) // beyond every buffer
	cases := []struct {
		name, method, answer, body string
		closing                    bool
		length                     int64
	}{
		{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc", false, 3},
		{"long", "GET", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(big), big), big, false, int64(len(big))},
		{"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", "abcd", false, -1},
		{"long chunk", "GET", fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(big), big), big, false, -1},
		{"until close", "GET", "HTTP/1.1 200 OK\r\n\r\nabc", "abc", true, -1},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\n\r\nabc", "abc", true, -1},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "", false, 3},
		{"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", "", false, 0},
		{"304", "GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", "", false, 0},
		{"no reason", "GET", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc", "abc", false, 3},
	}
	for _, tc := range cases {
		b := startAnswers(t, tc.answer, tc.closing)
		address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
		c := client(t)
		for range 3 {
			r, _ := http.NewRequest(tc.method, "http://"+address+"/", http.NoBody)
			resp, err := c.Do(r)
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
				break
			}
			got, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || string(got) != tc.body || resp.ContentLength != tc.length {
				t.Errorf("%s: %d bytes, length %d, error %v; want %d bytes, length %d", tc.name, len(got), resp.ContentLength, err, len(tc.body), tc.length)
			}
		}
	}
}

// Each piece arrives before the app sends the next, in both directions.
func testStreamed(t *testing.T, kind string) {
	address := startFront(t, kind, &Forwarder{Backends: Fixed(startApp(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		_ = control.EnableFullDuplex()
		buf := make([]byte, 1)
		for {
			if _, err := r.Body.Read(buf); err != nil {
				return
			}
			_, _ = w.Write([]byte(strings.ToUpper(string(buf))))
			_ = control.Flush()
		}
	})))})
	pr, pw := io.Pipe()
	r, _ := http.NewRequest("POST", "http://"+address, pr)
	go func() { _, _ = pw.Write([]byte("a")) }()
	resp, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	buf := make([]byte, 8)
	for _, letter := range []string{"a", "b", "c"} {
		if letter != "a" {
			if _, err := io.WriteString(pw, letter); err != nil {
				t.Fatal(err)
			}
		}
		n, err := resp.Body.Read(buf)
		if err != nil || string(buf[:n]) != strings.ToUpper(letter) {
			t.Fatalf("after sending %q: %q, %v", letter, buf[:n], err)
		}
	}
	_ = pw.Close()
	if rest, err := io.ReadAll(resp.Body); err != nil || len(rest) > 0 {
		t.Errorf("at the end: %q, %v", rest, err)
	}
}

func testTrailers(t *testing.T, kind string) {
	// httputil.ReverseProxy does not forward request trailers: it clones the
	// request before they are there.
	for _, model := range []string{"in-process", "out-of-process"} {
		t.Run(model, func(t *testing.T) { testTrailersOf(t, startModel(t, model, kind, nil)) })
	}
}

func testTrailersOf(t *testing.T, address string) {
	r, _ := http.NewRequest("POST", "http://"+address+"/echo", io.MultiReader(strings.NewReader("body")))
	r.Trailer = http.Header{"X-Sum": {"42"}}
	resp, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || string(body) != "body" || resp.Trailer.Get("X-Sum") != "42" {
		t.Errorf("body %q, %v, trailers %v", body, err, resp.Trailer)
	}
	// Not announced, which http.Client cannot do.
	raw, _ := sendRaw(t, address, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 43\r\nContent-Length: 9\r\n\r\n")
	body, err = io.ReadAll(raw.Body)
	if err != nil || string(body) != "body" || fmt.Sprint(raw.Trailer) != "map[X-Sum:[43]]" {
		t.Errorf("unannounced: body %q, %v, trailers %v", body, err, raw.Trailer)
	}
}

func testInformational(t *testing.T, kind string) {
	b := startAnswers(t, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
	var links []string
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		links = append(links, fmt.Sprint(code, h.Get("Link")))
		return nil
	}}
	r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), "GET", "http://"+address, http.NoBody)
	resp, err := client(t).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 200 || fmt.Sprint(links) != "[103</a> 103</b>]" && fmt.Sprint(links) != "[103 </a> 103 </b>]" {
		t.Errorf("status %d, informational %q", resp.StatusCode, links)
	}
}

// The app decides whether a client that waits for 100 must send its body.
func testExpect(t *testing.T, kind string) {
	ask := func(address, path string) (net.Conn, *bufio.Reader, string) {
		c := dial(t, address)
		_, _ = io.WriteString(c, "POST "+path+" HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
		r := bufio.NewReader(c)
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return c, r, strings.TrimSpace(line)
	}
	address := startModel(t, "out-of-process", kind, nil)
	c, r, line := ask(address, "/echo")
	if line != "HTTP/1.1 100 Continue" {
		t.Fatalf("wanted: %q", line)
	}
	_, _ = r.ReadString('\n')
	_, _ = io.WriteString(c, "body")
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "body" {
		t.Errorf("wanted: body %q, %v", body, err)
	}
	if _, _, line := ask(address, "/nothing"); !strings.HasPrefix(line, "HTTP/1.1 404") {
		t.Errorf("not wanted: %q, want 404 at once", line)
	}
	silent := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		_, _ = readHead(r)
		body := make([]byte, 4)
		_, _ = io.ReadFull(r, body)
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n%s", body)
	})
	c, r, line = ask(startFront(t, kind, &Forwarder{Backends: Fixed(silent), ContinueTimeout: 20 * time.Millisecond}), "/")
	if line != "HTTP/1.1 100 Continue" {
		t.Fatalf("an app that never asks: %q", line)
	}
	_, _ = r.ReadString('\n')
	_, _ = io.WriteString(c, "late")
	if resp, err := http.ReadResponse(r, nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("an app that never asks: %v, %v", resp, err)
	}
}

func testWebSocket(t *testing.T, kind string) {
	address := startFront(t, kind, &Forwarder{Backends: Fixed(startApp(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refused" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		if v := r.Header.Values("Sec-WebSocket-Extensions"); len(v) > 0 {
			t.Errorf("the app was offered extensions %q", v)
		}
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
		if err != nil {
			t.Error(err)
			return
		}
		c.SetReadLimit(1 << 20)
		for {
			kind, message, err := c.Read(r.Context())
			if err != nil {
				return
			}
			if c.Write(r.Context(), kind, append([]byte("echo "), message...)) != nil {
				return
			}
		}
	})))})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, resp, err := websocket.Dial(ctx, "ws://"+address+"/", &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Header.Get("X-Ancm-Model") != "test" {
		t.Errorf("the 101 does not say who served it: %v", resp.Header)
	}
	for _, size := range []int{0, 10, 100_000} {
		sent := strings.Repeat("x", size)
		if err := c.Write(ctx, websocket.MessageText, []byte(sent)); err != nil {
			t.Fatal(err)
		}
		c.SetReadLimit(1 << 20)
		if _, got, err := c.Read(ctx); err != nil || string(got) != "echo "+sent {
			t.Fatalf("%d bytes came back as %d, %v", size, len(got), err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("close: %v", err)
	}
	_, resp, err = websocket.Dial(ctx, "ws://"+address+"/refused", nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a refused handshake: %v, %v", resp, err)
	}
}
