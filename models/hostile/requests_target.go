package hostile

import (
	"fmt"
	"strings"
)

// targetRequests returns forms of the request target (RFC 9112, 3.2).
func targetRequests() []Request {
	var out []Request
	// RFC 3986, 3.3 and 3.4: what a path and a query may hold goes through byte by byte.
	for _, t := range []string{"/", "/p?q", "/p?", "/p??", "/?/", "//b/p", "//", "/p//q", "/p;x=y", "/%41", "/%2e%2e/p", "/%2f", "/%00", "/%0d%0aX:y", "/../p", "/./p", "/p/..",
		"/p?a=b&c=%20", "/~!$&'()*+,;=:@", "/p?~!$&'()*+,;=:@/?", "/http://b/p", "/*", "/p:80", "/p?http://b/", "/GET", "/p%23f"} {
		out = append(out, Request{Name: "target: " + t, Input: line("GET " + t + " HTTP/1.1"), Want: "GET " + t + ` a ""; kept`})
	}
	// No URI may hold these (RFC 3986, 2), and servers take them all the same: see Open.
	for _, t := range []string{`/p"q`, "/<p>", `/p\q`, "/p^q", "/p`q", "/{p}", "/p|q", "/[p]", `/p?"<>\^{|}`} {
		out = append(out, Request{Name: "target: " + t, Input: line("GET " + t + " HTTP/1.1"), Want: "GET " + t + ` a ""; kept`})
	}
	for _, t := range []string{"/%zz", "/%", "/%4", "/%4g/p", "/p#f", "/p?q#f", "#", "#f", "/#", "p", "p/q", "?q", "..", ":", "a:80", "a:80/p", "b.c/p", "-", "%2Fp", "**", "*/p",
		"file:///etc/passwd", "ftp://b/p", "ws://b/p", "gopher://b/", "javascript:x", "data:,x", "urn:x:y", "http", "http:", "http:/", "http:/p", "http:b/x", "http//b/p",
		"http://", "http:///x", "http://:80/", "http://:80/p", "http://?q", "http://#f", "http://b#f", "http://b/p#f", "https://", "https:///p",
		"http://u@b/p", "http://u:p@b/p", "http://@b/p", "http://b:80:80/p", "http://b:x/p", "http://b:-1/p", "http://[::1/p", "http://::1/p", "http://[]/p", "http://{b}/p", "http://b|c/p",
		`http://b\c/p`, "http://%zz/p", "http://\"b\"/p", "httpx://b/p", "://b/p"} {
		r := Request{Name: "target: " + t, Input: line("GET " + t + " HTTP/1.1"), Want: bad}
		if strings.Contains(t, "@") {
			r.Except = stdlib(`GET /p b ""; kept`, "net/http takes user information, and drops it")
		}
		out = append(out, r)
	}
	// RFC 3986, 2: no URI has a control, a space or a byte above 0x7e.
	for _, c := range []byte("\x00\x01\x07\x08\x0b\x0c\x1b\x1f\x7f\x80\xa0\xc3\xff") {
		out = append(out, Request{Name: fmt.Sprintf("target: with 0x%02x", c), Input: line("GET /p" + string([]byte{c}) + " HTTP/1.1"), Want: bad},
			Request{Name: fmt.Sprintf("target: query with 0x%02x", c), Input: line("GET /p?" + string([]byte{c}) + " HTTP/1.1"), Want: bad})
	}
	for t, want := range map[string]string{
		"http://b/p": "/p b", "https://b/p": "/p b", "HTTP://B/p": "/p B", "hTtPs://b/": "/ b", "http://b:80/p": "/p b:80", "http://b:/p": "/p b:", "http://[::1]/p": "/p [::1]",
		"http://[::1]:80/p?q": "/p?q [::1]:80", "http://b//c/p": "//c/p b", "http://b/../p": "/../p b", "http://b/http://c/p": "/http://c/p b", "http://a/p": "/p a", "http://b,c/p": "/p b,c",
		// RFC 9110, 4.2.3: an empty path is a slash.
		"http://b": "/ b", "http://b?q": "/?q b", "http://b:80": "/ b:80",
	} {
		out = append(out, Request{Name: "target: " + t, Input: line("GET " + t + " HTTP/1.1"), Want: "GET " + want + ` ""; kept`})
	}
	return append(out,
		Request{Name: "target: absolute without a Host", Input: "GET http://b/p HTTP/1.1\r\n\r\n", Want: bad},
		Request{Name: "target: absolute with a bad Host", Input: "GET http://b/p HTTP/1.1\r\nHost: {x}\r\n\r\n", Want: bad},
		Request{Name: "target: absolute in HTTP/1.0 without a Host", Input: "GET http://b/p HTTP/1.0\r\n\r\n", Want: `GET /p b ""; closed`},
		Request{Name: "target: absolute with a body", Input: "POST http://b/p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `POST /p b "abc"; kept`},
		Request{Name: "target: OPTIONS *", Input: line("OPTIONS * HTTP/1.1"), Want: `OPTIONS * a ""; kept`},
		Request{Name: "target: OPTIONS * in HTTP/1.0", Input: line("OPTIONS * HTTP/1.0"), Want: `OPTIONS * a ""; closed`},
		Request{Name: "target: OPTIONS * with a body", Input: "OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `OPTIONS * a "abc"; kept`},
		Request{Name: "target: OPTIONS /*", Input: line("OPTIONS /* HTTP/1.1"), Want: `OPTIONS /* a ""; kept`},
		Request{Name: "target: OPTIONS *?q", Input: line("OPTIONS *?q HTTP/1.1"), Want: bad},
		Request{Name: "target: OPTIONS **", Input: line("OPTIONS ** HTTP/1.1"), Want: bad},
		Request{Name: "target: OPTIONS http://b", Input: line("OPTIONS http://b HTTP/1.1"), Want: `OPTIONS * b ""; kept`, // RFC 9112, 3.2.4
			Except: stdlib(`OPTIONS / b ""; kept`, "net/http takes an empty path for a slash whatever the method")},
		Request{Name: "target: options *", Input: line("options * HTTP/1.1"), Want: bad},
		Request{Name: "target: GET *", Input: line("GET * HTTP/1.1"), Want: bad},
		Request{Name: "target: HEAD *", Input: line("HEAD * HTTP/1.1"), Want: bad},
		Request{Name: "target: POST * with a body", Input: "POST * HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: bad},
		Request{Name: "target: CONNECT", Input: line("CONNECT b:1 HTTP/1.1"), Want: `CONNECT b:1 a ""; kept`, Except: connect(`CONNECT b:1 b:1 ""; kept`)},
		Request{Name: "target: CONNECT [::1]:1", Input: line("CONNECT [::1]:1 HTTP/1.1"), Want: `CONNECT [::1]:1 a ""; kept`, Except: connect(`CONNECT [::1]:1 [::1]:1 ""; kept`)},
		Request{Name: "target: CONNECT with a body", Input: "CONNECT b:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `CONNECT b:1 a "abc"; kept`, Except: connect(`CONNECT b:1 b:1 "abc"; kept`)},
		Request{Name: "target: CONNECT in chunks", Input: "CONNECT b:1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Want: `CONNECT b:1 a "abc"; kept`, Except: connect(`CONNECT b:1 b:1 "abc"; kept`)},
		Request{Name: "target: CONNECT with a request as its body", Input: "CONNECT b:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 35\r\n\r\n" + Smuggled,
			Want: `CONNECT b:1 a "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"; kept`, Except: connect(`CONNECT b:1 b:1 "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"; kept`)},
		Request{Name: "target: CONNECT without a port", Input: line("CONNECT b HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT with an empty port", Input: line("CONNECT b: HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT without a host", Input: line("CONNECT :1 HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT /p", Input: line("CONNECT /p HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT *", Input: line("CONNECT * HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT http://b:1/", Input: line("CONNECT http://b:1/ HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT b:1/p", Input: line("CONNECT b:1/p HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT b:x", Input: line("CONNECT b:x HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT u@b:1", Input: line("CONNECT u@b:1 HTTP/1.1"), Want: bad},
		Request{Name: "target: CONNECT b:1:1", Input: line("CONNECT b:1:1 HTTP/1.1"), Want: bad},
	)
}

// connect returns the outcomes of CONNECT in the forwarder and in net/http.
func connect(stdlib string) []Exception {
	return []Exception{{"out-of-process", "501; kept", "the module does not tunnel; in-process the app decides"},
		{"stdlib", stdlib, "net/http takes the host from the target, which ought to be the same (RFC 9112, 3.2)"}}
}
