package hostile

import (
	"fmt"
	"strings"
)

// Stream is what a client may send on a stream of HTTP/2, field by field, and what the
// app may see of it (RFC 9113, 8).
type Stream struct {
	Name   string
	Fields []Field
	// Data are the DATA frames; the last ends the stream, as the head does if there is
	// none. Trailers come behind them.
	Data     []string
	Trailers []Field
	// Reset ends the stream with RST_STREAM instead.
	Reset bool
	// Want is what the app sees, as in Request; "refused" if it must not see it: then
	// the client gets an answer that says no, or the end of the stream or connection.
	// "or" lies between what the RFC leaves open, and Open says why.
	Want, Open string
	// Dropped is what the app sees out-of-process, if that is less.
	Dropped string
	// Todo says why today's fronts fail.
	Todo string
}

// Field is one of HTTP/2, a pseudo-header field or another.
type Field struct{ Name, Value string }

const (
	refused = "refused"
	seen    = `GET /p a ""`
)

// request returns a GET, with some pseudo-header fields in place of the usual ones and
// more fields behind them.
func request(changed []Field, more ...Field) []Field {
	out := []Field{{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/p"}}
	for _, c := range changed {
		for i := range out {
			if out[i].Name == c.Name {
				out[i].Value = c.Value
			}
		}
	}
	return append(out, more...)
}

func pseudo(name, value string) []Field { return request([]Field{{name, value}}) }

// Streams returns every Stream. Their names differ.
func Streams() []Stream {
	var out []Stream
	add := func(name string, fields []Field, want string) {
		out = append(out, Stream{Name: name, Fields: fields, Want: want})
	}
	add("plain", request(nil), seen)
	for _, m := range []string{"HEAD", "PUT", "M-SEARCH", "get", "!#$%&'*+-.^_`|~"} {
		add("method: "+m, pseudo(":method", m), m+` /p a ""`)
	}
	for _, m := range []string{"", " ", "GET ", " GET", "GET x", "GET x /echo?p HTTP/1.1", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\nGET", "G\tT", "G\rT", "G\nT", "G\r\nT", "G\x00T", "G\x01T", "G\x7fT", "G\x80T", "G\xc3\xa9T", "GET:", "G(T", "G/T", "G\"T", "G{T"} {
		add(fmt.Sprintf("method: %q", m), pseudo(":method", m), refused)
	}
	for _, p := range []string{"/", "/p?q", "/p?", "//b/p", "/%20", "/../p", "/p;x", "/http://b/", "/p?a=/?"} {
		add("path: "+p, pseudo(":path", p), "GET "+p+` a ""`)
	}
	for _, p := range []string{"", "p", "p/q", "?q", "*", "**", "/p q", "/p ", " /p", "/p HTTP/1.1", "/p HTTP/1.1\r\nT-A: b", "/p HTTP/1.1\r\nHost: a\r\n\r\nGET /smuggled", "/p\tq", "/p\r", "/p\n", "/p\r\nT-A: b", "/p\x00", "/p\x01", "/p\x7f", "/p\x80", "/\xc3\xa9", "/p#f", "#f",
		"http://b/p", "https://b/p", "http:/p", "http:p", "file:///etc/passwd", "javascript:x", "a:80", "b/p", "/%zz", "/%", "/%4"} {
		add(fmt.Sprintf("path: %q", p), pseudo(":path", p), refused)
	}
	add("path: * with OPTIONS", request([]Field{{":method", "OPTIONS"}, {":path", "*"}}), `OPTIONS * a ""`)
	for _, a := range []string{"a:80", "A.b", "[::1]", "[::1]:80", "127.0.0.1"} {
		add("authority: "+a, pseudo(":authority", a), "GET /p "+a+` ""`)
	}
	for _, a := range []string{"a b", " a", "a ", "a\tb", "a\r\nT-A: b", "a\r", "a\n", "a\x00", "a\x01", "a\x7f", "a\x80", "\xc3\xa9", "a/b", "a?b", "a#b", "u@a", "u:p@a", "@a", "a:b", "a:-1", "a:80:80", "::1", "[::1", "[]", "{a}", "a`b", "a|b", `a\b`, "%zz", "http://a"} {
		add(fmt.Sprintf("authority: %q", a), pseudo(":authority", a), refused)
	}
	for _, s := range []string{"", "h t", "http\r\n", "http\x00", "ht\x80tp"} {
		add(fmt.Sprintf("scheme: %q", s), pseudo(":scheme", s), refused+" or "+seen)
		out[len(out)-1].Open = "the scheme does not cross to HTTP/1.1, and nobody reads it"
	}
	for i, f := range request(nil) {
		without := append(append([]Field{}, request(nil)[:i]...), request(nil)[i+1:]...)
		if f.Name != ":authority" { // RFC 9113, 8.3.1: it may be missing
			add("missing: "+f.Name, without, refused)
		}
		add("twice: "+f.Name, append([]Field{f}, request(nil)...), refused)
		add("twice, the second other: "+f.Name, append(append([]Field{}, request(nil)...), Field{f.Name, f.Value + "x"}), refused)
		add("behind a field: "+f.Name, append(append(append([]Field{}, without...), Field{"t-a", "b"}), f), refused)
	}
	for _, name := range []string{":", ":foo", ":status", ":protocol", ":Method", ":host", ":method ", ": method"} {
		add(fmt.Sprintf("unknown: %q", name), append([]Field{{name, "200"}}, request(nil)...), refused)
	}
	return append(out, append(fieldStreams(), bodyStreams()...)...)
}

// fieldStreams returns the other fields (RFC 9113, 8.2).
func fieldStreams() []Stream {
	field := func(name, value string) []Field { return request(nil, Field{name, value}) }
	out := []Stream{
		{Name: "field: plain", Fields: field("t-a", "b"), Want: seen + ` T-A="b"`},
		{Name: "field: empty", Fields: field("t-a", ""), Want: seen + ` T-A=""`},
		{Name: "field: text above 0x7f", Fields: field("t-a", "\xc3\xa9"), Want: seen + ` T-A="é"`},
		{Name: "field: underscore", Fields: field("t_a", "b"), Want: seen + ` T_a="b"`, Dropped: seen},
		{Name: "field: module's token", Fields: field("ms-aspnetcore-token", "x"), Want: seen},
		{Name: "field: te trailers", Fields: field("te", "trailers"), Want: seen},
		{Name: "field: host as the authority", Fields: field("host", "a"), Want: seen},
		{Name: "field: host other than the authority", Fields: field("host", "b"), Want: refused + " or " + seen, Open: "RFC 9113, 8.3.1: the authority counts, or the request is malformed"},
		{Name: "field: cookie twice", Fields: request(nil, Field{"cookie", "a=b"}, Field{"cookie", "c=d"}), Want: seen},
		{Name: "field: larger than the limit", Fields: field("t-a", strings.Repeat("a", 80_000)), Want: refused},
	}
	for _, name := range []string{"", " ", "T-A", "t-A", "t a", " t-a", "t-a ", "t-a:", "t:a", "t\ta", "t\ra", "t\na", "t\r\na: b\r\nc", "t\x00a", "t\x01a", "t\x7fa", "t\x80a", "t\xc3\xa9", "t(a", "t/a", "t\"a", "t@a", "t{a"} {
		out = append(out, Stream{Name: fmt.Sprintf("field: name %q", name), Fields: field(name, "b"), Want: refused})
	}
	for _, value := range []string{"b\r", "b\n", "b\r\nc", "b\r\nT-B: c", "b\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n b", "b\x00c", "b\x01c", "b\x0bc", "b\x1bc", "b\x7fc", " b", "b ", "\tb", "b\t"} {
		out = append(out, Stream{Name: fmt.Sprintf("field: value %q", value), Fields: field("t-a", value), Want: refused})
	}
	for _, f := range []Field{{"connection", "close"}, {"connection", "keep-alive"}, {"connection", "t-a"}, {"keep-alive", "300"}, {"proxy-connection", "close"}, {"transfer-encoding", "chunked"}, {"transfer-encoding", "gzip"},
		{"upgrade", "websocket"}, {"te", "gzip"}, {"te", "trailers, gzip"}} {
		out = append(out, Stream{Name: "field: " + f.Name + " " + f.Value, Fields: field(f.Name, f.Value), Want: refused})
	}
	return out
}

// bodyStreams returns bodies beside their length (RFC 9113, 8.1.1), resets and trailers.
func bodyStreams() []Stream {
	post := func(more ...Field) []Field { return request([]Field{{":method", "POST"}}, more...) }
	length := func(v string) []Field { return post(Field{"content-length", v}) }
	const posted = `POST /p a "abc"`
	out := []Stream{
		{Name: "body: without a length", Fields: post(), Data: []string{"abc"}, Want: posted},
		{Name: "body: in three", Fields: post(), Data: []string{"a", "b", "c"}, Want: posted},
		{Name: "body: empty frames", Fields: post(), Data: []string{"", "abc", ""}, Want: posted},
		{Name: "body: its length", Fields: length("3"), Data: []string{"abc"}, Want: posted},
		{Name: "body: its length, in three", Fields: length("3"), Data: []string{"a", "b", "c"}, Want: posted},
		{Name: "body: a request", Fields: post(), Data: []string{Smuggled}, Want: fmt.Sprintf("POST /p a %q", Smuggled)},
		{Name: "body: of GET", Fields: request(nil), Data: []string{"abc"}, Want: `GET /p a "abc"`},
		{Name: "body: length zero", Fields: length("0"), Want: `POST /p a ""`},
		{Name: "body: length zero, empty frame", Fields: length("0"), Data: []string{""}, Want: `POST /p a ""`},
		{Name: "body: trailers", Fields: post(Field{"trailer", "t-z"}), Data: []string{"abc"}, Trailers: []Field{{"t-z", "y"}}, Want: posted + ` ~T-Z="y"`},
		{Name: "body: trailers, not announced", Fields: post(), Data: []string{"abc"}, Trailers: []Field{{"t-z", "y"}}, Want: posted + ` ~T-Z="y"` + " or " + posted,
			Open: "RFC 9110, 6.5.1 lets a recipient drop trailers; net/http drops those that were not announced"},
		{Name: "body: trailers with a pseudo-header field", Fields: post(), Data: []string{"abc"}, Trailers: []Field{{":path", "/smuggled"}}, Want: refused},
		{Name: "body: trailers in upper case", Fields: post(), Data: []string{"abc"}, Trailers: []Field{{"T-Z", "y"}}, Want: refused},
		{Name: "body: trailers with a line break", Fields: post(), Data: []string{"abc"}, Trailers: []Field{{"t-z", "y\r\nx: y"}}, Want: refused},
		{Name: "reset: behind the head", Fields: post(), Reset: true, Want: refused},
		{Name: "reset: behind the head with a length", Fields: length("3"), Reset: true, Want: refused},
		{Name: "reset: inside the body", Fields: post(), Data: []string{"ab"}, Reset: true, Want: refused},
		{Name: "reset: inside a body with a length", Fields: length("3"), Data: []string{"ab"}, Reset: true, Want: refused},
		{Name: "CONNECT: with scheme and path", Fields: request([]Field{{":method", "CONNECT"}}), Want: refused},
		{Name: "CONNECT: without authority", Fields: []Field{{":method", "CONNECT"}}, Want: refused},
		{Name: "CONNECT: authority that is none", Fields: []Field{{":method", "CONNECT"}, {":authority", "a b"}}, Want: refused},
	}
	for _, v := range []string{"0", "1", "2", "4", "-1", "-3", "+3", " 3", "3 ", "3, 3", "0x3", "3.0", "a", "", "18446744073709551619", "9223372036854775808", "9223372036854775807", "99999999999999999999999"} {
		out = append(out, Stream{Name: fmt.Sprintf("body: length %q beside three bytes", v), Fields: length(v), Data: []string{"abc"}, Want: refused},
			Stream{Name: fmt.Sprintf("body: length %q beside three frames", v), Fields: length(v), Data: []string{"a", "b", "c"}, Want: refused})
		if v != "0" {
			out = append(out, Stream{Name: fmt.Sprintf("body: length %q beside none", v), Fields: length(v), Want: refused})
		}
	}
	return append(out, Stream{Name: "body: length twice", Fields: post(Field{"content-length", "3"}, Field{"content-length", "4"}), Data: []string{"abc"}, Want: refused})
}
