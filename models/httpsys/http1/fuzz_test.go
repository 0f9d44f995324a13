package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"regexp"
	"strings"
	"testing"

	"ancmbench/models/hostile"
)

// The law of these fuzz tests: what this package accepts, net/http accepts too
// and understands in the same way. (net/http accepts more.)

func FuzzRequest(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /p?q HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, x\r\n\r\n",
		"GET http://h:80/p HTTP/1.0\r\nHost: b\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: [::1]:1\r\nA:\tb\t\r\nA: c\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"GET / HTTP/1.1\nHost: a\n\n",
	} {
		f.Add([]byte(s))
	}
	for _, r := range hostile.Requests() {
		f.Add([]byte(r.Input))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		end, next, err := End(in, 0)
		if end > len(in) || next > len(in) {
			t.Fatalf("End gives %d, %d of %d", end, next, len(in))
		}
		if err != nil || end == 0 {
			return
		}
		var r Request
		if r.Parse(bytes.Clone(in[:end])) != nil || string(r.Method) == "CONNECT" {
			return
		}
		q, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in[:end])))
		if err != nil {
			// Reasons of its own that do not concern how a message is cut.
			for _, harmless := range []string{"invalid URL escape", "invalid method", "invalid host", "malformed Host", "invalid port", "parse ", "bad trailer key", "invalid character"} {
				if strings.Contains(err.Error(), harmless) {
					return
				}
			}
			t.Fatalf("accepted %q, net/http says %v", in[:end], err)
		}
		if q.Method != string(r.Method) || q.Host != string(r.Host) {
			t.Errorf("%q: %s %s, net/http: %s %s", in[:end], r.Method, r.Host, q.Method, q.Host)
		}
		if q.ContentLength != r.Length {
			t.Errorf("%q: length %d, net/http: %d", in[:end], r.Length, q.ContentLength)
		}
		if q.Close == r.KeepAlive {
			t.Errorf("%q: keep-alive %v, net/http: close %v", in[:end], r.KeepAlive, q.Close)
		}
		sameFields(t, r.Fields, q.Header)
	})
}

// sameFields compares those that net/http leaves in the header.
func sameFields(t *testing.T, fields []Field, h http.Header) {
	t.Helper()
	got := http.Header{}
	for _, f := range fields {
		switch f.Kind {
		case Host, TransferEncoding, ContentLength, Trailer, Connection:
			continue
		}
		name := textproto.CanonicalMIMEHeaderKey(string(f.Name))
		got[name] = append(got[name], string(f.Value))
	}
	for name, want := range h {
		switch name {
		case "Content-Length", "Connection", "Pragma", "Cache-Control":
			continue
		}
		if strings.Join(got[name], "\n") != strings.Join(want, "\n") {
			t.Errorf("%s = %q, net/http: %q", name, got[name], want)
		}
	}
}

func FuzzResponse(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
		"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.0 304 Not Modified\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	for _, a := range hostile.Answers() {
		f.Add([]byte(a.Bytes), a.Method == "HEAD")
	}
	f.Fuzz(func(t *testing.T, in []byte, head bool) {
		end, _, err := End(in, 0)
		if err != nil || end == 0 {
			return
		}
		var r Response
		if r.Parse(in[:end], head) != nil {
			return
		}
		method := "GET"
		if head {
			method = "HEAD"
		}
		q, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(in[:end])), &http.Request{Method: method})
		if err != nil {
			if strings.Contains(err.Error(), "bad trailer key") {
				return
			}
			t.Fatalf("accepted %q, net/http says %v", in[:end], err)
		}
		defer q.Body.Close()
		if q.StatusCode != r.Status {
			t.Errorf("%q: status %d, net/http: %d", in[:end], r.Status, q.StatusCode)
		}
		want := map[bool]int64{true: -1, false: r.Length}[r.Length < 0]
		if head {
			want = r.Declared
		}
		if got := q.ContentLength; got != want && !(got <= 0 && want <= 0 && r.Length == 0) && r.Status != 304 {
			t.Errorf("%q: length %d, net/http: %d", in[:end], want, got)
		}
		if r.Length == -1 != (len(q.TransferEncoding) > 0) && r.Length != 0 {
			t.Errorf("%q: chunked %v, net/http: %v", in[:end], r.Length == -1, q.TransferEncoding)
		}
		sameFields(t, r.Fields, q.Header)
	})
}

// looserSize is what RFC 9112, 7.1 allows of a size line and net/http does not: more
// digits than sixteen, and white space before an extension.
var looserSize = regexp.MustCompile(`(?m)^(0[0-9A-Fa-f]{16,}|[0-9A-Fa-f]+[ \t]+;)`)

func FuzzChunked(f *testing.F) {
	for _, s := range []string{"0\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n", "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "5\r\nabc", "3\r\nabcd\r\n", "fffffffffffffff\r\n"} {
		f.Add([]byte(s), byte(3))
	}
	for _, r := range hostile.Requests() {
		if _, body, _ := strings.Cut(r.Input, "\r\n\r\n"); body != "" {
			f.Add([]byte(body), byte(1))
		}
	}
	for _, a := range hostile.Answers() {
		if _, body, _ := strings.Cut(a.Bytes, "\r\n\r\n"); body != "" {
			f.Add([]byte(body), byte(1))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte, piece byte) {
		got, rest, err := decode(in, int(piece)+1)
		all, restAll, errAll := decode(in, len(in)+1)
		if !bytes.Equal(got, all) && errAll == nil || rest != restAll && errAll == nil || (err == nil) != (errAll == nil) {
			t.Fatalf("%q in pieces of %d: %q, %d, %v; whole: %q, %d, %v", in, int(piece)+1, got, rest, err, all, restAll, errAll)
		}
		if errAll != nil {
			return
		}
		reader := bytes.NewReader(in)
		want, err := io.ReadAll(httputil.NewChunkedReader(bufio.NewReader(reader)))
		if err != nil && err != io.ErrUnexpectedEOF {
			if looserSize.Match(in) {
				return
			}
			t.Fatalf("accepted %q, net/http says %v", in, err)
		}
		if !bytes.Equal(want, all) {
			t.Fatalf("%q: %q, net/http: %q", in, all, want)
		}
	})
}
