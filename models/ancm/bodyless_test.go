package ancm

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ancmbench/models/httpsys"
	"ancmbench/models/internal/selfsigned"
)

func TestBodyless(t *testing.T) {
	t.Run("OP-09_no_length_where_nobody_said_one", func(t *testing.T) { eachFront(t, testBodylessAnswers) })
	t.Run("OP-08_no_length_added_to_a_request_without_body", func(t *testing.T) { eachFront(t, testBodylessRequests) })
	t.Run("OP-21_underscores_and_the_modules_fields", func(t *testing.T) { eachFront(t, testForeignFields) })
}

// rawHead returns the head of the answer as it was on the wire, in small letters.
func rawHead(t *testing.T, address, request string) string {
	t.Helper()
	c := dial(t, address)
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	var head strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%q after %q", err, head.String())
		}
		if head.WriteString(strings.ToLower(line)); line == "\r\n" {
			return head.String()
		}
	}
}

// 204 and 1xx have no length at all; 304 and the answer to HEAD have one only if the
// app says it (RFC 9110, 8.6).
func testBodylessAnswers(t *testing.T, kind string) {
	inProcess := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := r.URL.Query().Get("length"); v != "" {
			w.Header().Set("Content-Length", v)
		}
		w.WriteHeader(map[string]int{"/204": 204, "/304": 304, "/200": 200}[r.URL.Path])
	})
	origin := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			head := "HTTP/1.1 " + q.URL.Path[1:] + " X\r\n"
			if v := q.URL.Query().Get("length"); v != "" {
				head += "Content-Length: " + v + "\r\n"
			}
			_, _ = io.WriteString(c, head+"\r\n")
		}
	})
	for model, h := range map[string]httpsys.Handler{
		"in-process":     &InProcess{Handler: inProcess},
		"out-of-process": &Forwarder{Backends: Fixed(origin)},
	} {
		address := startFront(t, kind, h)
		for _, tc := range []struct{ method, target, length string }{
			{"GET", "/204", ""},
			{"GET", "/304", ""},
			{"GET", "/304?length=7", "7"},
			{"HEAD", "/304", ""},
			{"HEAD", "/200?length=7", "7"},
			{"HEAD", "/204", ""},
		} {
			head := rawHead(t, address, tc.method+" "+tc.target+" HTTP/1.1\r\nHost: a\r\n\r\n")
			_, rest, found := strings.Cut(head, "\r\ncontent-length: ")
			length, _, _ := strings.Cut(rest, "\r\n")
			if kind == httpsys.NetHTTP && tc.target == "/304?length=7" {
				tc.length = "" // net/http leaves it out, as it may
			}
			if found != (tc.length != "") || length != tc.length || strings.Contains(head, "transfer-encoding") {
				t.Errorf("%s, %s %s: %q, want length %q", model, tc.method, tc.target, head, tc.length)
			}
		}
	}
	// Over HTTP/2 as well.
	address := startFront(t, kind, &Forwarder{Backends: Fixed(origin)}, withTLS(selfsigned.Certificate(t)))
	for target, want := range map[string]int64{"/304": -1, "/204": -1, "/304?length=7": 7} {
		resp, err := http2Client(t).Get("https://" + address + target)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		got := resp.Header.Get("Content-Length")
		if resp.ProtoMajor != 2 || (want < 0) != (got == "") {
			t.Errorf("%s %s: Content-Length %q", resp.Proto, target, got)
		}
	}
}

// The forwarder passes on what the client says of a body that is empty, and adds
// nothing.
func testBodylessRequests(t *testing.T, kind string) {
	rec := startRecorder(t)
	address := startFront(t, kind, &Forwarder{Backends: Fixed(rec.Backend)})
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "DELETE", "M-OWN"} {
		sendRaw(t, address, method+" / HTTP/1.1\r\nHost: a\r\n\r\n")
		wantValues(t, <-rec.heads, "Content-Length")
		sendRaw(t, address, method+" / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
		wantValues(t, <-rec.heads, "Content-Length", "0")
	}
}

// Fields with an underscore in their names do not reach the app, whose server might
// take them for others. Fields that only the module may set do not come back from the
// app.
func testForeignFields(t *testing.T, kind string) {
	heads := make(chan []string, 1)
	b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		head, err := readHead(r)
		if err != nil {
			return
		}
		heads <- head
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nMS-ASPNETCORE-TOKEN: leak\r\nms-aspnetcore-x: y\r\n"+
			"X-Ancm-Error: 502.5\r\nx-ancm-whatever: z\r\nX-Ancm-Model: forged\r\nX-Ancm-App-Pid: 7\r\nX_Under: stays\r\nX-Other: stays\r\n\r\n")
	})
	address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
	resp, _ := sendRaw(t, address, "GET / HTTP/1.1\r\nHost: a\r\nMS_ASPNETCORE_TOKEN: x\r\nX_Forwarded_For: 1.2.3.4\r\nContent_Length: 5\r\n"+
		"X-Forwarded_Proto: https\r\n_: y\r\nX-Kept: 1\r\n\r\n")
	for _, line := range (<-heads)[1:] {
		if name, _, _ := strings.Cut(line, ":"); strings.Contains(name, "_") {
			t.Errorf("the app got %q", line)
		}
	}
	var got []string
	for name := range resp.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "ms-") || strings.HasPrefix(lower, "x-") || strings.HasPrefix(lower, "x_") {
			got = append(got, lower+"="+resp.Header.Get(name))
		}
	}
	slices.Sort(got)
	for _, line := range got {
		switch name, value, _ := strings.Cut(line, "="); {
		case name == "x-ancm-model" && value == "test", name == "x-ancm-front-pid", name == "x-ancm-app-pid" && value == "7", value == "stays":
		default:
			t.Errorf("the client got %s", line)
		}
	}
	if len(got) != 5 {
		t.Errorf("the client got %q", got)
	}
}
