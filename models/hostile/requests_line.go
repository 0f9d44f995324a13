package hostile

import (
	"fmt"
	"strings"
)

const bareLF = "RFC 9112, 2.2 lets a recipient take a bare LF for the end of a line; net/http does"

// lineRequests returns forms of the request line (RFC 9112, 3): method, spaces, line ends.
func lineRequests() []Request {
	out := []Request{
		{Name: "line: plain", Input: line("GET /p HTTP/1.1"), Want: plain},
		{Name: "line: one leading empty line", Input: "\r\n" + get(""), Want: plain, Todo: todo("nethttp", "a leading CRLF is refused")},
		{Name: "line: two leading empty lines", Input: "\r\n\r\n" + get(""), Want: bad},
		{Name: "line: leading bare LF", Input: "\n" + get(""), Want: bad},
		{Name: "line: leading bare CR", Input: "\r" + get(""), Want: bad},
		{Name: "line: leading space", Input: " " + get(""), Want: bad},
		{Name: "line: leading tab", Input: "\t" + get(""), Want: bad},
		{Name: "line: leading NUL", Input: "\x00" + get(""), Want: bad},
		{Name: "line: byte order mark", Input: "\xef\xbb\xbf" + get(""), Want: bad},
		{Name: "line: two spaces before the target", Input: line("GET  /p HTTP/1.1"), Want: bad},
		{Name: "line: two spaces before the version", Input: line("GET /p  HTTP/1.1"), Want: bad},
		{Name: "line: tab before the target", Input: line("GET\t/p HTTP/1.1"), Want: bad},
		{Name: "line: tab before the version", Input: line("GET /p\tHTTP/1.1"), Want: bad},
		{Name: "line: form feed before the target", Input: line("GET\f/p HTTP/1.1"), Want: bad},
		{Name: "line: space behind the version", Input: line("GET /p HTTP/1.1 "), Want: bad},
		{Name: "line: tab behind the version", Input: line("GET /p HTTP/1.1\t"), Want: bad},
		{Name: "line: word behind the version", Input: line("GET /p HTTP/1.1 x"), Want: bad},
		{Name: "line: second version", Input: line("GET /p HTTP/1.1 HTTP/1.1"), Want: bad},
		{Name: "line: space in the target", Input: line("GET /p q HTTP/1.1"), Want: bad},
		{Name: "line: no version", Input: line("GET /p"), Want: bad},
		{Name: "line: no version, space", Input: line("GET /p "), Want: bad},
		{Name: "line: no target", Input: line("GET HTTP/1.1"), Want: bad},
		{Name: "line: no target, two spaces", Input: line("GET  HTTP/1.1"), Want: bad},
		{Name: "line: no method", Input: line("/p HTTP/1.1"), Want: bad},
		{Name: "line: no method, space", Input: line(" /p HTTP/1.1"), Want: bad},
		{Name: "line: method alone", Input: line("GET"), Want: bad},
		{Name: "line: space alone", Input: line(" "), Want: bad},
		{Name: "line: two spaces alone", Input: line("  "), Want: bad},
		{Name: "line: answer", Input: line("HTTP/1.1 200 OK"), Want: bad},
		{Name: "line: field instead", Input: "Host: a\r\n\r\n", Want: bad},
		{Name: "line: HTTP/0.9", Input: "GET /p\r\n", Want: bad},
		{Name: "line: HTTP/0.9 with an empty line", Input: "GET /p\r\n\r\n", Want: bad},
		{Name: "line: TLS hello", Input: "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n", Want: bad},
		{Name: "line: PROXY protocol", Input: "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get(""), Want: bad},
		{Name: "line: HTTP/2 preface", Input: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Want: version},
		{Name: "line: HTTP/2 preface in HTTP/1.1", Input: line("PRI * HTTP/1.1"), Want: bad,
			Except: []Exception{{"nethttp", version, "net/http's front knows the method alone"}}},
		{Name: "line: bare LF", Input: "GET /p HTTP/1.1\nHost: a\r\n\r\n", Want: bad, Except: stdlib(plain, bareLF)},
		{Name: "line: bare LF everywhere", Input: "GET /p HTTP/1.1\nHost: a\n\n", Want: bad, Except: stdlib(plain, bareLF)},
		{Name: "line: bare CR", Input: "GET /p HTTP/1.1\rHost: a\r\n\r\n", Want: bad},
		{Name: "line: bare CR everywhere", Input: "GET /p HTTP/1.1\rHost: a\r\r", Want: bad},
		{Name: "line: CR CR LF", Input: "GET /p HTTP/1.1\r\r\nHost: a\r\n\r\n", Want: bad},
		{Name: "line: LF CR", Input: "GET /p HTTP/1.1\n\rHost: a\n\r\n\r", Want: bad},
		{Name: "line: CR in the method", Input: line("GE\rT /p HTTP/1.1"), Want: bad},
		{Name: "line: CR in the target", Input: line("GET /\rp HTTP/1.1"), Want: bad},
		{Name: "line: LF in the target", Input: line("GET /\np HTTP/1.1"), Want: bad},
		{Name: "line: next line in HTTP/1.0", Input: "GET /p HTTP/1.0\r\n\r\n", Want: `GET /p  ""; closed`},
	}
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "M-SEARCH", "QUERY", "X",
		"get", "Get", "GET0", "0", "!#$%&'*+-.^_`|~", strings.Repeat("M", 200)} {
		name, _, _ := strings.Cut(m, "MMM")
		out = append(out, Request{Name: "method: " + name, Input: line(m + " /p HTTP/1.1"), Want: m + ` /p a ""; kept`})
	}
	out = append(out, Request{Name: "method: HEAD", Input: line("HEAD /p HTTP/1.1"), Want: `HEAD /p a ""; kept`})
	// RFC 9110, 5.6.2: no token has a delimiter, a control, or a byte above 0x7e.
	for _, c := range []byte("\"(),/:;<=>?@[\\]{}\x00\x01\x08\x0b\x0c\x1b\x1f\x7f\x80\xa0\xff") {
		out = append(out, Request{Name: fmt.Sprintf("method: with 0x%02x", c), Input: line("G" + string([]byte{c}) + "T /p HTTP/1.1"), Want: bad})
	}
	return out
}

