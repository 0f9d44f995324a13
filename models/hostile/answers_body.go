package hostile

import (
	"fmt"
	"strings"
)

// framingAnswers returns forms of the framing fields (RFC 9112, 6).
func framingAnswers() []Answer {
	var out []Answer
	for _, l := range lengths {
		if l.means == noLength {
			out = append(out, Answer{Name: fmt.Sprintf("framing: %q", l.fields), Bytes: head200 + l.fields + "\r\nabc", End: Closes, AtOnce: true, Want: gateway})
		} else if l.means == three {
			out = append(out, Answer{Name: fmt.Sprintf("framing: %q", l.fields), Bytes: head200 + l.fields + "\r\nabc", Want: abc})
		}
	}
	for _, c := range codings {
		switch c.means {
		case chunked:
			out = append(out, Answer{Name: fmt.Sprintf("framing: %q", c.fields), Bytes: head200 + c.fields + "\r\n3\r\nabc\r\n0\r\n\r\n", Want: abc})
		case noCoding, foreign:
			out = append(out, Answer{Name: fmt.Sprintf("framing: %q", c.fields), Bytes: head200 + c.fields + "\r\n3\r\nabc\r\n0\r\n\r\n", End: Closes, AtOnce: true, Want: gateway})
		}
	}
	both := "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
	return append(out,
		Answer{Name: "framing: both", Bytes: head200 + both + "\r\n3\r\nabc\r\n0\r\n\r\n", Want: gateway},
		Answer{Name: "framing: both, the other way round", Bytes: head200 + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Want: gateway},
		Answer{Name: "framing: same length twice", Bytes: head200 + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", Want: abc},
		Answer{Name: "framing: chunks in HTTP/1.0", Bytes: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", End: Closes, AtOnce: true, Want: gateway},
		Answer{Name: "framing: neither", Bytes: head200 + "\r\nabc", End: Closes, AtOnce: true, Want: abc},
		Answer{Name: "framing: neither, reset", Bytes: head200 + "\r\nabc", End: Resets, AtOnce: true, Want: gateway + " or " + cut},
		Answer{Name: "framing: neither, an answer for a body", Bytes: head200 + "\r\n" + stray, End: Closes, AtOnce: true, Want: fmt.Sprintf("200 %q", stray)},
		Answer{Name: "framing: length of nothing", Bytes: head200 + "Content-Length: 0\r\n\r\n", Want: `200 ""`},
	)
}

// bodyAnswers returns bodies that are longer, shorter or other than their framing says,
// and bodies where none may be (RFC 9112, 6.3 and 7.1).
func bodyAnswers() []Answer {
	out := []Answer{
		{Name: "body: an answer behind", Bytes: whole + stray, Want: abc},
		{Name: "body: an answer behind, later", Bytes: whole, Behind: stray, Want: abc},
		{Name: "body: a byte behind", Bytes: whole + "x", Want: abc},
		{Name: "body: a byte behind, later", Bytes: whole, Behind: "x", Want: abc},
		{Name: "body: a line break behind", Bytes: whole + "\r\n", Want: abc},
		{Name: "body: a line break behind, later", Bytes: whole, Behind: "\r\n", Want: abc},
		{Name: "body: much behind", Bytes: whole + strings.Repeat(stray, 2000), Want: abc},
		{Name: "body: much behind, later", Bytes: whole, Behind: strings.Repeat(stray, 2000), Want: abc},
		{Name: "body: half an answer behind", Bytes: whole + stray[:30], Want: abc},
		{Name: "body: half an answer behind, half with the next", Bytes: whole + stray[:30], Next: stray[30:], Want: abc},
		{Name: "body: a byte behind, and the next answer's length", Bytes: whole + "H", Next: "TTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", Want: abc},
		{Name: "body: half an answer behind, later", Bytes: whole, Behind: stray[:30], Want: abc},
		{Name: "body: an interim answer behind, later", Bytes: whole, Behind: "HTTP/1.1 103 Early Hints\r\n\r\n", Want: abc},
		{Name: "body: answer and end behind, later", Bytes: whole, Behind: stray, End: Closes, Want: abc},
		{Name: "body: answer and reset behind, later", Bytes: whole, Behind: stray, End: Resets, Want: abc},
		{Name: "body: shorter than its length", Bytes: head200 + "Content-Length: 10\r\n\r\nabc", End: Closes, AtOnce: true, Want: cut},
		{Name: "body: shorter than its length, reset", Bytes: head200 + "Content-Length: 10\r\n\r\nabc", End: Resets, AtOnce: true, Want: gateway + " or " + cut},
		{Name: "body: none where a length is", Bytes: head200 + "Content-Length: 10\r\n\r\n", End: Closes, AtOnce: true, Want: cut},
		{Name: "body: of POST, with an answer behind, later", Method: "POST", Body: "def", Bytes: whole, Behind: stray, Want: abc},
		{Name: "early: answer before the body", Method: "POST", Body: strings.Repeat("x", 1000), Early: true, Bytes: whole, Want: abc},
		{Name: "early: answer before the body, stray later", Method: "POST", Body: strings.Repeat("x", 1000), Early: true, Bytes: whole, Behind: stray, Want: abc},
		{Name: "early: chunks before the body", Method: "POST", Body: strings.Repeat("x", 1000), Early: true, Bytes: inChunks("3\r\nabc\r\n0\r\n\r\n"), Want: abc},
		{Name: "early: refusal before the body", Method: "POST", Body: strings.Repeat("x", 1000), Early: true, Bytes: "HTTP/1.1 413 X\r\nContent-Length: 3\r\n\r\nabc", Want: `413 "abc"`},
		{Name: "early: refusal and end before the body", Method: "POST", Body: strings.Repeat("x", 1000), Early: true, Bytes: "HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc", End: Closes, AtOnce: true, Want: `413 "abc"`},
	}
	for _, c := range []struct{ name, method, line string }{
		{"HEAD", "HEAD", "200 OK"}, {"HEAD 404", "HEAD", "404 Not Found"}, {"204", "GET", "204 No Content"}, {"304", "GET", "304 Not Modified"}, {"HEAD 304", "HEAD", "304 Not Modified"}, {"204 to POST", "POST", "204 No Content"},
	} {
		first := "HTTP/1.1 " + c.line + "\r\n"
		want := c.line[:3] + ` ""`
		for _, b := range []struct{ name, fields, body string }{
			{"nothing", "", ""}, {"length zero", "Content-Length: 0\r\n", ""}, {"a length", "Content-Length: 3\r\n", ""}, {"a length and a body", "Content-Length: 3\r\n", "abc"},
			{"chunks", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"}, {"a body", "", "abc"}, {"an answer", "", stray}, {"a length and an answer", "Content-Length: 44\r\n", stray},
		} {
			out = append(out, Answer{Name: "bodyless: " + c.name + " with " + b.name, Method: c.method, Bytes: first + b.fields + "\r\n" + b.body, Want: want})
			if b.body != "" {
				out = append(out, Answer{Name: "bodyless: " + c.name + " with " + b.name + ", later", Method: c.method, Bytes: first + b.fields + "\r\n", Behind: b.body, Want: want})
			}
		}
	}
	for _, good := range []string{"3\r\nabc\r\n0\r\n\r\n", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "03\r\nabc\r\n00\r\n\r\n", "3;x=y\r\nabc\r\n0;z\r\n\r\n", "3\r\nabc\r\n0\r\nX: y\r\n\r\n", "3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n"} {
		out = append(out, Answer{Name: fmt.Sprintf("chunk: %q", good), Bytes: inChunks(good), Want: abc},
			Answer{Name: fmt.Sprintf("chunk: %q, stray", good), Bytes: inChunks(good) + stray, Want: abc},
			Answer{Name: fmt.Sprintf("chunk: %q, stray later", good), Bytes: inChunks(good), Behind: stray, Want: abc})
	}
	for _, wrong := range []string{"3\r\nabcd\r\n0\r\n\r\n", "5\r\nabc\r\n0\r\n\r\n", "3\r\nabc0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "g\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "\r\nabc\r\n0\r\n\r\n",
		" 3\r\nabc\r\n0\r\n\r\n", "ffffffffffffffff\r\nabc", "10000000000000003\r\nabc\r\n0\r\n\r\n", "3;" + strings.Repeat("a", 5000) + "\r\nabc\r\n0\r\n\r\n", "3;a\rb\r\nabc\r\n0\r\n\r\n",
		"3\r\nabc\r\n0\r\nno colon\r\n\r\n", "3\r\nabc\r\n0\r\nX : y\r\n\r\n", "3\r\nabc\r\n0\r\nX: y\n\r\n", "3\r\nabc\r\n0\r\nX: \x00\r\n\r\n", "3\r\nabc\r\n0\r\nX: " + strings.Repeat("a", 70_000) + "\r\n\r\n"} {
		out = append(out, Answer{Name: fmt.Sprintf("chunk: bad %.40q", wrong), Bytes: inChunks(wrong), End: Closes, AtOnce: true, Want: gateway + " or " + cut})
	}
	for _, part := range []string{"", "3", "3\r\n", "3\r\na", "3\r\nabc", "3\r\nabc\r\n", "3\r\nabc\r\n0", "3\r\nabc\r\n0\r\n", "3\r\nabc\r\n0\r\nX: y\r\n"} {
		out = append(out, Answer{Name: fmt.Sprintf("chunk: ends behind %q", part), Bytes: inChunks(part), End: Closes, AtOnce: true, Want: gateway + " or " + cut})
	}
	return out
}
