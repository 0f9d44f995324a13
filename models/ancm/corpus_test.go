package ancm

import (
	"strings"

	"ancmbench/models/httpsys"
)

// hostile is one input of the differential test with its outcome: the statuses
// of the answers, and in brackets the requests that reached the app.
type hostile struct {
	name, input string
	lean        string
	// nethttp is the outcome on the other front where it differs.
	nethttp string
	// why there are differences.
	why string
	// special is the outcome of one model where it differs from the others,
	// by "front/model" or "model".
	special map[string]string
	// refused: the origin refuses a target that ours forwards as it stands.
	refused bool
	// late is an input that never ends, and is given up after a short time.
	late bool
}

func (h *hostile) want(kind, model string) string {
	if s, ok := h.special[kind+"/"+model]; ok {
		return s
	}
	if s, ok := h.special[model]; ok {
		return s
	}
	if kind == httpsys.NetHTTP && h.nethttp != "" {
		return h.nethttp
	}
	return h.lean
}

const (
	getEnd = `[GET /end ""]`
	evil   = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
)

func post(fields, body string) string {
	return "POST /p HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body
}

var corpus = []hostile{
	{name: "plain", input: "GET /p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 [GET /p ""] [GET /end ""]`},
	{name: "pipelined", input: "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 200 [GET /1 ""] [GET /2 ""] [GET /end ""]`},
	{name: "pipelined bodies", input: post("Content-Length: 3\r\n", "abc") + post("Transfer-Encoding: chunked\r\n", "3\r\ndef\r\n0\r\n\r\n") + post("Content-Length: 1\r\n", "g"),
		lean: `200 200 200 200 [POST /p "abc"] [POST /p "def"] [POST /p "g"] [GET /end ""]`},
	{name: "body with a length", input: post("Content-Length: 3\r\n", "abc"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "chunked body", input: post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "chunk extension", input: post("Transfer-Encoding: chunked\r\n", "3;a=\"b\"\r\nabc\r\n0;c\r\n\r\n"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "trailers", input: post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nA: b\r\n\r\n"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "trailer as framing", input: post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nContent-Length: 40\r\n\r\n"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "length and chunked", input: post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+evil),
		lean: "400", nethttp: `200 200 200 [POST /p ""] [GET /smuggled ""] [GET /end ""]`,
		why: "net/http lets the coding win and drops the length; what follows is a request to it as well"},
	{name: "chunked and length", input: post("Transfer-Encoding: chunked\r\nContent-Length: 60\r\n", "0\r\n\r\n"+evil),
		lean: "400", nethttp: `200 200 200 [POST /p ""] [GET /smuggled ""] [GET /end ""]`,
		why: "as above"},
	{name: "two lengths", input: post("Content-Length: 3\r\nContent-Length: 40\r\n", "abc"+evil),
		lean: "400"},
	{name: "same length twice", input: post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
		lean: "400", nethttp: `200 200 [POST /p "abc"] [GET /end ""]`,
		why: "net/http accepts lengths that agree"},
	{name: "length list", input: post("Content-Length: 3, 3\r\n", "abc"),
		lean: "400"},
	{name: "signed length", input: post("Content-Length: +3\r\n", "abc"),
		lean: "400"},
	{name: "negative length", input: post("Content-Length: -3\r\n", "abc"),
		lean: "400"},
	{name: "hex length", input: post("Content-Length: 0x3\r\n", "abc"),
		lean: "400"},
	{name: "length with space inside", input: post("Content-Length: 3 0\r\n", "abc"),
		lean: "400"},
	{name: "huge length", input: post("Content-Length: 99999999999999999999\r\n", "abc"),
		lean: "400"},
	{name: "empty length", input: post("Content-Length:\r\n", evil),
		lean: "400"},
	{name: "length in GET", input: "GET /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		lean: `200 200 [GET /p "abc"] [GET /end ""]`},
	{name: "unknown coding", input: post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
		lean: "501"},
	{name: "coding list", input: post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
		lean: "501"},
	{name: "coding not last", input: post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
		lean: "501"},
	{name: "coding twice", input: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
		lean: "400", nethttp: "501",
		why: "net/http calls it a coding it does not know"},
	{name: "coding with tab", input: post("Transfer-Encoding:\tchunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "coding with vertical tab", input: post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"),
		lean: "400"},
	{name: "coding with space before colon", input: post("Transfer-Encoding : chunked\r\nContent-Length: 3\r\n", "abc"),
		lean: "400"},
	{name: "coding in HTTP/1.0", input: "POST /p HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil,
		lean: "400", nethttp: `200 [POST /p ""]`,
		why: "net/http ignores the coding, and closes after the answer"},
	{name: "bare LF ends lines", input: "GET /p HTTP/1.1\nHost: a\n\n",
		lean: "400", nethttp: `200 200 [GET /p ""] [GET /end ""]`,
		why: "net/http accepts a bare LF"},
	{name: "bare LF hides a field", input: "GET /p HTTP/1.1\r\nHost: a\r\nA: b\nTransfer-Encoding: chunked\r\n\r\n",
		lean:    "400",
		special: map[string]string{"nethttp/reverseproxy": "502"},
		why:     "the chunked body that the hidden field announces is malformed; ReverseProxy has no 400"},
	{name: "bare CR in a value", input: "GET /p HTTP/1.1\r\nHost: a\r\nA: b\rContent-Length: 3\r\n\r\n",
		lean: "400"},
	{name: "NUL in a value", input: "GET /p HTTP/1.1\r\nHost: a\r\nA: b\x00c\r\n\r\n",
		lean: "400"},
	{name: "fold", input: "GET /p HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
		lean: "400", nethttp: `200 200 [GET /p ""] [GET /end ""]`,
		why: "net/http unfolds"},
	{name: "fold first", input: "GET /p HTTP/1.1\r\n Host: a\r\n\r\n",
		lean: "400"},
	{name: "space before colon", input: "GET /p HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n",
		lean: "400"},
	{name: "no colon", input: "GET /p HTTP/1.1\r\nHost: a\r\nAbc\r\n\r\n",
		lean: "400"},
	{name: "empty name", input: "GET /p HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
		lean: "400"},
	{name: "no host", input: "GET /p HTTP/1.1\r\n\r\n",
		lean: "400"},
	{name: "two hosts", input: "GET /p HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		lean: "400"},
	{name: "host with a slash", input: "GET /p HTTP/1.1\r\nHost: a/b\r\n\r\n",
		lean: "400"},
	{name: "absolute form", input: "GET http://b/p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 [GET /p ""] [GET /end ""]`},
	{name: "fragment", input: "GET /p#x HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: "400"},
	{name: "space in target", input: "GET /p q HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: "400"},
	{name: "target without slash", input: "GET p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: "400"},
	{name: "double slash", input: "GET //b/p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 [GET //b/p ""] [GET /end ""]`},
	{name: "bad escape", input: "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
		lean:    "400",
		special: map[string]string{"lean/out-of-process": `502 200 [GET /end ""]`},
		why:     "the origin is net/http's parser, which closes the connection; only there is the target decoded", refused: true},
	{name: "HTTP/0.9", input: "GET /p\r\n\r\n",
		lean: "400"},
	{name: "HTTP/1.2", input: "GET /p HTTP/1.2\r\nHost: a\r\n\r\n",
		lean: "505", nethttp: `200 200 [GET /p ""] [GET /end ""]`,
		why: "net/http takes any 1.x"},
	{name: "HTTP/2 preface", input: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		lean: "505"},
	{name: "leading empty line", input: "\r\nGET /p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 [GET /p ""] [GET /end ""]`, nethttp: "400",
		why: "RFC 9112, 2.2 asks to ignore one; net/http does not"},
	{name: "chunk size with 0x", input: post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "chunk size with sign", input: post("Transfer-Encoding: chunked\r\n", "+3\r\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "chunk size with spaces", input: post("Transfer-Encoding: chunked\r\n", "3  \r\nabc\r\n0\r\n\r\n"),
		lean: "400", nethttp: `200 200 [POST /p "abc"] [GET /end ""]`,
		special: map[string]string{"lean/reverseproxy": "502"},
		why:     "net/http accepts white space behind the size"},
	{name: "chunk size beyond 64 bits", input: post("Transfer-Encoding: chunked\r\n", "10000000000000003\r\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "chunk line ends in LF", input: post("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "chunk data too long", input: post("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "LF in chunk extension", input: post("Transfer-Encoding: chunked\r\n", "3;\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "CR in chunk extension", input: post("Transfer-Encoding: chunked\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "long chunk extension", input: post("Transfer-Encoding: chunked\r\n", "3;"+strings.Repeat("a", 5000)+"\r\nabc\r\n0\r\n\r\n"),
		lean:    "400",
		special: map[string]string{"reverseproxy": "502"},
		why:     "chunks: ReverseProxy has no 400"},
	{name: "fields named in Connection", input: "GET /p HTTP/1.1\r\nHost: a\r\nConnection: Host, Content-Length, MS-ASPNETCORE-TOKEN, X-Forwarded-For\r\n\r\n",
		lean: `200 200 [GET /p ""] [GET /end ""]`},
	{name: "length named in Connection", input: post("Connection: Content-Length\r\nContent-Length: 3\r\n", "abc"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "coding named in Connection", input: post("Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "expect and send at once", input: post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc"),
		lean:    `100 200 200 [POST /p "abc"] [GET /end ""]`,
		special: map[string]string{"lean/in-process": `200 200 [POST /p "abc"] [GET /end ""]`},
		why:     "in-process on lean the body is here before anyone asks for it"},
	{name: "expect without a body", input: "GET /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
		lean:    `100 200 200 [GET /p ""] [GET /end ""]`,
		special: map[string]string{"in-process": `200 200 [GET /p ""] [GET /end ""]`},
		why:     "the question goes on to the origin, which answers it"},
	{name: "expect something else", input: post("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`, nethttp: "417",
		why: "net/http answers 417 itself, as it may"},
	{name: "upgrade with a body", input: post("Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n", "abc"),
		lean: `200 200 [POST /p "abc"] [GET /end ""]`},
	{name: "refused upgrade, more behind it", input: "GET /p HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		lean: `200 200 [GET /p ""] [GET /end ""]`},
	{name: "upgrade to h2c", input: "GET /p HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
		lean: `200 200 [GET /p ""] [GET /end ""]`},
	{name: "head too large", input: "GET /p HTTP/1.1\r\nHost: a\r\nA: " + strings.Repeat("a", 70_000) + "\r\n\r\n",
		lean: "431"},
	{name: "body cut short", input: strings.TrimSuffix(post("Content-Length: 1000\r\n", "abc"), endRequest),
		lean:    "408",
		special: map[string]string{"in-process": "400", "lean/reverseproxy": "502", "nethttp/out-of-process": "none", "nethttp/reverseproxy": "none or 502"}, late: true,
		why: "a late body: ReverseProxy has no 408, and net/http takes the deadline for the client's going"},
	{name: "chunked body cut short", input: post("Transfer-Encoding: chunked\r\n", "3e8\r\nabc"),
		lean:    "408",
		special: map[string]string{"in-process": "400", "lean/reverseproxy": "502", "nethttp/out-of-process": "none", "nethttp/reverseproxy": "none or 502"}, late: true,
		why: "as above"},
	{name: "methods are case-sensitive", input: "get /p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 [get /p ""] [GET /end ""]`},
	{name: "odd method", input: "M-SEARCH /p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: `200 200 [M-SEARCH /p ""] [GET /end ""]`},
	{name: "bad method", input: "G\"T /p HTTP/1.1\r\nHost: a\r\n\r\n",
		lean: "400"},
}
