package http1

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestRequest(t *testing.T) {
	cases := []struct {
		head string
		want string // "target host length keepalive expect upgrade", or the error
	}{
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "/ a 0 true false false"},
		{"GET / HTTP/1.0\r\n\r\n", "/  0 false false false"},
		{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "/  0 true false false"},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", "/ a 0 false false false"},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", "/ a 0 true false true"},
		{"GET / HTTP/1.1\r\nHost:\r\n\r\n", "/  0 true false false"},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n", "/ a 5 true true false"},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", "/ a -1 true false false"},
		{"GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n", "/p?q h:1 0 true false false"},
		{"GET HTTPS://h/p HTTP/1.1\r\nHost: a\r\n\r\n", "/p h 0 true false false"},
		{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "* a 0 true false false"},
		{"GET * HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET http://h HTTP/1.1\r\nHost: a\r\n\r\n", "/ h 0 true false false"},
		{"GET http://h:1?q/r HTTP/1.1\r\nHost: a\r\n\r\n", "/?q/r h:1 0 true false false"},
		{"OPTIONS http://h HTTP/1.1\r\nHost: a\r\n\r\n", "* h 0 true false false"},
		{"OPTIONS http://h?q HTTP/1.1\r\nHost: a\r\n\r\n", "/?q h 0 true false false"},
		{"GET https://h HTTP/1.1\r\nHost: a\r\n\r\n", "/ h 0 true false false"},
		{"CONNECT h:80 HTTP/1.1\r\nHost: a\r\n\r\n", "h:80 a 0 true false false"},
		{"CONNECT h HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"CONNECT [::1] HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"CONNECT /p HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"CONNECT http://h:80/ HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n", ErrHost.Reason},
		{"GET http://?q HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET http:b/x HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET file:///x HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET ftp://h/p HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET http:///p HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET http://u@h/p HTTP/1.1\r\nHost: a\r\n\r\n", ErrHost.Reason},
		{"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET /% HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET /a%2 HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET /%2F%c3%A4?100%&%zz HTTP/1.1\r\nHost: a\r\n\r\n", "/%2F%c3%A4?100%&%zz a 0 true false false"},
		{"GET /p#f HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET p HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", ErrTarget.Reason},
		{"GET / HTTP/1.1\r\n\r\n", ErrHost.Reason},
		{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", ErrHost.Reason},
		{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ErrHost.Reason},
		{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", ErrVersion.Reason},
		{"GET / HTTP/1.2\r\nHost: a\r\n\r\n", "/ a 0 true false false"},
		{"GET / HTTP/1.9\r\nHost: a\r\nConnection: close\r\n\r\n", "/ a 0 false false false"},
		{"GET / HTTP/1.2\r\n\r\n", ErrHost.Reason},
		{"GET / HTTP/0.9\r\nHost: a\r\n\r\n", ErrVersion.Reason},
		{"GET / HTTP/1.x\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"GET / HTTP/x.1\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"GET / http/1.1\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"GET /\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{" GET / HTTP/1.1\r\nHost: a\r\n\r\n", ErrFirstLine.Reason},
		{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", ErrFieldName.Reason},
		{"GET / HTTP/1.1\r\nHost\r\n\r\n", ErrFieldName.Reason},
		{"GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n", ErrFieldName.Reason},
		{"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", ErrFold.Reason},
		{"GET / HTTP/1.1\r\n Host: a\r\n\r\n", ErrFold.Reason},
		{"GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n", ErrFieldValue.Reason},
		{"GET / HTTP/1.1\r\nHost: a\r\nA: b\x00c\r\n\r\n", ErrFieldValue.Reason},
		{"GET / HTTP/1.1\r\nHost: a\nA: b\r\n\r\n", ErrBareLF.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", ErrLength.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", ErrLength.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", ErrLength.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", ErrLength.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", ErrLength.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", ErrLength.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", ErrBothLengths.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", ErrCoding.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", ErrCoding.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", ErrCodingPlace.Reason},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", ErrCodingPlace.Reason},
		{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", ErrCodingPlace.Reason},
	}
	for _, tc := range cases {
		var r Request
		got := ""
		if end, _, err := End([]byte(tc.head), 0); err != nil {
			got = err.(*Fault).Reason
		} else if end != len(tc.head) {
			t.Errorf("%q: ends at %d", tc.head, end)
		} else if err := r.Parse([]byte(tc.head)); err != nil {
			got = err.(*Fault).Reason
		} else {
			got = fmt.Sprintf("%s %s %d %v %v %v", r.Target, r.Host, r.Length, r.KeepAlive, r.Expect, r.Upgrade)
		}
		if got != tc.want {
			t.Errorf("%q: %s, want %s", tc.head, got, tc.want)
		}
	}
}

// Which hosts there are is RFC 3986's to say (3.2.2, 3.2.3).
func TestHost(t *testing.T) {
	for _, good := range []string{"", "a", "a:80", "a:", "a.b-c_d~e", "127.0.0.1:8080", "[::1]", "[::1]:80", "[2001:db8::1]:", "[::ffff:1.2.3.4]",
		"[v1.a:b]", "xn--bcher-kva.example", "%C3%A4", "!$&'()*+,;="} {
		if !ValidHost([]byte(good)) {
			t.Errorf("%q is refused", good)
		}
	}
	for _, bad := range []string{"a:80:80", "a:b", "a:-1", "a:+1", "::1", "[::1", "::1]", "[]", "[]:80", "[::1]x", "[::1]80", "[1.2.3.4]", "[fe80::1%25lo]", "[fe80::1%lo]",
		"[v.a]", "[vg.a]", "[v1.]", "[v1a]", "{a}", "`", "a|b", "%zz", "%", "%a", "a%2", ":80", ":", "a b", "u@h", "a/b", "a?b", "a#b", "a\\b", "a<b", "\"a\"", "a\x7f", "\xc3\xa4", "a\tb", "[::1]:x"} {
		if ValidHost([]byte(bad)) {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// A head is found whole however it comes, and strings are where they were.
func TestEndAndIn(t *testing.T) {
	const head = "GET http://h/target HTTP/1.1\r\nHost: example\r\nA:  b \r\n\r\n"
	from := 0
	for n := range len(head) {
		end, next, err := End([]byte(head[:n]), from)
		if end != 0 || err != nil {
			t.Fatalf("%q: end %d, %v", head[:n], end, err)
		}
		from = next
	}
	if end, _, err := End([]byte(head+"more"), from); end != len(head) || err != nil {
		t.Fatalf("end %d, %v", end, err)
	}
	for _, empty := range []string{"GET http://h HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://h?q HTTP/1.1\r\nHost: a\r\n\r\n"} {
		buf := []byte(empty)
		var r Request
		if err := r.Parse(buf); err != nil {
			t.Fatal(err)
		}
		text := string(buf)
		if got, want := text[r.TargetAt:][:len(r.Target)]+" "+text[r.HostAt:][:len(r.Host)], string(r.Target)+" "+string(r.Host); got != want {
			t.Errorf("offsets give %q, want %q", got, want)
		}
	}
	var r Request
	if err := r.Parse([]byte(head)); err != nil {
		t.Fatal(err)
	}
	if got := head[r.TargetAt:][:len(r.Target)] + " " + head[r.HostAt:][:len(r.Host)]; got != "/target h" {
		t.Errorf("offsets give %q", got)
	}
	if name, value := r.Fields[1].In(head); name != "A" || value != "b" {
		t.Errorf("field %q, %q", name, value)
	}
}

func TestResponse(t *testing.T) {
	cases := []struct{ head, want string }{
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 5 true"},
		{"HTTP/1.1 200\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "200 5 true"},
		{"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", "200 -1 true"},
		{"HTTP/1.1 200 OK\r\n\r\n", "200 -2 false"},
		{"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", "200 5 false"},
		{"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\n", "200 5 true"},
		{"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n", "204 0 false"},
		{"HTTP/1.1 100 Continue\r\n\r\n", "100 0 true"},
		{"HTTP/1.1 2000 OK\r\n\r\n", ErrFirstLine.Reason},
		{"HTTP/1.1 099 OK\r\n\r\n", ErrFirstLine.Reason},
		{"HTTP/1.1 20 OK\r\n\r\n", ErrFirstLine.Reason},
		{"HTTP/2 200 OK\r\n\r\n", ErrFirstLine.Reason},
		{"HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\n", "200 5 true"},
		{"HTTP/1.1  200 OK\r\n\r\n", ErrFirstLine.Reason},
		{"ICY 200 OK 12\r\n\r\n", ErrFirstLine.Reason},
		{"HTTP/1.1 200 O\x01K\r\n\r\n", ErrFirstLine.Reason},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", ErrLength.Reason},
		{"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", ErrLength.Reason},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", ErrBothLengths.Reason},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", ErrCoding.Reason},
	}
	for _, tc := range cases {
		var r Response
		got := ""
		if err := r.Parse([]byte(tc.head), false); err != nil {
			got = err.(*Fault).Reason
		} else {
			got = fmt.Sprintf("%d %d %v", r.Status, r.Length, r.KeepAlive)
		}
		if got != tc.want {
			t.Errorf("%q: %s, want %s", tc.head, got, tc.want)
		}
	}
	var r Response
	if err := r.Parse([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), true); err != nil || r.Length != 0 || r.Declared != 5 {
		t.Errorf("to HEAD: length %d, declared %d, %v", r.Length, r.Declared, err)
	}
}

func TestKinds(t *testing.T) {
	for name, want := range map[string]Kind{
		"Host": Host, "HOST": Host, "date": Date, "TE": TE, "Expect": Expect, "UPGRADE": Upgrade, "Trailer": Trailer,
		"connection": Connection, "Keep-Alive": KeepAlive, "Content-Length": ContentLength, "Transfer-Encoding": TransferEncoding,
		"Proxy-Connection": ProxyConnection, "X-Forwarded-For": XForwardedFor, "x-forwarded-proto": XForwardedProto,
		"Sec-WebSocket-Extensions": WebSocketExtensions, "X-Ancm-Model": Proof, "X-Ancm-Front-Pid": Proof, "x-ancm-": Ancm, "X-ANCM-Error": Ancm, "X-Ancm-App-Pid": Other,
		"MS_ASPNETCORE_TOKEN": Underscored, "_": Underscored, "X-Forwarded_For": Underscored, "MS-ASPNETCORE_TOKEN": Module, "x-ancm_model": Underscored,
		"MS-ASPNETCORE": Module, "X-Other": Other, "MS-ASPNET": Other, "": Other, "Hos": Other,
	} {
		if got := KindOf([]byte(name)); got != want {
			t.Errorf("KindOf(%q) = %d, want %d", name, got, want)
		}
	}
	// Whatever its length, a module field is one.
	for n := range 40 {
		name := "Ms-AspNetCore" + strings.Repeat("x", n)
		if KindOf([]byte(name)) != Module {
			t.Errorf("KindOf(%q) is not Module", name)
		}
	}
}

// decode takes all data out of a chunked body that comes in pieces of this size.
func decode(body []byte, piece int) (data []byte, rest int, err error) {
	var c Chunked
	taken, here := 0, 0
	for {
		d, used, err := c.Next(body[taken:here])
		taken += used
		data = append(data, d...)
		switch {
		case err != nil:
			return data, taken, err
		case c.Done():
			return data, taken, nil
		case len(d) > 0:
		case here == len(body):
			return data, taken, io.ErrUnexpectedEOF
		default:
			here = min(len(body), here+piece)
		}
	}
}

func TestChunked(t *testing.T) {
	long := strings.Repeat("x", 3000)
	cases := []struct {
		body, want string
		err        error
	}{
		{"0\r\n", "", nil},
		{"3\r\nabc\r\n0\r\n", "abc", nil},
		{"3;a=b;c=\"d\"\r\nabc\r\nA\r\n0123456789\r\n000\r\n", "abc0123456789", nil},
		{"bb8\r\n" + long + "\r\n0\r\n", long, nil},
		{"3\r\nab", "ab", io.ErrUnexpectedEOF},
		{"3", "", io.ErrUnexpectedEOF},
		{"", "", io.ErrUnexpectedEOF},
		{"3\nabc\r\n0\r\n", "", ErrChunk},
		{"3\r\nabc\n0\r\n", "abc", ErrChunk},
		{"3\r\nabcd\r\n0\r\n", "abc", ErrChunk},
		{"\r\nabc", "", ErrChunk},
		{"-3\r\nabc", "", ErrChunk},
		{"+3\r\nabc", "", ErrChunk},
		{"0x3\r\nabc", "", ErrChunk},
		{"3 \r\nabc", "", ErrChunk},
		{" 3\r\nabc", "", ErrChunk},
		{"3 ;a\r\nabc\r\n0\r\n", "abc", nil},
		{"3 \t;a\r\nabc\r\n0\t;b\r\n", "abc", nil},
		{"00000000000000003\r\nabc\r\n0000000000000000000\r\n", "abc", nil},
		{"3 ;\r\nabc\r\n0\r\n", "abc", nil},
		{"3 a;b\r\nabc", "", ErrChunk},
		{"1000000000000000\r\nabc", "", ErrChunk},
		{"01000000000000000\r\nabc", "", ErrChunk},
		{"3;a\rb\r\nabc\r\n0\r\n", "", ErrChunk},
		{"3;a\x00\r\nabc\r\n0\r\n", "", ErrChunk},
		{"10000000000000003\r\nabc", "", ErrChunk},
		{"1;" + long + "\r\na\r\n0\r\n", "", ErrChunk},
		{strings.Repeat("1;"+long[:500]+"\r\na\r\n", 40) + "0\r\n", strings.Repeat("a", 32), ErrChunk},
	}
	for _, tc := range cases {
		for _, piece := range []int{1, 2, 7, len(tc.body) + 1} {
			got, _, err := decode([]byte(tc.body), piece)
			if string(got) != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%.40q in pieces of %d: %.40q, %v; want %.40q, %v", tc.body, piece, got, err, tc.want, tc.err)
			}
		}
	}
}

var sinkEnd int

func BenchmarkRequest(b *testing.B) {
	head := []byte("GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: wrk\r\nAccept: */*\r\n\r\n")
	var r Request
	b.ReportAllocs()
	for b.Loop() {
		sinkEnd, _, _ = End(head, 0)
		if r.Parse(head) != nil {
			b.Fatal("refused")
		}
	}
}

// Example code for the package: from bytes to meaning.
func ExampleRequest() {
	buf := []byte("POST /a HTTP/1.1\r\nHost: example\r\nContent-Length: 3\r\n\r\nabc")
	end, _, _ := End(buf, 0)
	var r Request
	if err := r.Parse(buf[:end]); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%s %s at %s, then %d bytes: %s\n", r.Method, r.Target, r.Host, r.Length, buf[end:])
	// Output: POST /a at example, then 3 bytes: abc
}
