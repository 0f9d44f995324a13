package hostile

import (
	"fmt"
	"strings"
)

const folds = "RFC 9112, 5.2 lets a server replace a fold by spaces; net/http does"

// fieldRequests returns forms of field lines (RFC 9112, 5; RFC 9110, 5).
func fieldRequests() []Request {
	seen := func(fields string) string { return `GET /p a "" ` + fields + "; kept" }
	out := []Request{
		{Name: "field: plain", Input: get("T-A: b\r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: no space", Input: get("T-A:b\r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: empty", Input: get("T-A:\r\n"), Want: seen(`T-A=""`)},
		{Name: "field: spaces alone", Input: get("T-A: \t \r\n"), Want: seen(`T-A=""`)},
		{Name: "field: space around", Input: get("T-A: \t b \t \r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: space inside", Input: get("T-A: b  c\td\r\n"), Want: seen(`T-A="b  c\td"`)},
		{Name: "field: colons inside", Input: get("T-A: b: c:d\r\n"), Want: seen(`T-A="b: c:d"`)},
		{Name: "field: colon first", Input: get("T-A:: b\r\n"), Want: seen(`T-A=": b"`)},
		{Name: "field: twice", Input: get("T-A: b\r\nT-A: c\r\n"), Want: seen(`T-A="b" T-A="c"`)},
		{Name: "field: twice in other cases", Input: get("T-A: b\r\nt-a: c\r\n"), Want: seen(`T-A="b" T-A="c"`)},
		{Name: "field: text above 0x7f", Input: get("T-A: \x80\xc3\xa9\xff\r\n"), Want: seen(`T-A="\x80é\xff"`)},
		{Name: "field: every mark in a name", Input: get("T-!#$%&'*+.^`|~9: b\r\n"), Want: seen("T-!#$%&'*+.^`|~9=\"b\"")},
		{Name: "field: a thousand", Input: get(strings.Repeat("X-A: b\r\n", 1000) + "T-A: b\r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: long name", Input: get("X-" + strings.Repeat("a", 5000) + ": b\r\nT-A: c\r\n"), Want: seen(`T-A="c"`)},
		{Name: "field: long value", Input: get("X-A: " + strings.Repeat("a", 20_000) + "\r\nT-A: c\r\n"), Want: seen(`T-A="c"`)},
		{Name: "field: underscore", Input: get("T_A: b\r\nT-B: c\r\n"), Want: seen(`T-B="c" T_a="b"`),
			Except: []Exception{{"out-of-process", seen(`T-B="c"`), "some app servers map an underscore to a hyphen, so the forwarder drops the field"}}},
		{Name: "field: token with underscores", Input: get("MS_ASPNETCORE_TOKEN: x\r\nT_MS_A: c\r\n"), Want: seen(`T_ms_a="c"`),
			Except: []Exception{{"out-of-process", plain, "some app servers map an underscore to a hyphen, so the forwarder drops the field"}}},
		{Name: "field: underscore alone", Input: get("_: b\r\n"), Want: plain},
		{Name: "field: length with an underscore", Input: post("Content_Length: 38\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "field: coding with an underscore", Input: post("Transfer_Encoding: chunked\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "field: module's token", Input: get("MS-ASPNETCORE-TOKEN: x\r\nms-aspnetcore-event: shutdown\r\nT-A: b\r\n"), Want: seen(`T-A="b"`)},
		{Name: "field: module's token with space before the colon", Input: get("MS-ASPNETCORE-TOKEN : x\r\n"), Want: bad},
		{Name: "field: client's address", Input: get("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n"), Want: plain},
		{Name: "field: no colon", Input: get("Abc\r\n"), Want: bad},
		{Name: "field: no name", Input: get(": b\r\n"), Want: bad},
		{Name: "field: colon alone", Input: get(":\r\n"), Want: bad},
		{Name: "field: space for a name", Input: get(" : b\r\n"), Want: bad},
		{Name: "field: request line", Input: get("GET /smuggled HTTP/1.1\r\n"), Want: bad},
		{Name: "field: fold", Input: get("T-A: b\r\n c\r\n"), Want: bad, Except: stdlib(seen(`T-A="b c"`), folds)},
		{Name: "field: fold with a tab", Input: get("T-A: b\r\n\tc\r\n"), Want: bad, Except: stdlib(seen(`T-A="b c"`), folds)},
		{Name: "field: fold of nothing", Input: get("T-A: b\r\n \r\n"), Want: bad,
			Except: []Exception{{"nethttp+out-of-process", seen(`T-A="b"`), folds}, {"stdlib", seen(`T-A="b "`), folds}}},
		{Name: "field: fold first", Input: "GET /p HTTP/1.1\r\n Host: a\r\n\r\n", Want: bad},
		{Name: "field: fold hides a length", Input: post("T-A: b\r\n Content-Length: 38\r\nContent-Length: 3\r\n", "abc"), Want: bad,
			Except: stdlib(`POST /p a "abc" T-A="b Content-Length: 38"; kept`, folds)},
		{Name: "field: bare LF", Input: "GET /p HTTP/1.1\r\nHost: a\nT-A: b\r\n\r\n", Want: bad, Except: stdlib(seen(`T-A="b"`), bareLF)},
		{Name: "field: bare LF ends the head", Input: "GET /p HTTP/1.1\r\nHost: a\r\n\n", Want: bad, Except: stdlib(plain, bareLF)},
		{Name: "field: bare LF ends the head, body", Input: "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\nabc", Want: bad, Except: stdlib(posted, bareLF)},
		{Name: "field: bare LF hides a coding", Input: post("T-A: b\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), Want: bad,
			Except: stdlib(`POST /p a "abc" T-A="b"; kept`, bareLF)},
		{Name: "field: bare CR in a value", Input: get("T-A: b\rc\r\n"), Want: bad},
		{Name: "field: bare CR hides a length", Input: post("T-A: b\rContent-Length: 3\r\n", "abc"), Want: bad},
		{Name: "field: bare CR in a name", Input: get("T-\rA: b\r\n"), Want: bad},
		{Name: "field: CR CR LF", Input: "GET /p HTTP/1.1\r\nHost: a\r\r\n\r\n", Want: bad},
		{Name: "field: CR CR LF ends the head", Input: "GET /p HTTP/1.1\r\nHost: a\r\n\r\r\n", Want: bad},
		{Name: "field: LF CR", Input: "GET /p HTTP/1.1\r\nHost: a\n\r\n\r", Want: bad, Except: stdlib(`GET /p a ""; `+bad, bareLF)},
		{Name: "field: bad one behind a good body's head", Input: post("Content-Length: 3\r\nT-A\r\n", "abc"), Want: bad},
	}
	// RFC 9110, 5.1: a name is a token. Space before the colon is RFC 9112, 5.1's.
	for _, c := range []byte("\"(),/;<=>?@[\\]{} \t\x00\x01\x08\x0b\x0c\x1b\x1f\x7f\x80\xa0\xff") {
		b := string([]byte{c})
		out = append(out, Request{Name: fmt.Sprintf("field: name with 0x%02x", c), Input: get("T" + b + "A: b\r\n"), Want: bad},
			Request{Name: fmt.Sprintf("field: name ends in 0x%02x", c), Input: get("T-A" + b + ": b\r\n"), Want: bad})
	}
	// RFC 9110, 5.5: CR, LF and NUL must be refused or replaced; the other controls are no field text.
	for c := byte(0); c < 0x20; c++ {
		if c != '\t' && c != '\n' && c != '\r' {
			out = append(out, Request{Name: fmt.Sprintf("field: value with 0x%02x", c), Input: get("T-A: b" + string([]byte{c}) + "c\r\n"), Want: bad})
		}
	}
	return append(out, Request{Name: "field: value with 0x7f", Input: get("T-A: b\x7fc\r\n"), Want: bad})
}
