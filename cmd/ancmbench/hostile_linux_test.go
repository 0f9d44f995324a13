package main

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/wire"
)

// rawServer answers each request on each connection with what say writes, and closes
// the connection when that returns false.
func rawServer(t *testing.T, say func(w io.Writer) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			all.Go(func() {
				defer c.Close()
				for in := bufio.NewReader(c); ; {
					if _, err := http.ReadRequest(in); err != nil || !say(c) {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return l.Addr().String()
}

const (
	ok200   = "HTTP/1.1 200 OK\r\n"
	length5 = ok200 + "Content-Length: 5\r\n\r\nhello"
	chunks  = ok200 + "Transfer-Encoding: chunked\r\n\r\n"
	end     = "0\r\n\r\n"
)

// hostile are answers and what every engine must call them.
var hostile = []struct {
	name, method, answer string
	want                 func(o ancmbench.Outcomes) int64 // all of Sent
}{
	{"garbage", "", "hello, this is no HTTP\n", malformed},
	{"garbage with the end of a head", "", "hello\r\n\r\n", malformed},
	{"another version", "", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", malformed},
	{"lower case version", "", "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", malformed},
	{"an empty line first", "", "\r\n" + length5, malformed},
	{"four digits", "", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", malformed},
	{"status 099", "", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", malformed},
	{"tab behind the status", "", "HTTP/1.1 200\tOK\r\nContent-Length: 0\r\n\r\n", malformed},
	{"bare LF", "", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", malformed},
	{"bare LF in the middle", "", ok200 + "A: b\nContent-Length: 0\r\n\r\n", malformed},
	{"bare CR in a value", "", ok200 + "A: b\rc\r\nContent-Length: 0\r\n\r\n", malformed},
	{"NUL in a value", "", ok200 + "A: \x00\r\nContent-Length: 0\r\n\r\n", malformed},
	{"DEL in a value", "", ok200 + "A: \x7f\r\nContent-Length: 0\r\n\r\n", malformed},
	{"space before the colon", "", ok200 + "A : b\r\nContent-Length: 0\r\n\r\n", malformed},
	{"space in a name", "", ok200 + "A b: c\r\nContent-Length: 0\r\n\r\n", malformed},
	{"no colon", "", ok200 + "A\r\nContent-Length: 0\r\n\r\n", malformed},
	{"no name", "", ok200 + ": b\r\nContent-Length: 0\r\n\r\n", malformed},
	{"folded before the first field", "", ok200 + " A: b\r\nContent-Length: 0\r\n\r\n", malformed},
	{"two lengths", "", ok200 + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", malformed},
	{"a list of lengths", "", ok200 + "Content-Length: 5, 5\r\n\r\nhello", malformed},
	{"signed length", "", ok200 + "Content-Length: +5\r\n\r\nhello", malformed},
	{"empty length", "", ok200 + "Content-Length:\r\n\r\nhello", malformed},
	{"hexadecimal length", "", ok200 + "Content-Length: 0x5\r\n\r\nhello", malformed},
	{"length and chunked", "", ok200 + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + end, malformed},
	{"chunked twice", "", ok200 + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + end, malformed},
	{"gzip, chunked", "", ok200 + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n" + end, malformed},
	{"identity", "", ok200 + "Transfer-Encoding: identity\r\n\r\nhello", malformed},
	{"chunked in 1.0", "", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + end, malformed},
	{"no chunk size", "", chunks + "\r\nhello\r\n" + end, malformed},
	{"chunk size in 0x", "", chunks + "0x5\r\nhello\r\n" + end, malformed},
	{"signed chunk size", "", chunks + "+5\r\nhello\r\n" + end, malformed},
	{"space before a chunk size", "", chunks + " 5\r\nhello\r\n" + end, malformed},
	{"space behind a chunk size", "", chunks + "5 \r\nhello\r\n" + end, malformed},
	{"chunk size too large", "", chunks + "fffffffffffffffff\r\nhello\r\n" + end, malformed},
	{"bare LF behind a chunk size", "", chunks + "5\nhello\r\n" + end, malformed},
	{"bare LF behind a chunk", "", chunks + "5\r\nhello\n" + end, malformed},
	{"chunk longer than its size", "", chunks + "5\r\nhello!\r\n" + end, malformed},
	{"NUL in a chunk extension", "", chunks + "5;a=\x00\r\nhello\r\n" + end, malformed},
	{"trailer without a colon", "", chunks + "5\r\nhello\r\n0\r\nA\r\n\r\n", malformed},
	{"bare LF in the trailers", "", chunks + "5\r\nhello\r\n0\r\nA: b\n\r\n", malformed},
	{"head too long", "", ok200 + "A: " + strings.Repeat("a", 70<<10) + "\r\nContent-Length: 0\r\n\r\n", malformed},
	{"endless interim answers", "", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 4000) + length5, malformed},
	{"endless trailers", "", chunks + "0\r\n" + strings.Repeat("A: b\r\n", 20_000) + "\r\n", malformed},
	{"a body behind 204", "", "HTTP/1.1 204 No Content\r\n\r\nhello", malformed},
	{"a body behind 304", "", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", malformed},
	{"a body behind HEAD", "HEAD", length5, malformed},
	{"two answers", "", length5 + length5, malformed},
	{"more than Content-Length", "", length5 + "!", malformed},
	{"bytes behind the last chunk", "", chunks + "5\r\nhello\r\n" + end + "x", malformed},

	{"a 408 behind the answer", "", length5 + "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", right},
	{"another protocol", "", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello", status(101)},
	{"304", "", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", status(304)},
	{"length", "", length5, right},
	{"no reason", "", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", right},
	{"204", "", "HTTP/1.1 204 No Content\r\n\r\n", right},
	{"HEAD", "HEAD", ok200 + "Content-Length: 5\r\n\r\n", right},
	{"the same length twice", "", ok200 + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", right},
	{"an interim answer", "", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + length5, right},
	{"folded", "", ok200 + "A: b\r\n c\r\nContent-Length:\r\n\t5\r\n\r\nhello", right},
	{"white space before a chunk extension", "", chunks + "5 ;a=b\r\nhello\r\n0 ;c\r\n\r\n", right},
	{"chunk extensions", "", chunks + "5;a=\"b\";c\r\nhello\r\n" + end, right},
	{"chunk size of 16 digits", "", chunks + "0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", right},
	{"chunk size of 40 digits", "", chunks + strings.Repeat("0", 39) + "5\r\nhello\r\n" + end, right},
	{"trailers", "", chunks + "5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n", right},
}

func malformed(o ancmbench.Outcomes) int64 { return o.Malformed }
func right(o ancmbench.Outcomes) int64     { return o.OK }
func status(code int) func(ancmbench.Outcomes) int64 {
	return func(o ancmbench.Outcomes) int64 { return o.Status[code] }
}

// answered puts a few requests on a server that always gives one answer.
func answered(t *testing.T, engine loadgen.Engine, method string, say func(io.Writer) bool) ancmbench.Result {
	t.Helper()
	load := ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Closed}, Dealing: ancmbench.Dealing{Kind: ancmbench.Single},
		Duration: ancmbench.Seconds(time.Minute), Requests: 6, Connections: 2, Timeout: ancmbench.Seconds(30 * time.Second),
		Targets: []ancmbench.Target{{Name: "a", Address: rawServer(t, say),
			Workload: ancmbench.Workload{Name: "w", Requests: []ancmbench.Request{{Method: method, Path: "/"}}}}}}
	results, err := engine.Run(t.Context(), load, nil)
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

// TestEnginesAgree: both engines give every answer the same name, in one piece and byte
// by byte, and nobody writes into the program's log.
func TestEnginesAgree(t *testing.T) {
	var noise bytes.Buffer
	log.SetOutput(&noise)
	defer log.SetOutput(io.Discard)
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			for _, engine := range []loadgen.Engine{&wire.Engine{}, &vegeta.Engine{}} {
				for _, piece := range []int{len(c.answer), 1} {
					if piece == 1 && (len(c.answer) > 1000 || strings.Contains(c.name, "behind") || c.name == "two answers" || strings.HasPrefix(c.name, "more")) {
						continue // what comes late behind an answer is another question
					}
					r := answered(t, engine, c.method, func(w io.Writer) bool {
						for b := []byte(c.answer); len(b) > 0; b = b[min(piece, len(b)):] {
							if _, err := w.Write(b[:min(piece, len(b))]); err != nil {
								return false
							}
						}
						return true
					})
					if o := r.Outcomes; o.Sent != 6 || c.want(o) != 6 {
						t.Errorf("%s, in pieces of %d: %+v, %+v", engine.Name(), piece, o, r.Failures)
					}
				}
			}
		})
	}
	if noise.Len() > 0 {
		t.Errorf("into the program's log went %.300s", noise.String())
	}
}

// TestEndless: an answer without an end costs neither memory nor time.
func TestEndless(t *testing.T) {
	for name, block := range map[string]string{"header": "A: " + strings.Repeat("b", 1000) + "\r\n",
		"line": strings.Repeat("b", 1000), "interim": "\r\nHTTP/1.1 103 Early Hints\r\n"} {
		for _, engine := range []loadgen.Engine{&wire.Engine{}, &vegeta.Engine{}} {
			r := answered(t, engine, "", func(w io.Writer) bool {
				_, err := io.WriteString(w, "HTTP/1.1 103 Early Hints\r\n")
				for err == nil {
					_, err = io.WriteString(w, block)
				}
				return false
			})
			if o := r.Outcomes; o.Malformed != 6 || r.BytesReceived > 6<<20 {
				t.Errorf("%s, endless %s: %+v after %d bytes", engine.Name(), name, o, r.BytesReceived)
			}
		}
	}
}
