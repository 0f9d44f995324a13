package hostile

import (
	"fmt"
	"strings"
)

// interimAnswers returns informational answers before the real one (RFC 9110, 15.2).
func interimAnswers() []Answer {
	interim := func(code, n int, fields string) string {
		return strings.Repeat(fmt.Sprintf("HTTP/1.1 %d X\r\n%s\r\n", code, fields), n)
	}
	return []Answer{
		{Name: "interim: 100", Bytes: interim(100, 1, "") + whole, Want: abc},
		{Name: "interim: 100 to POST", Method: "POST", Body: "def", Bytes: interim(100, 1, "") + whole, Want: abc},
		{Name: "interim: 102", Bytes: interim(102, 1, "") + whole, Want: abc},
		{Name: "interim: 103", Bytes: interim(103, 1, "Link: x\r\n") + whole, Want: abc},
		{Name: "interim: 199", Bytes: interim(199, 1, "") + whole, Want: abc},
		{Name: "interim: 103 three times", Bytes: interim(103, 3, "") + whole, Want: abc},
		{Name: "interim: 103 fifty times", Bytes: interim(103, 50, "") + whole, Want: abc},
		{Name: "interim: 103 without end", Bytes: interim(103, 10_000, "") + whole, Want: gateway},
		{Name: "interim: 100 without end", Bytes: interim(100, 10_000, "") + whole, Want: gateway},
		{Name: "interim: 100 without end to POST", Method: "POST", Body: "def", Bytes: interim(100, 10_000, "") + whole, Want: gateway},
		{Name: "interim: and no answer", Bytes: interim(103, 1, ""), End: Closes, AtOnce: true, Want: gateway},
		{Name: "interim: and reset", Bytes: interim(103, 1, ""), End: Resets, AtOnce: true, Want: gateway},
		{Name: "interim: with a body", Bytes: interim(103, 1, "Content-Length: 3\r\n") + "abc" + whole, Want: gateway},
		{Name: "interim: with a length and no body", Bytes: interim(103, 1, "Content-Length: 3\r\n") + whole, Want: abc},
		{Name: "interim: with chunks", Bytes: interim(103, 1, "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n" + whole, Want: gateway},
		{Name: "interim: in HTTP/1.0", Bytes: "HTTP/1.0 103 X\r\n\r\n" + whole, Want: abc},
		{Name: "interim: bad", Bytes: "HTTP/1.1 103 X\r\nbad\r\n\r\n" + whole, Want: gateway},
		{Name: "interim: close in it", Bytes: interim(103, 1, "Connection: close\r\n") + whole, Want: abc},
		{Name: "interim: then the answer, then another", Bytes: interim(103, 1, "") + whole + interim(103, 1, "") + stray, Want: abc},
		{Name: "interim: forged proof", Bytes: interim(103, 1, "X-Ancm-Model: x\r\nMS-ASPNETCORE-TOKEN: y\r\n") + whole, Want: abc},
		{Name: "interim: 101 that nobody asked for", Bytes: "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", Want: gateway},
		{Name: "interim: 101 and an answer", Bytes: "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + whole, Want: gateway},
		{Name: "interim: 101 without fields", Bytes: "HTTP/1.1 101 X\r\n\r\n" + stray, Want: gateway},
	}
}

// endAnswers returns whole answers with each form of Connection, in each version, on a
// connection that stays, ends or breaks behind them, said or not (RFC 9112, 9).
func endAnswers() []Answer {
	var out []Answer
	ends := map[End]string{Stays: "stays", Closes: "ends", Resets: "breaks"}
	for _, version := range []string{"1.1", "1.0"} {
		for _, connection := range []string{"", "close", "keep-alive", "keep-alive, close", "Close", "x, close"} {
			for _, body := range []string{"length", "chunks", "end"} {
				for _, end := range []End{Stays, Closes, Resets} {
					if version == "1.0" && body == "chunks" || body == "end" && end != Closes {
						continue // the one is no answer, the others have no end
					}
					for _, atOnce := range []bool{false, true} {
						if atOnce != (body == "end") && (end != Closes || body == "end") {
							continue
						}
						a := Answer{Name: fmt.Sprintf("end: HTTP/%s, Connection: %s, %s, %s, at once: %v", version, connection, body, ends[end], atOnce),
							Bytes: "HTTP/" + version + " 200 OK\r\n", End: end, AtOnce: atOnce, Want: abc}
						if connection != "" {
							a.Bytes += "Connection: " + connection + "\r\n"
						}
						a.Bytes += map[string]string{"length": "Content-Length: 3\r\n\r\nabc", "chunks": "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "end": "\r\nabc"}[body]
						out = append(out, a)
					}
				}
			}
		}
	}
	return out
}

// reusedAnswers returns ends of a connection that had been used before (RFC 9110, 9.2.2):
// what is idempotent and has no body is asked once more, and nothing else.
func reusedAnswers() []Answer {
	var out []Answer
	for _, end := range []End{Closes, Resets} {
		name := map[End]string{Closes: "ends", Resets: "breaks"}[end]
		for _, m := range []string{"GET", "OPTIONS", "TRACE", "PUT", "DELETE"} {
			out = append(out, Answer{Name: "reused: " + m + ", " + name, Method: m, Reused: true, End: end, AtOnce: true, Again: head200 + "Content-Length: 5\r\n\r\nagain", Want: `200 "again"`})
		}
		out = append(out, Answer{Name: "reused: HEAD, " + name, Method: "HEAD", Reused: true, End: end, AtOnce: true, Again: head200 + "Content-Length: 5\r\n\r\n", Want: `200 ""`})
		for _, m := range []string{"POST", "PATCH", "get", "X"} {
			out = append(out, Answer{Name: "reused: " + m + ", " + name, Method: m, Reused: true, End: end, AtOnce: true, Want: gateway})
		}
		for _, m := range []string{"POST", "PUT", "GET"} {
			out = append(out, Answer{Name: "reused: " + m + " with a body, " + name, Method: m, Body: "def", Reused: true, End: end, AtOnce: true, Want: gateway})
		}
		out = append(out,
			Answer{Name: "reused: GET, " + name + " again", Reused: true, End: end, AtOnce: true, Again: "-", Want: gateway})
	}
	return append(out,
		Answer{Name: "reused: ends behind a byte", Reused: true, Bytes: "H", End: Closes, AtOnce: true, Want: gateway},
		Answer{Name: "reused: an answer behind, later", Reused: true, Bytes: whole, Behind: stray, Want: abc},
		Answer{Name: "reused: body behind HEAD, later", Reused: true, Method: "HEAD", Bytes: head200 + "Content-Length: 3\r\n\r\n", Behind: "abc", Want: `200 ""`},
		Answer{Name: "reused: garbage", Reused: true, Bytes: "garbage\r\n\r\n", Want: gateway},
		Answer{Name: "reused: ends inside the body", Reused: true, Bytes: head200 + "Content-Length: 10\r\n\r\nabc", End: Closes, AtOnce: true, Want: cut},
	)
}
