package hostile

import (
	"fmt"
	"strings"
)

// statusAnswers returns forms of the status line (RFC 9112, 4).
func statusAnswers() []Answer {
	rest := "\r\nContent-Length: 3\r\n\r\nabc"
	out := []Answer{
		{Name: "status: plain", Bytes: whole, Want: abc},
		{Name: "status: nothing", Bytes: "", End: Closes, AtOnce: true, Want: gateway},
		{Name: "status: reset", Bytes: "", End: Resets, AtOnce: true, Want: gateway},
		{Name: "status: part of a head", Bytes: "HTTP/1.1 200 OK\r\nContent-Le", End: Closes, AtOnce: true, Want: gateway},
		{Name: "status: part of the first line", Bytes: "HTTP/1", End: Closes, AtOnce: true, Want: gateway},
		{Name: "status: empty lines alone", Bytes: "\r\n\r\n", End: Closes, AtOnce: true, Want: gateway},
		{Name: "status: HTML", Bytes: "<html><body>hello</body></html>\r\n\r\n", End: Closes, AtOnce: true, Want: gateway},
		{Name: "status: a request", Bytes: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", Want: gateway},
		{Name: "status: TLS alert", Bytes: "\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n", Want: gateway},
		{Name: "status: bare LF", Bytes: "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", Want: gateway},
		{Name: "status: leading empty line", Bytes: "\r\n" + whole, Want: gateway},
		{Name: "status: leading LF", Bytes: "\n" + whole, Want: gateway},
		{Name: "status: longer than the limit", Bytes: "HTTP/1.1 200 " + strings.Repeat("a", 70_000) + rest, Want: gateway},
	}
	for _, line := range []string{"HTTP/1.1 200", "HTTP/1.1 200 ", "HTTP/1.1 200 OK OK", "HTTP/1.1 200  OK", "HTTP/1.1 200 \xc3\xa9\xff", "HTTP/1.1 200 a\tb", "HTTP/1.0 200 OK"} {
		out = append(out, Answer{Name: fmt.Sprintf("status: %q", line), Bytes: line + rest, Want: abc})
	}
	for _, code := range []int{201, 203, 226, 299, 300, 301, 305, 306, 399, 400, 401, 404, 407, 413, 417, 426, 431, 499, 500, 502, 503, 599} {
		out = append(out, Answer{Name: fmt.Sprint("status: code ", code), Bytes: fmt.Sprintf("HTTP/1.1 %d X%s", code, rest), Want: fmt.Sprintf("%d \"abc\"", code)})
	}
	for _, line := range []string{"HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 2000 OK", "HTTP/1.1 abc OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 -20 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 2 0 OK",
		"HTTP/1.1 000 OK", "HTTP/1.1 099 OK", "HTTP/1.1 600 OK", "HTTP/1.1 999 OK", "HTTP/1.1  200 OK", "HTTP/1.1\t200 OK", " HTTP/1.1 200 OK", "HTTP/1.1200 OK", "HTTP/1.1 200OK", "HTTP/1.1 200\tOK",
		"HTTP/2.0 200 OK", "HTTP/2 200", "HTTP/0.9 200 OK", "HTTP/1 200 OK", "HTTP/1. 200 OK", "HTTP/11 200 OK", "HTTP/1.10 200 OK", "http/1.1 200 OK", "HTTPS/1.1 200 OK", "ICY 200 OK", "SIP/2.0 200 OK",
		"HTTP/1.1 200 O\x00K", "HTTP/1.1 200 O\rK", "HTTP/1.1 200 O\x01K", "HTTP/1.1 200 O\x7fK", "200 OK"} {
		out = append(out, Answer{Name: fmt.Sprintf("status: %q", line), Bytes: line + rest, Want: gateway})
	}
	return out
}

// fieldAnswers returns forms of field lines, and fields that are not the app's to set.
func fieldAnswers() []Answer {
	seen := func(fields string) string { return abc + " " + fields }
	out := []Answer{
		{Name: "field: plain", Bytes: with("T-A: b\r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: space around", Bytes: with("T-A:\t b \t\r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: empty", Bytes: with("T-A:\r\n"), Want: seen(`T-A=""`)},
		{Name: "field: twice", Bytes: with("T-A: b\r\nT-A: c\r\n"), Want: seen(`T-A="b" T-A="c"`)},
		{Name: "field: text above 0x7f", Bytes: with("T-A: \xff\x80\r\n"), Want: seen(`T-A="\xff\x80"`)},
		{Name: "field: long", Bytes: with("X-A: " + strings.Repeat("a", 30_000) + "\r\n"), Want: abc},
		{Name: "field: longer than the limit", Bytes: with("X-A: " + strings.Repeat("a", 70_000) + "\r\n"), Want: gateway},
		{Name: "field: without end", Bytes: head200 + "X-A: " + strings.Repeat("a", 200_000), Want: gateway},
		{Name: "field: many", Bytes: with(strings.Repeat("X-A: b\r\n", 2000)), Want: abc},
		{Name: "field: too many", Bytes: with(strings.Repeat("X-A: b\r\n", 9000)), Want: gateway},
		{Name: "field: no colon", Bytes: with("Abc\r\n"), Want: gateway},
		{Name: "field: no name", Bytes: with(": b\r\n"), Want: gateway},
		{Name: "field: space before the colon", Bytes: with("T-A : b\r\n"), Want: gateway},
		{Name: "field: length with space before the colon", Bytes: head200 + "Content-Length : 3\r\n\r\nabc", Want: gateway},
		{Name: "field: fold", Bytes: with("T-A: b\r\n c\r\n"), Want: gateway},
		{Name: "field: fold with a tab", Bytes: with("T-A: b\r\n\tc\r\n"), Want: gateway},
		{Name: "field: fold first", Bytes: head200 + " Content-Length: 3\r\n\r\nabc", Want: gateway},
		{Name: "field: bare LF", Bytes: with("T-A: b\n"), Want: gateway},
		{Name: "field: bare CR", Bytes: with("T-A: b\rT-B: c\r\n"), Want: gateway},
		{Name: "field: CR CR LF", Bytes: with("T-A: b\r\r\n"), Want: gateway},
		{Name: "field: bare LF ends the head", Bytes: head200 + "Content-Length: 3\r\n\nabc", Want: gateway},
		{Name: "field: a second status line", Bytes: head200 + whole, Want: gateway},
		{Name: "field: forged proof", Bytes: with("X-Ancm-Model: in-process\r\nX-Ancm-Front-Pid: 1\r\nx-ancm-error: 500.30\r\nX-Ancm-Else: x\r\n"), Want: abc},
		{Name: "field: app's proof", Bytes: with("X-Ancm-App-Pid: 7\r\n"), Want: seen(`X-Ancm-App-Pid="7"`)},
		{Name: "field: module's own", Bytes: with("MS-ASPNETCORE-TOKEN: x\r\nms-aspnetcore-else: y\r\nMS-ASPNETCORE-CLIENTCERT: z\r\n"), Want: abc},
		{Name: "field: named by Connection", Bytes: with("Connection: T-A\r\nT-A: b\r\nT-B: c\r\n"), Want: seen(`T-B="c"`)},
		{Name: "field: hop by hop", Bytes: with("Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nUpgrade: h2c\r\nTE: trailers\r\nT-A: b\r\n"), Want: seen(`T-A="b"`)},
	}
	for _, c := range []byte("\"(),/;<=>?@[\\]{} \x00\x01\x0b\x1f\x7f\x80\xff") {
		out = append(out, Answer{Name: fmt.Sprintf("field: name with 0x%02x", c), Bytes: with("T" + string([]byte{c}) + "A: b\r\n"), Want: gateway})
	}
	for _, c := range []byte("\x00\x01\x08\x0b\x0c\x1b\x1f\x7f") {
		out = append(out, Answer{Name: fmt.Sprintf("field: value with 0x%02x", c), Bytes: with("T-A: b" + string([]byte{c}) + "\r\n"), Want: gateway})
	}
	return out
}
