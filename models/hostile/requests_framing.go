package hostile

import "fmt"

// value is a framing field's, and what it means by itself.
type value struct {
	fields string
	means  meaning
}

type meaning int

const (
	absent   meaning = iota
	three            // Content-Length: 3
	chunked          // Transfer-Encoding: chunked
	noLength         // a Content-Length that is none
	noCoding         // a Transfer-Encoding that breaks its grammar, or is chunked twice
	foreign          // codings that nobody here knows, in their grammar
)

// lengths are forms of Content-Length (RFC 9110, 8.6; RFC 9112, 6.3).
var lengths = []value{
	{"", absent},
	{"Content-Length: 3\r\n", three},
	{"Content-Length:3\r\n", three},
	{"Content-Length: \t3\t\r\n", three},
	{"content-LENGTH: 3\r\n", three},
	{"Content-Length: 0000000003\r\n", three},
	{"Content-Length: 4\r\nContent-Length: 3\r\n", noLength},
	{"Content-Length: 3\r\nContent-Length:\r\n", noLength},
	{"Content-Length: 3, 4\r\n", noLength},
	{"Content-Length: 3,\r\n", noLength},
	{"Content-Length: ,3\r\n", noLength},
	{"Content-Length: +3\r\n", noLength},
	{"Content-Length: -3\r\n", noLength},
	{"Content-Length: -0\r\n", noLength},
	{"Content-Length: 0x3\r\n", noLength},
	{"Content-Length: 3.0\r\n", noLength},
	{"Content-Length: 3e0\r\n", noLength},
	{"Content-Length: 3 0\r\n", noLength},
	{"Content-Length: 3;x\r\n", noLength},
	{"Content-Length: \"3\"\r\n", noLength},
	{"Content-Length: 1_0\r\n", noLength},
	{"Content-Length: a\r\n", noLength},
	{"Content-Length:\r\n", noLength},
	{"Content-Length: 9223372036854775808\r\n", noLength},
	{"Content-Length: 18446744073709551619\r\n", noLength},
	{"Content-Length: 99999999999999999999999999\r\n", noLength},
	{"Content-Length: \xef\xbc\x93\r\n", noLength},
	{"Content-Length: 3\x0b\r\n", noLength},
	{"Content-Length : 3\r\n", noLength},
}

// codings are forms of Transfer-Encoding (RFC 9112, 6.1 and 7).
var codings = []value{
	{"", absent},
	{"Transfer-Encoding: chunked\r\n", chunked},
	{"Transfer-Encoding:chunked\r\n", chunked},
	{"Transfer-Encoding: \tchunked\t\r\n", chunked},
	{"transfer-ENCODING: Chunked\r\n", chunked},
	{"Transfer-Encoding: CHUNKED\r\n", chunked},
	{"Transfer-Encoding: gzip, chunked\r\n", foreign},
	{"Transfer-Encoding: gzip\r\n", foreign},
	{"Transfer-Encoding: identity\r\n", foreign},
	{"Transfer-Encoding: chunked, identity\r\n", foreign},
	{"Transfer-Encoding: identity, chunked\r\n", foreign},
	{"Transfer-Encoding: xchunked\r\n", foreign},
	{"Transfer-Encoding: chunkedx\r\n", foreign},
	{"Transfer-Encoding: chunke\r\n", foreign},
	{"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", foreign},
	{"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", foreign},
	{"Transfer-Encoding: chunked, chunked\r\n", noCoding},
	{"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", noCoding},
	{"Transfer-Encoding: chunked,\r\n", noCoding},
	{"Transfer-Encoding: , chunked\r\n", noCoding},
	{"Transfer-Encoding:\r\n", noCoding},
	{"Transfer-Encoding: chunked;q=1\r\n", noCoding},
	{"Transfer-Encoding: \"chunked\"\r\n", noCoding},
	{"Transfer-Encoding: chun ked\r\n", noCoding},
	{"Transfer-Encoding: chunked\x0b\r\n", noCoding},
	{"Transfer-Encoding: \x0bchunked\r\n", noCoding},
	{"Transfer-Encoding: chunked\x00\r\n", noCoding},
	{"Transfer-Encoding: \xffchunked\r\n", noCoding},
	{"Transfer-Encoding : chunked\r\n", noCoding},
	{"Transfer-Encoding: 'chunked'\r\n", foreign},
}