// versionRequests returns forms of the version (RFC 9112, 2.3; RFC 9110, 2.5 and 6.2).
func versionRequests() []Request {
	out := []Request{
		{Name: "version: 1.0", Input: line("GET /p HTTP/1.0"), Want: `GET /p a ""; closed`},
		{Name: "version: 1.0, kept alive", Input: "GET /p HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", Want: plain},
		{Name: "version: 1.0 without a host", Input: "GET /p HTTP/1.0\r\n\r\n", Want: `GET /p  ""; closed`},
		{Name: "version: 1.0 with a body", Input: "POST /p HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `POST /p a "abc"; closed`},
	}
	for minor := 2; minor <= 9; minor++ {
		// RFC 9110, 2.5: a higher minor version is processed as the highest that is known.
		out = append(out, Request{Name: fmt.Sprintf("version: 1.%d", minor), Input: line(fmt.Sprintf("GET /p HTTP/1.%d", minor)), Want: plain})
	}
	out = append(out, Request{Name: "version: 1.2 in chunks", Input: "POST /p HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Want: posted},
		Request{Name: "version: 1.2 without a host", Input: "GET /p HTTP/1.2\r\n\r\n", Want: bad})
	for _, v := range []string{"0.9", "0.0", "2.0", "3.0", "9.9"} {
		out = append(out, Request{Name: "version: " + v, Input: line("GET /p HTTP/" + v), Want: version})
	}
	for _, v := range []string{"HTTP/", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/11", "HTTP/1.10", "HTTP/1.1.1", "HTTP/1.xx", "HTTP/xx.1", "HTTP/-1.1", "HTTP/+1.1",
		"HTTP/ 1.1", "HTTP/1 .1", "HTTP/1,1", "HTTP/01.1", "HTTP/1.01", "HTTP\\1.1", "HTTP1.1", "http/1.1", "Http/1.1", "HTTPS/1.1", "FTP/1.1", "HTTQ/1.1",
		"HTTP/1.1;x", "HTTP/2", "1.1", "HTTP/1.1\x00", "HTTP/\xef\xbc\x91.1"} {
		out = append(out, Request{Name: fmt.Sprintf("version: %q", v), Input: line("GET /p " + v), Want: bad})
	}
	return out
}
