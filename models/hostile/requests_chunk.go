package hostile

import (
	"fmt"
	"strings"
)

const (
	chunkSpace = "net/http takes white space behind a size that no extension follows, and refuses it before an extension"
	chunkWaits = "net/http waits for that many bytes"
)

// chunkRequests returns forms of a chunked body (RFC 9112, 7.1).
func chunkRequests() []Request {
	out := []Request{
		{Name: "chunk: none", Input: chunks("0\r\n\r\n"), Want: `POST /p a ""; kept`},
		{Name: "chunk: one", Input: chunks("3\r\nabc\r\n0\r\n\r\n"), Want: posted},
		{Name: "chunk: three", Input: chunks("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n"), Want: posted},
		{Name: "chunk: a thousand", Input: chunks(strings.Repeat("1\r\na\r\n", 1000) + "0\r\n\r\n"), Want: fmt.Sprintf("POST /p a %q; kept", strings.Repeat("a", 1000))},
		{Name: "chunk: hex digits", Input: chunks("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"), Want: `POST /p a "01234567890123456789a"; kept`},
		{Name: "chunk: line breaks as data", Input: chunks("4\r\n\r\n\r\n\r\n0\r\n\r\n"), Want: `POST /p a "\r\n\r\n"; kept`},
		{Name: "chunk: an end as data", Input: chunks("5\r\n0\r\n\r\n\r\n0\r\n\r\n"), Want: `POST /p a "0\r\n\r\n"; kept`},
		{Name: "chunk: a request as data", Input: chunks("23\r\n" + Smuggled + "\r\n0\r\n\r\n"), Want: `POST /p a "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"; kept`},
		{Name: "chunk: then a request", Input: chunks("3\r\nabc\r\n0\r\n\r\n") + get(""), Want: `POST /p a "abc"; GET /p a ""; kept`},
		{Name: "chunk: last one with zeros", Input: chunks("3\r\nabc\r\n000\r\n\r\n"), Want: posted},
		{Name: "chunk: data longer than its size", Input: chunks("3\r\nabcd\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: data shorter than its size", Input: chunks("5\r\nabc\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: data without an end", Input: chunks("3\r\nabc0\r\n\r\n"), Want: bad},
		{Name: "chunk: data ends in LF", Input: chunks("3\r\nabc\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: data ends in CR", Input: chunks("3\r\nabc\r0\r\n\r\n"), Want: bad},
		{Name: "chunk: data ends in CR CR LF", Input: chunks("3\r\nabc\r\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: data ends in letters", Input: chunks("3\r\nabcXX0\r\n\r\n"), Want: bad},
		{Name: "chunk: empty line between chunks", Input: chunks("3\r\nabc\r\n\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: size ends in LF", Input: chunks("3\nabc\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: size ends in CR", Input: chunks("3\rabc\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: size ends in CR CR LF", Input: chunks("3\r\r\nabc\r\n0\r\n\r\n"), Want: bad},
		{Name: "chunk: last one ends in LF", Input: chunks("3\r\nabc\r\n0\n\r\n"), Want: bad},
		{Name: "chunk: body ends in LF", Input: chunks("3\r\nabc\r\n0\r\n\n"), Want: bad, Except: stdlib(posted, bareLF)},
		{Name: "chunk: body without its last line", Input: chunks("3\r\nabc\r\n0\r\n"), Want: bad},
	}
	for _, size := range []string{"03", "003", "00000000000003"} {
		out = append(out, Request{Name: "chunk: size " + size, Input: chunks(size + "\r\nabc\r\n0\r\n\r\n"), Want: posted})
	}
	for _, size := range []string{"", " ", ";a", "g", "-3", "+3", "0x3", "3h", "3.0", "3,3", "1_0", " 3", "\t3", "\x0b3", "3\x0b", "3\x00", "\x003", "\xff3", "3:3", "3=", "\"3\"", "３",
		"7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "10000000000000003", "ffffffffffffffffffff"} {
		r := Request{Name: fmt.Sprintf("chunk: size %q", size), Input: chunks(size + "\r\nabc\r\n0\r\n\r\n"), Want: bad}
		if len(size) == 16 {
			r.Except = stdlib("", chunkWaits)
		}
		out = append(out, r)
	}
	for _, space := range []string{"3 ", "3\t", "3  \t"} {
		out = append(out, Request{Name: fmt.Sprintf("chunk: size %q", space), Input: chunks(space + "\r\nabc\r\n0\r\n\r\n"), Want: bad, Except: stdlib(posted, chunkSpace)})
	}
	for _, ext := range []string{";", ";a", ";a=b", ";a=\"b\"", ";a=\"\\\"\"", ";a;b;c=d", "; a = b", ";a=\"b;c\"", ";\xc3\xa9", ";" + strings.Repeat("a", 900)} {
		out = append(out, Request{Name: fmt.Sprintf("chunk: extension %.20q", ext), Input: chunks("3" + ext + "\r\nabc\r\n0" + ext + "\r\n\r\n"), Want: posted})
	}
	for _, ext := range []string{";a\rb", ";\n", ";a\n", ";a\x00b", ";a\x01", ";a\x7f", ";" + strings.Repeat("a", 5000)} {
		r := Request{Name: fmt.Sprintf("chunk: bad extension %.20q", ext), Input: chunks("3" + ext + "\r\nabc\r\n0\r\n\r\n"), Want: bad}
		if strings.ContainsAny(ext, "\x00\x01\x7f") {
			r.Except = stdlib(posted, "net/http does not look into an extension")
		}
		out = append(out, r)
	}
	return append(out,
		Request{Name: "chunk: size of many zeros", Input: chunks(strings.Repeat("0", 31) + "3\r\nabc\r\n0\r\n\r\n"), Want: posted,
			Except: stdlib(bad, "net/http takes sixteen digits at most")},
		Request{Name: "chunk: space before an extension", Input: chunks("3 ;a\r\nabc\r\n0\r\n\r\n"), Want: posted, Except: stdlib(bad, chunkSpace)},
		Request{Name: "chunk: extensions without end", Input: chunks(strings.Repeat("1;"+strings.Repeat("a", 900)+"\r\na\r\n", 40) + "0\r\n\r\n"), Want: bad})
}

// trailerRequests returns forms of the trailer section (RFC 9112, 7.1.2; RFC 9110, 6.5).
func trailerRequests() []Request {
	trailer := func(t string) string { return chunks("3\r\nabc\r\n0\r\n" + t + "\r\n") }
	announced := func(t string) string {
		return post("Transfer-Encoding: chunked\r\nTrailer: T-Z\r\n", "3\r\nabc\r\n0\r\n"+t+"\r\n")
	}
	out := []Request{
		{Name: "trailer: none, announced", Input: announced(""), Want: posted},
		{Name: "trailer: one, announced", Input: announced("T-Z: y\r\n"), Want: `POST /p a "abc" ~T-Z="y"; kept`},
		{Name: "trailer: one, not announced", Input: trailer("T-Z: y\r\n"), Want: `POST /p a "abc" ~T-Z="y"; kept`},
		{Name: "trailer: two", Input: trailer("T-Y: x\r\nT-Z: y\r\n"), Want: `POST /p a "abc" ~T-Y="x" ~T-Z="y"; kept`},
		{Name: "trailer: then a request", Input: trailer("T-Z: y\r\n") + get(""), Want: `POST /p a "abc" ~T-Z="y"; GET /p a ""; kept`},
		{Name: "trailer: length", Input: trailer("Content-Length: 38\r\n") + get(""), Want: `POST /p a "abc"; GET /p a ""; kept`},
		{Name: "trailer: coding", Input: trailer("Transfer-Encoding: chunked\r\n"), Want: posted},
		{Name: "trailer: host", Input: trailer("Host: b\r\n"), Want: posted},
		{Name: "trailer: connection", Input: trailer("Connection: close\r\n"), Want: posted},
		{Name: "trailer: module's token", Input: trailer("MS-ASPNETCORE-TOKEN: x\r\n"), Want: posted},
		{Name: "trailer: no colon", Input: trailer("abc\r\n"), Want: bad},
		{Name: "trailer: no name", Input: trailer(": b\r\n"), Want: bad},
		{Name: "trailer: request", Input: trailer("GET /smuggled HTTP/1.1\r\nHost: a\r\n"), Want: bad},
		{Name: "trailer: space before the colon", Input: trailer("T-Z : y\r\n"), Want: bad, Except: stdlib(posted, "net/http lets it pass, and nothing of it reaches the app behind a front")},
		{Name: "trailer: fold", Input: trailer("T-Z: y\r\n z\r\n"), Want: bad, Except: stdlib(`POST /p a "abc" ~T-Z="y z"; kept`, folds)},
		{Name: "trailer: fold first", Input: trailer(" T-Z: y\r\n"), Want: bad},
		{Name: "trailer: bare LF", Input: trailer("T-Z: y\n"), Want: bad, Except: stdlib(`POST /p a "abc" ~T-Z="y"; kept`, bareLF)},
		{Name: "trailer: bare CR", Input: trailer("T-Z: y\rz\r\n"), Want: bad},
		{Name: "trailer: NUL", Input: trailer("T-Z: y\x00\r\n"), Want: bad},
		{Name: "trailer: control in a value", Input: trailer("T-Z: y\x01\r\n"), Want: bad},
		{Name: "trailer: control in a name", Input: trailer("T\x01Z: y\r\n"), Want: bad},
		{Name: "trailer: underscore", Input: trailer("T_Z: y\r\n"), Want: `POST /p a "abc" ~T_z="y"; kept`,
			Except: []Exception{{"out-of-process", posted, "the forwarder drops fields with underscores, trailers too"}}},
	}
	return append(out, Request{Name: "trailer: longer than the limit", Input: trailer("T-Z: " + strings.Repeat("a", 70_000) + "\r\n"), Want: tooBig,
		Except: []Exception{{"in-process", bad, "the app reads the body, and answers as it likes"}, {"stdlib", bad, "net/http calls it a malformed body"}}})
}
