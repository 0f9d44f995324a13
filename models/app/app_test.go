package app

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, method, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

func TestParameters(t *testing.T) {
	for target, want := range map[string]int{
		"/bytes/0": 200, "/bytes/8193": 200, "/bytes/67108865": 400, "/bytes/-1": 400, "/bytes/1.5": 400, "/bytes/": 404,
		"/busy/0": 200, "/busy/x": 400, "/sleep/1": 200, "/sleep/60000001": 400, "/stream/0": 200, "/stream/100001": 400,
		"/": 404, "/plaintext/": 404, "/plaintext": 200, "/json": 200, "/whoami": 200,
	} {
		w := get(t, "GET", target, "")
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", target, w.Code, want)
		}
		if w.Header().Get(PIDHeader) == "" {
			t.Errorf("%s: no %s", target, PIDHeader)
		}
	}
}

// The same request gives the same bytes, and a longer one begins like a shorter.
func TestDeterministic(t *testing.T) {
	long := get(t, "GET", "/bytes/20000", "").Body.Bytes()
	if len(long) != 20000 || !bytes.Equal(long, get(t, "GET", "/bytes/20000", "").Body.Bytes()) {
		t.Errorf("%d bytes, or not the same twice", len(long))
	}
	if short := get(t, "GET", "/bytes/9000", "").Body.Bytes(); !bytes.Equal(short, long[:9000]) {
		t.Error("9000 bytes are not the first of 20000")
	}
	if bytes.ContainsAny(long, "\r\n") {
		t.Error("line breaks in /bytes")
	}
	w := get(t, "GET", "/stream/3", "")
	if w.Body.String() != strings.Repeat(Chunk, 3) || w.Header().Get("Content-Length") != "" || !w.Flushed {
		t.Errorf("/stream: %q, %v", w.Body, w.Header())
	}
	if len(Chunk) != 64 {
		t.Errorf("a chunk is %d bytes", len(Chunk))
	}
	w = get(t, "POST", "/echo", "ping")
	if w.Body.String() != "ping" || w.Header().Get("Content-Length") != "4" {
		t.Errorf("/echo: %q, %v", w.Body, w.Header())
	}
}

// A body that ends early is not answered as if it were whole.
func TestEchoCut(t *testing.T) {
	r := httptest.NewRequest("POST", "/echo", io.MultiReader(iotestErr{}))
	r.ContentLength = 4
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || w.Header().Get("Content-Length") != "" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// burn takes at least as long as it says: CPU time cannot pass faster than time.
func TestBurn(t *testing.T) {
	const d = 3 * time.Millisecond
	start := time.Now()
	burn(d)
	if took := time.Since(start); took < d {
		t.Errorf("burnt %v in %v", d, took)
	}
}

func BenchmarkPlaintext(b *testing.B) {
	h, r := Handler(), httptest.NewRequest("GET", "/plaintext", nil)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		w.Body.Reset()
		h.ServeHTTP(w, r)
	}
}

// The question that is asked of the server as a whole has an answer.
func TestOptionsOfTheServer(t *testing.T) {
	r := httptest.NewRequest("OPTIONS", "/", nil)
	r.RequestURI, r.URL.Path = "*", "*"
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get(PIDHeader) == "" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}
