package hostile

import (
	"fmt"
	"strings"
)

// hostRequests returns forms of Host (RFC 9112, 3.2; RFC 3986, 3.2.2).
func hostRequests() []Request {
	host := func(v string) string { return "GET /p HTTP/1.1\r\nHost:" + v + "\r\n\r\n" }
	var out []Request
	for _, h := range []string{"a", "a:80", "a:", "a:0", "a:65535", "A.b", "a.", "a-b.c", "a_b", "xn--x", "127.0.0.1", "127.0.0.1:80", "1.2.3.4.5", "999.1.1.1", "0", "a..b", "-", "~a",
		"[::1]", "[::1]:80", "[::1]:", "[::]", "[2001:db8::1]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7:8]", "a!$&'()*+,;=", "%41", "%41b:80", "*", strings.Repeat("a", 255)} {
		name, _, _ := strings.Cut(h, "aaaa")
		out = append(out, Request{Name: "host: " + h[:min(len(h), 40)] + name[:0], Input: host(" " + h), Want: "GET /p " + h + ` ""; kept`})
	}
	for _, h := range []string{"a:80:80", "a::80", "a:b", "a:-1", "a:+1", "a:8 0", "a: 80", "a:0x50", "a:80/", ":80:", ":80", ":", "::1", "::1:80", "1:2:3:4:5:6:7:8", "[::1", "::1]", "[::1]x", "[::1]80", "[::1]:b", "[]", "[]:80",
		"[a]", "[x::]", "[1.2.3.4]", "[1::2::3]", "[12345::]", "[::1]]", "[[::1]]", "[::1%]", "a[::1]", "[::1]:80:80", "{a}", "a{b", "a`b", "`", "a|b", "|", "a^b", `a\b`, `"a"`, "<a>", "a>b",
		"%zz", "a%", "a%4", "a%4g", "%", "a/b", "/", "a?b", "a#b", "#", "u@a", "@a", "u:p@a", "a@", "a b", "a\tb", "http://a", "http://a/", "a, b", "\xc3\xa9", "a\xff"} {
		out = append(out, Request{Name: fmt.Sprintf("host: %q", h), Input: host(" " + h), Want: bad})
	}
	for _, c := range []byte("\x00\x01\x08\x0b\x0c\x1b\x1f\x7f") {
		out = append(out, Request{Name: fmt.Sprintf("host: with 0x%02x", c), Input: host(" a" + string([]byte{c})), Want: bad})
	}
	return append(out,
		Request{Name: "host: empty", Input: host(""), Want: `GET /p  ""; kept`},
		Request{Name: "host: of spaces", Input: host("   "), Want: `GET /p  ""; kept`},
		Request{Name: "host: with space around", Input: host(" \t a \t "), Want: plain},
		Request{Name: "host: without space", Input: host("a"), Want: plain},
		Request{Name: "host: missing", Input: "GET /p HTTP/1.1\r\n\r\n", Want: bad},
		Request{Name: "host: missing among others", Input: "GET /p HTTP/1.1\r\nT-A: b\r\n\r\n", Want: bad},
		Request{Name: "host: twice", Input: "GET /p HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Want: bad},
		Request{Name: "host: twice the same", Input: "GET /p HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", Want: bad},
		Request{Name: "host: twice, one empty", Input: "GET /p HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", Want: bad},
		Request{Name: "host: twice in other cases", Input: "GET /p HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", Want: bad},
		Request{Name: "host: twice in HTTP/1.0", Input: "GET /p HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", Want: bad},
		Request{Name: "host: bad in HTTP/1.0", Input: "GET /p HTTP/1.0\r\nHost: {a}\r\n\r\n", Want: bad},
		Request{Name: "host: upper case", Input: "GET /p HTTP/1.1\r\nHOST: a\r\n\r\n", Want: plain},
		Request{Name: "host: mixed case", Input: "GET /p HTTP/1.1\r\nhOsT: a\r\n\r\n", Want: plain},
		Request{Name: "host: last", Input: "GET /p HTTP/1.1\r\nX-A: b\r\nX-B: c\r\nHost: a\r\n\r\n", Want: plain},
		Request{Name: "host: space before the colon", Input: "GET /p HTTP/1.1\r\nHost : a\r\n\r\n", Want: bad},
		Request{Name: "host: folded", Input: "GET /p HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", Want: bad},
		Request{Name: "host: folded empty", Input: "GET /p HTTP/1.1\r\nHost:\r\n a\r\n\r\n", Want: bad,
			Except: stdlib(plain, folds)},
	)
}
