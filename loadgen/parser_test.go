package loadgen

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"ancmbench"
)

func expecting(t testing.TB, e ancmbench.Expect) *Expectation {
	t.Helper()
	x, err := NewExpectation(e)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// outcome is what became of some bytes.
type outcome struct {
	used   int
	step   Step
	status int
	close  bool
	judged Outcome
	why    string // after Broken
}

// feedAll hands over b in pieces of that many bytes, then the connection's end.
func feedAll(a *Parser, b []byte, piece int) (o outcome) {
	for len(b) > o.used {
		n, s := a.Feed(b[o.used:min(len(b), o.used+piece)])
		o.used += n
		if o.step = s; s != More {
			break
		}
	}
	if o.step == More {
		o.step = a.EOF()
	}
	o.status, o.close = a.head.status, a.head.close
	switch o.step {
	case Whole:
		o.judged = a.Judge()
	case Broken:
		o.why = a.Why()
	}
	return o
}

// asked makes the answer to one request, with or without a memo.
func asked(x *Expectation, m *Memo, head bool) *Parser {
	a := new(Parser)
	a.Reset(x, m, head)
	return a
}

var long = strings.Repeat("a", MaxHead)

var answers = []struct {
	name, in string
	head     bool
	want     Step
	used     int // -1: all
	status   int
	body     string
	close    bool
}{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, Whole, -1, 200, "hello", false},
	{"length and more", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP", false, Whole, 43, 200, "hello", false},
	{"no reason", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", false, Whole, -1, 404, "", false},
	{"same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length:1 \r\n\r\nx", false, Whole, -1, 200, "x", false},
	{"204", "HTTP/1.1 204 No Content\r\n\r\n", false, Whole, -1, 204, "", false},
	{"304 with length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, Whole, -1, 304, "", false},
	{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, Whole, -1, 200, "", false},
	{"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false, Whole, -1, 101, "", true},
	{"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", false, Whole, -1, 200, "x", false},
	{"close", "HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\nContent-Length: 0\r\n\r\n", false, Whole, -1, 200, "", true},
	{"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false, Whole, -1, 200, "", true},
	{"1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", false, Whole, -1, 200, "", false},
	{"until close", "HTTP/1.1 200 OK\r\n\r\nall of it", false, Whole, -1, 200, "all of it", true},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n4\r\nabcd\r\n00a;x=\"y\"\r\n0123456789\r\n0\r\n\r\n", false, Whole, -1, 200, "abcd0123456789", false},
	{"chunked, trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0;last\r\nA: b\r\nC:\r\n\r\n", false, Whole, -1, 200, "a", false},
	{"folded", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\nContent-Length:\r\n 1\r\n\r\nx", false, Whole, -1, 200, "x", false},
	{"folded last field", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nA: b\r\n c\r\n\r\nx", false, Whole, -1, 200, "x", false},
	{"folded coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", false, Whole, -1, 200, "a", false},
	{"folded close", "HTTP/1.1 200 OK\r\nConnection: keep-alive,\r\n\tclose\r\nContent-Length: 0\r\n\r\n", false, Whole, -1, 200, "", true},
	{"folded trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n c\r\n\r\n", false, Whole, -1, 200, "a", false},
	{"white space before an extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 ;a=b\r\nhello\r\n5\t \t;a = b ; c\r\nhello\r\n0 ;z\r\n\r\n", false, Whole, -1, 200, "hellohello", false},
	{"16 digits", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", false, Whole, -1, 200, "hello", false},
	{"nothing", "", false, None, 0, 0, "", false},
	{"half a head", "HTTP/1.1 200 OK\r\nContent-", false, Short, -1, 0, "", false},
	{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", false, Short, -1, 200, "", false},
	{"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab", false, Short, -1, 200, "", false},
	{"interim only", "HTTP/1.1 100 Continue\r\n\r\n", false, Short, -1, 100, "", false},
	{"garbage", "hello, this is no HTTP\n", false, Broken, -1, 0, "", false},
	{"another version", "HTTP/2.0 200 OK\r\n\r\n", false, Broken, -1, 0, "", false},
	{"four digits", "HTTP/1.1 2000 OK\r\n\r\n", false, Broken, -1, 0, "", false},
	{"status 099", "HTTP/1.1 099 OK\r\n\r\n", false, Broken, -1, 0, "", false},
	{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", false, Broken, -1, 0, "", false},
	{"folded before the first field", "HTTP/1.1 200 OK\r\n A: b\r\nContent-Length: 0\r\n\r\n", false, Broken, -1, 0, "", false},
	{"folded into a bare LF", "HTTP/1.1 200 OK\r\nA: b\r\n c\nContent-Length: 0\r\n\r\n", false, Broken, -1, 0, "", false},
	{"folded trailer before the first", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n A: b\r\n\r\n", false, Broken, -1, 0, "", false},
	{"space behind a size, and no extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n", false, Broken, -1, 0, "", false},
	{"space before a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n", false, Broken, -1, 0, "", false},
	{"space within a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0 5\r\nhello\r\n0\r\n\r\n", false, Broken, -1, 0, "", false},
	{"space before colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", false, Broken, -1, 0, "", false},
	{"no colon", "HTTP/1.1 200 OK\r\nA\r\n\r\n", false, Broken, -1, 0, "", false},
	{"NUL in a value", "HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n", false, Broken, -1, 0, "", false},
	{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", false, Broken, -1, 0, "", false},
	{"a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx", false, Broken, -1, 0, "", false},
	{"signed length", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", false, Broken, -1, 0, "", false},
	{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\nx", false, Broken, -1, 0, "", false},
	{"length and chunked", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", false, Broken, -1, 0, "", false},
	{"gzip, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", false, Broken, -1, 0, "", false},
	{"chunked in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, Broken, -1, 0, "", false},
	{"chunk size missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", false, Broken, -1, 0, "", false},
	{"chunk size too large", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", false, Broken, -1, 0, "", false},
	{"chunk without end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab", false, Broken, -1, 0, "", false},
	{"long chunk line", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + long[:maxChunkLine] + "\r\n", false, Broken, -1, 0, "", false},
	{"head too long", "HTTP/1.1 200 OK\r\nA: " + long + "\r\n\r\n", false, Broken, -1, 0, "", false},
	{"endless interim", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", MaxHead/25+1), false, Broken, -1, 0, "", false},
	{"endless trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("A: b\r\n", MaxHead/6), false, Broken, -1, 0, "", false},
}

func TestAnswer(t *testing.T) {
	for _, c := range answers {
		t.Run(c.name, func(t *testing.T) {
			hash := sha256.Sum256([]byte(c.body))
			x := expecting(t, ancmbench.Expect{Status: max(c.status, 200), BodySHA256: hex.EncodeToString(hash[:])})
			for _, piece := range []int{1 << 20, 1, 2, 3, 7, 4096} {
				var m Memo
				for range 2 { // the second time with the head remembered
					o := feedAll(asked(x, &m, c.head), []byte(c.in), piece)
					if o.step != c.want {
						t.Fatalf("in pieces of %d: step %d, want %d", piece, o.step, c.want)
					}
					if c.want != Whole {
						if why := o.why; (why != "") != (c.want == Broken) {
							t.Fatalf("in pieces of %d: the reason is %q", piece, why)
						}
						continue
					}
					used := c.used
					if used < 0 {
						used = len(c.in)
					}
					if o.used != used || o.status != c.status || o.close != c.close {
						t.Fatalf("in pieces of %d: %+v, want %d bytes, status %d, close %v", piece, o, used, c.status, c.close)
					}
					if want := OK; c.status >= 200 && o.judged != want {
						t.Fatalf("in pieces of %d: judged %v, want %v", piece, o.judged, want)
					}
				}
			}
		})
	}
}

// TestMemoFields shows that a remembered head keeps the verdict on its fields,
// and that another head is not taken for it.
func TestMemoFields(t *testing.T) {
	x := expecting(t, ancmbench.Expect{Header: []ancmbench.Field{{Name: ancmbench.ModelHeader, Value: "in-process"}}})
	const form = "HTTP/1.1 200 OK\r\nX-Ancm-Model: %s\r\nContent-Length: 0\r\n\r\n"
	var m Memo
	for i, c := range []struct {
		model string
		want  Outcome
	}{
		{"in-process", OK}, {"in-process", OK}, {"out-of-proc", WrongModel},
		{"out-of-proc", WrongModel}, {"in-process", OK},
	} {
		o := feedAll(asked(x, &m, false), fmt.Appendf(nil, form, c.model), 1<<20)
		if o.step != Whole || o.judged != c.want {
			t.Errorf("answer %d from %s: %+v, want %v", i, c.model, o, c.want)
		}
	}
	interim := "HTTP/1.1 103 Early Hints\r\nX-Ancm-Model: in-process\r\n\r\n" + fmt.Sprintf(form, "other")
	if o := feedAll(asked(x, &m, false), []byte(interim), 1<<20); o.judged != WrongModel {
		t.Errorf("a field of an interim answer counted: %+v", o)
	}
}

// FuzzAnswer compares with net/http: what is a Whole answer here is one there,
// with the same status, body and end; and pieces and memory change nothing.
func FuzzAnswer(f *testing.F) {
	for _, c := range answers {
		if len(c.in) < 1000 {
			f.Add([]byte(c.in), uint16(len(c.in)/3), c.head)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, piece uint16, head bool) {
		x := expecting(t, ancmbench.Expect{})
		all := feedAll(asked(x, nil, head), b, 1<<20)
		if o := feedAll(asked(x, nil, head), b, int(piece)+1); o.step != all.step || all.step == Whole && o != all {
			t.Fatalf("in pieces of %d: %+v, in one: %+v", int(piece)+1, o, all)
		}
		var m Memo
		feedAll(asked(x, &m, head), b, 1<<20)
		if o := feedAll(asked(x, &m, head), b, 1<<20); o.step != all.step || all.step == Whole && o != all {
			t.Fatalf("with the head remembered: %+v, without: %+v", o, all)
		}
		if all.step != Whole || all.status == 101 {
			return
		}
		stripped := bytes.Clone(b)
		used, kept, _ := asked(x, nil, head).Strip(stripped)
		stripped = append(stripped[:kept], b[used:]...) // net/http refuses white space before an extension
		status, body, rest, err := oracle(stripped, head)
		if err != nil && strings.Contains(err.Error(), "trailer key") {
			return // it looks at what the field Trailer announces, which frames nothing
		}
		if err != nil {
			t.Fatalf("whole, but net/http says: %v", err)
		}
		if status != all.status || rest != len(b)-all.used {
			t.Fatalf("%+v, but net/http: status %d, %d bytes left", all, status, rest)
		}
		hash := sha256.Sum256(body)
		n := int64(len(body))
		if status >= 600 || status < 200 {
			return
		}
		x = expecting(t, ancmbench.Expect{Status: status, BodySHA256: hex.EncodeToString(hash[:]), BodyBytes: &n})
		if o := feedAll(asked(x, nil, head), b, int(piece)+1); o.judged != OK {
			t.Fatalf("the body is not the one of net/http (%d bytes): %v", n, o.judged)
		}
	})
}

// oracle reads a final answer with the standard library.
func oracle(b []byte, head bool) (status int, body []byte, rest int, err error) {
	r := bufio.NewReaderSize(bytes.NewReader(b), max(16, 2*len(b))) // trailers must fit
	req := &http.Request{Method: "GET"}
	if head {
		req.Method = "HEAD"
	}
	for {
		resp, err := http.ReadResponse(r, req)
		if err != nil {
			return 0, nil, 0, err
		}
		if resp.StatusCode < 200 {
			continue
		}
		body, err := io.ReadAll(resp.Body)
		if err == nil {
			err = resp.Body.Close()
		}
		left, _ := io.Copy(io.Discard, r)
		return resp.StatusCode, body, int(left), err
	}
}

// FuzzOracle goes the other way: a well-formed answer, as net/http writes it, is
// Whole here.
func FuzzOracle(f *testing.F) {
	f.Add(200, "text/plain", []byte("hello"), true, uint16(3))
	f.Add(404, "", []byte{}, false, uint16(0))
	f.Fuzz(func(t *testing.T, status int, kind string, body []byte, chunked bool, piece uint16) {
		if status < 200 || status > 599 || status == 204 || status == 304 {
			return
		}
		resp := http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
		if clean([]byte(kind)) {
			resp.Header.Set("Content-Type", kind)
		}
		if chunked {
			resp.ContentLength, resp.TransferEncoding = -1, []string{"chunked"}
		}
		var b bytes.Buffer
		if err := resp.Write(&b); err != nil {
			t.Skip(err)
		}
		hash := sha256.Sum256(body)
		x := expecting(t, ancmbench.Expect{Status: status, BodySHA256: hex.EncodeToString(hash[:])})
		o := feedAll(asked(x, &Memo{}, false), b.Bytes(), int(piece)+1)
		if o.step != Whole || o.judged != OK || o.used != b.Len() {
			t.Fatalf("%q: %+v", b.Bytes(), o)
		}
	})
}

func BenchmarkAnswer(b *testing.B) {
	x := expecting(b, ancmbench.Expect{Status: 200})
	in := []byte("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 14:09:20 GMT\r\nContent-Type: text/plain\r\nContent-Length: 14\r\nConnection: keep-alive\r\n\r\nHello, world!\n")
	for _, c := range []struct {
		name string
		memo *Memo
	}{{"parsed", nil}, {"remembered", &Memo{}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			a := new(Parser)
			for b.Loop() {
				a.Reset(x, c.memo, false)
				a.Feed(in)
			}
		})
	}
}
