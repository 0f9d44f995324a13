package app

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"ancmbench/models/iisintegration"
)

// PIDHeader proves which process the app answered from.
const PIDHeader = "X-Ancm-App-Pid"

// Bounds of the parameters. Beyond them is 400.
const (
	MaxBytes  = 64 << 20
	MaxMicros = 60_000_000
	MaxChunks = 100_000
)

// Chunk is what /stream sends at a time, with a flush after each.
const Chunk = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n"

var (
	plaintext = []byte("Hello, World!")
	message   = []byte(`{"message":"Hello, World!"}`)
)

// Handler returns the app:
//
//	/plaintext        "Hello, World!", 13 bytes of text/plain
//	/json             a small object
//	/bytes/{n}        n bytes, which depend on n and nothing else
//	/echo             the request's body and Content-Type, streamed; its trailers
//	/busy/{us}        burns us microseconds of its thread's CPU time, where the
//	                  system counts it (Linux), else of the clock
//	/sleep/{us}       waits us microseconds, or until the client goes
//	/stream/{chunks}  so many Chunks, each flushed
//	/sink             reads the request's body and answers its length in bytes
//	/ws               a WebSocket that sends every message back
//	/whoami           what the app sees of the request, as JSON
//	OPTIONS *         200, as net/http's own servers answer (RFC 9110, 9.3.7)
//
// A parameter that is no number or out of bounds is 400, another path 404.
func Handler() http.Handler {
	pid := []string{strconv.Itoa(os.Getpid())}
	text := []string{"text/plain; charset=utf-8"}
	fixed := func(kind []string, body []byte) http.HandlerFunc {
		length := []string{strconv.Itoa(len(body))}
		return func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h["Content-Type"], h["Content-Length"] = kind, length
			_, _ = w.Write(body) // the client may have gone
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/json", fixed([]string{"application/json"}, message))
	mux.HandleFunc("/bytes/{n}", bytesN)
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/busy/{us}", busy)
	mux.HandleFunc("/sleep/{us}", sleep)
	mux.HandleFunc("/stream/{chunks}", stream)
	mux.HandleFunc("/sink", sink)
	mux.HandleFunc("/ws", socket)
	mux.HandleFunc("/whoami", whoami)
	hello := fixed(text, plaintext)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()[PIDHeader] = pid
		if r.RequestURI == "*" { // ServeMux would call it a bad request
			w.Header().Set("Content-Length", "0")
			return
		}
		if r.URL.Path == "/plaintext" { // the path that is measured does not pay for routing
			hello(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// number reads a path parameter and answers 400 when it is none.
func number(w http.ResponseWriter, r *http.Request, name string, most int) (int, bool) {
	n, err := strconv.Atoi(r.PathValue(name))
	if err != nil || n < 0 || n > most {
		http.Error(w, fmt.Sprintf("%s: a whole number from 0 to %d", name, most), http.StatusBadRequest)
		return 0, false
	}
	return n, true
}

func bytesN(w http.ResponseWriter, r *http.Request) {
	n, ok := number(w, r, "n", MaxBytes)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(n))
	if r.Method == http.MethodHead {
		return
	}
	for n > 0 {
		m, err := w.Write(block[:min(n, len(block))])
		if err != nil {
			return // the client has gone
		}
		n -= m
	}
}

// block is what /bytes repeats; no line breaks, no compression to speak of.
var block = func() (b [8 << 10]byte) {
	x := uint32(2463534242) // xorshift32, Marsaglia 2003
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = 'A' + byte(x>>24)%58
	}
	return b
}()

func echo(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	if t := r.Header.Get("Content-Type"); t != "" {
		h.Set("Content-Type", t)
	}
	if r.ContentLength >= 0 {
		h.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	// Else net/http would swallow what is left of the body at the first flush.
	control := http.NewResponseController(w)
	_ = control.EnableFullDuplex() // HTTP/2 is so anyway
	flush := func() {}
	if r.ContentLength < 0 {
		flush = func() { _ = control.Flush() }
	}
	buf := make([]byte, 16<<10)
	begun := false
	for {
		n, err := r.Body.Read(buf)
		if n > 0 {
			begun = true
			if _, err := w.Write(buf[:n]); err != nil {
				return
			}
			flush()
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			refuse(w, err, begun)
			return
		}
	}
	for name, values := range r.Trailer {
		for _, v := range values {
			h.Add(http.TrailerPrefix+name, v)
		}
	}
}

// refuse answers a body that cannot be read; a response that has begun is broken.
func refuse(w http.ResponseWriter, err error, begun bool) {
	if begun {
		panic(http.ErrAbortHandler)
	}
	w.Header().Del("Content-Length")
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	w.WriteHeader(http.StatusBadRequest)
}

func busy(w http.ResponseWriter, r *http.Request) {
	us, ok := number(w, r, "us", MaxMicros)
	if !ok {
		return
	}
	burn(time.Duration(us) * time.Microsecond)
	done(w)
}

func sleep(w http.ResponseWriter, r *http.Request) {
	us, ok := number(w, r, "us", MaxMicros)
	if !ok {
		return
	}
	t := time.NewTimer(time.Duration(us) * time.Microsecond)
	defer t.Stop()
	select {
	case <-t.C:
		done(w)
	case <-r.Context().Done():
	}
}

func done(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", "5")
	_, _ = io.WriteString(w, "done\n")
}

func stream(w http.ResponseWriter, r *http.Request) {
	n, ok := number(w, r, "chunks", MaxChunks)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	control := http.NewResponseController(w)
	for range n {
		if _, err := io.WriteString(w, Chunk); err != nil {
			return
		}
		if err := control.Flush(); err != nil {
			return
		}
	}
}

// Request is what /whoami shows.
type Request struct {
	Method     string              `json:"method"`
	URI        string              `json:"uri"`
	Path       string              `json:"path"`
	PathBase   string              `json:"path_base"`
	Proto      string              `json:"proto"`
	Scheme     string              `json:"scheme"`
	Host       string              `json:"host"`
	RemoteAddr string              `json:"remote_addr"`
	Length     int64               `json:"content_length"`
	Header     map[string][]string `json:"header"`
	// ClientCertificate is what the client has shown, base64 of its DER form.
	ClientCertificate string `json:"client_certificate,omitempty"`
	PID               int    `json:"pid"`
	// User is who asks, nil if nobody was asked.
	User *iisintegration.Identity `json:"user,omitempty"`
}

// Scheme returns the scheme that the client used: that of the URL if the IIS
// Integration middleware has put it there, else that of the connection.
func Scheme(r *http.Request) string {
	switch {
	case r.URL.Scheme != "":
		return r.URL.Scheme
	case r.TLS != nil:
		return "https"
	}
	return "http"
}

// clientCertificate returns the client's certificate that the module passes on, else
// that of the connection.
func clientCertificate(r *http.Request) string {
	if c := iisintegration.ClientCertificate(r); c != "" || r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return c
	}
	return base64.StdEncoding.EncodeToString(r.TLS.PeerCertificates[0].Raw)
}

func whoami(w http.ResponseWriter, r *http.Request) {
	var user *iisintegration.Identity
	if who, ok := iisintegration.User(r.Context()); ok {
		user = &who
	}
	b, err := json.MarshalIndent(Request{
		Method: r.Method, URI: r.RequestURI, Path: r.URL.Path, PathBase: iisintegration.PathBase(r.Context()), Proto: r.Proto,
		Scheme: Scheme(r), Host: r.Host, RemoteAddr: r.RemoteAddr, Length: r.ContentLength,
		Header: r.Header, ClientCertificate: clientCertificate(r), PID: os.Getpid(), User: user,
	}, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b)
}
