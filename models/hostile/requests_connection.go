package hostile

import (
	"fmt"
)

// connectionRequests returns forms of Connection, pipelining and upgrades (RFC 9112, 9;
// RFC 9110, 7.6.1 and 7.8).
func connectionRequests() []Request {
	var out []Request
	const closed = `GET /p a ""; closed`
	for _, v := range []string{"close", "Close", "CLOSE", "close,", ",close", ", ,close", "keep-alive, close", "close, keep-alive", "keep-alive,close", "x, close, y", "\tclose\t", "close,close"} {
		out = append(out, Request{Name: fmt.Sprintf("connection: %q", v), Input: get("Connection: "+v+"\r\n") + Smuggled, Want: closed})
	}
	for _, v := range []string{"keep-alive", "Keep-Alive", "", ",", "x", "closed", "x-close", "close-x", "close;x", "close x", "\"close\"", "'close'", "clo,se", "no-close", "upgrade", "TE"} {
		r := Request{Name: fmt.Sprintf("connection: %q", v), Input: get("Connection: " + v + "\r\n"), Want: plain}
		if v == "close x" {
			r.Except = stdlib(closed, "net/http looks for the word, and not for an element of the list")
		}
		out = append(out, r)
	}
	for _, v := range []struct{ fields, want string }{
		{"", closed}, {"Connection: close\r\n", closed}, {"Connection: keep-alive\r\n", plain}, {"Connection: Keep-Alive\r\n", plain}, {"Connection: x, keep-alive\r\n", plain},
		{"Connection: keep-alive, close\r\n", closed}, {"Connection: close\r\nConnection: keep-alive\r\n", closed}, {"Keep-Alive: 300\r\n", closed}, {"Proxy-Connection: keep-alive\r\n", closed},
	} {
		r := Request{Name: fmt.Sprintf("connection: HTTP/1.0 %q", v.fields), Input: "GET /p HTTP/1.0\r\nHost: a\r\n" + v.fields + "\r\n", Want: v.want}
		if v.want == closed {
			r.Input += Smuggled
		}
		out = append(out, r)
	}
	pipelined := func(n int) (in, want string) {
		for i := range n {
			in += fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i)
			want += fmt.Sprintf("GET /%d a \"\"; ", i)
		}
		return in, want
	}
	for _, n := range []int{2, 3, 10, 100} {
		in, want := pipelined(n)
		out = append(out, Request{Name: fmt.Sprintf("pipelined: %d", n), Input: in, Want: want + "kept"})
	}
	two := `GET /0 a ""; GET /1 a ""; `
	in2, _ := pipelined(2)
	hand := "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	out = append(out,
		Request{Name: "connection: close and keep-alive in two fields", Input: get("Connection: keep-alive\r\nConnection: close\r\n") + Smuggled, Want: closed},
		Request{Name: "connection: close first of two fields", Input: get("Connection: close\r\nConnection: keep-alive\r\n") + Smuggled, Want: closed},
		Request{Name: "connection: Proxy-Connection", Input: get("Proxy-Connection: close\r\n"), Want: plain},
		Request{Name: "connection: Keep-Alive", Input: get("Keep-Alive: timeout=0, max=0\r\n"), Want: plain},
		Request{Name: "connection: names a field", Input: get("Connection: T-A\r\nT-A: b\r\n"), Want: `GET /p a "" T-A="b"; kept`,
			Except: []Exception{{"out-of-process", plain, "what Connection names ends at an intermediary (RFC 9110, 7.6.1)"}}},
		Request{Name: "connection: names everything", Input: get("Connection: Host, Content-Length, MS-ASPNETCORE-TOKEN, X-Forwarded-For, Connection, close-x\r\n"), Want: plain},
		Request{Name: "connection: close with a body", Input: post("Connection: close\r\nContent-Length: 3\r\n", "abc") + Smuggled, Want: `POST /p a "abc"; closed`},
		Request{Name: "connection: close in chunks", Input: post("Connection: close\r\nTransfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") + Smuggled, Want: `POST /p a "abc"; closed`},
		Request{Name: "pipelined: bodies", Input: post("Content-Length: 3\r\n", "abc") + chunks("3\r\ndef\r\n0\r\n\r\n") + post("Content-Length: 1\r\n", "g") + get(""),
			Want: `POST /p a "abc"; POST /p a "def"; POST /p a "g"; GET /p a ""; kept`},
		Request{Name: "pipelined: empty line between", Input: get("") + "\r\n" + get(""), Want: `GET /p a ""; GET /p a ""; kept`, Todo: todo("nethttp", "a CRLF before a request is refused")},
		Request{Name: "pipelined: empty line behind a body", Input: post("Content-Length: 3\r\n", "abc") + "\r\n" + get(""), Want: `POST /p a "abc"; GET /p a ""; kept`},
		Request{Name: "pipelined: then garbage", Input: in2 + "\x00\x01\x02\r\n\r\n", Want: two + bad},
		Request{Name: "pipelined: then no host", Input: in2 + "GET /p HTTP/1.1\r\n\r\n", Want: two + bad},
		Request{Name: "pipelined: then both framings", Input: in2 + post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"+Smuggled), Want: two + bad,
			Todo: todo("nethttp", bothFramings)},
		Request{Name: "pipelined: then an unknown coding", Input: in2 + post("Transfer-Encoding: gzip\r\n", "x"), Want: two + unknown},
		Request{Name: "pipelined: then a bad chunk", Input: in2 + chunks("x\r\n"), Want: two + bad},
		Request{Name: "pipelined: then HTTP/1.0", Input: in2 + "GET /p HTTP/1.0\r\nHost: a\r\n\r\n" + Smuggled, Want: two + closed},
		Request{Name: "pipelined: HEAD between", Input: get("") + line("HEAD /h HTTP/1.1") + get(""), Want: `GET /p a ""; HEAD /h a ""; GET /p a ""; kept`},
		Request{Name: "upgrade: WebSocket that the app does not know", Input: get("Connection: Upgrade\r\nUpgrade: websocket\r\n" + hand), Want: plain},
		Request{Name: "upgrade: WebSocket with a body", Input: post("Connection: Upgrade\r\nUpgrade: websocket\r\n"+hand+"Content-Length: 3\r\n", "abc"), Want: posted},
		Request{Name: "upgrade: WebSocket, then a request", Input: get("Connection: Upgrade\r\nUpgrade: websocket\r\n"+hand) + get(""), Want: `GET /p a ""; GET /p a ""; kept`},
		Request{Name: "upgrade: WebSocket in HTTP/1.0", Input: "GET /p HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", Want: closed},
		Request{Name: "upgrade: h2c", Input: get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"), Want: plain},
		Request{Name: "upgrade: TLS", Input: get("Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"), Want: plain},
		Request{Name: "upgrade: HTTP/2", Input: get("Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n"), Want: plain},
		Request{Name: "upgrade: several", Input: get("Connection: Upgrade\r\nUpgrade: x, websocket\r\nUpgrade: y/2\r\n"), Want: plain},
		Request{Name: "upgrade: without Connection", Input: get("Upgrade: websocket\r\n" + hand), Want: plain},
		Request{Name: "upgrade: Connection alone", Input: get("Connection: Upgrade\r\n"), Want: plain},
		Request{Name: "upgrade: empty", Input: get("Connection: Upgrade\r\nUpgrade:\r\n"), Want: plain},
		Request{Name: "upgrade: bad", Input: get("Connection: Upgrade\r\nUpgrade: \"websocket\"\r\n"), Want: plain},
		Request{Name: "upgrade: and close", Input: get("Connection: Upgrade, close\r\nUpgrade: websocket\r\n"+hand) + Smuggled, Want: closed},
	)
	return out
}