// framingRequests returns the framing fields in combination: each form of one with none
// and with each plain form of the other, in both orders, in both versions.
func framingRequests() []Request {
	out := []Request{
		{Name: "framing: same length twice", Input: post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), Want: bad,
			Except: stdlib(posted, "RFC 9112, 6.3 lets a recipient take equal lengths for one; net/http does")},
		{Name: "framing: same length in a list", Input: post("Content-Length: 3, 3\r\n", "abc"), Want: bad},
		{Name: "framing: length in GET", Input: get("Content-Length: 3\r\n") + "abc", Want: `GET /p a "abc"; kept`},
		{Name: "framing: chunks in GET", Input: get("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n", Want: `GET /p a "abc"; kept`},
		{Name: "framing: length in HEAD", Input: "HEAD /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `HEAD /p a "abc"; kept`},
		{Name: "framing: length in TRACE", Input: "TRACE /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `TRACE /p a "abc"; kept`},
		{Name: "framing: length in DELETE", Input: "DELETE /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", Want: `DELETE /p a "abc"; kept`},
		{Name: "framing: no body in POST", Input: post("", ""), Want: `POST /p a ""; kept`},
		{Name: "framing: length zero", Input: post("Content-Length: 0\r\n", ""), Want: `POST /p a ""; kept`},
		{Name: "framing: request for a body", Input: post("Content-Length: 35\r\n", Smuggled), Want: `POST /p a "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"; kept`},
		{Name: "framing: length named by Connection", Input: post("Connection: Content-Length\r\nContent-Length: 3\r\n", "abc"), Want: posted},
		{Name: "framing: coding named by Connection", Input: post("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), Want: posted},
		{Name: "framing: host named by Connection", Input: get("Connection: Host\r\n"), Want: plain},
	}
	add := func(l, c value, http, order string) {
		fields := l.fields + c.fields
		if order == "coding first" {
			fields = c.fields + l.fields
		}
		out = append(out, Request{Name: fmt.Sprintf("framing: %q, %s", fields, http),
			Input: "POST /p " + http + "\r\nHost: a\r\n" + fields + "\r\n" + bodyFor(l, c, http), Want: framed(l, c, http), Except: framedElsewhere(l, c, http), Todo: framedToday(l, c, http)})
	}
	for _, http := range []string{"HTTP/1.1", "HTTP/1.0"} {
		for i, l := range lengths {
			if i > 0 {
				add(l, value{}, http, "")
				add(l, codings[1], http, "length first")
				add(l, codings[1], http, "coding first")
			}
		}
		for i, c := range codings {
			if i > 1 {
				add(lengths[1], c, http, "length first")
				add(lengths[1], c, http, "coding first")
			}
			if i > 0 {
				add(value{}, c, http, "")
			}
		}
	}
	return out
}

// framed returns the outcome by RFC 9112, 6.1 and 6.3. Both fields, or a coding in
// HTTP/1.0, are a framing that cannot be trusted. An unknown coding gets 501, or 400
// like any other request that cannot be framed.
func framed(l, c value, http string) string {
	kept := map[string]string{"HTTP/1.1": "kept", "HTTP/1.0": "closed"}[http]
	switch {
	case c.means == absent && l.means == three:
		return `POST /p a "abc"; ` + kept
	case l.means == absent && c.means == chunked && http == "HTTP/1.1":
		return `POST /p a "abc"; kept`
	case c.means == foreign || c.means == noCoding:
		return bad + " or " + unknown
	}
	return bad
}

func bodyFor(l, c value, http string) string {
	switch {
	case c.means == absent && l.means == three:
		return "abc"
	case l.means == absent && c.means == chunked && http == "HTTP/1.1":
		return "3\r\nabc\r\n0\r\n\r\n"
	}
	return "0\r\n\r\n" + Smuggled
}
