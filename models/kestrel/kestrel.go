package kestrel

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Limits of the server, as Kestrel has them.
const (
	DefaultMaxBody     = 30_000_000
	DefaultMaxHead     = 64 << 10 // ours: as in front of the other models (BM-06)
	DefaultHeadTimeout = 30 * time.Second
	DefaultIdleTimeout = 130 * time.Second
)

// Options say how the server is to be. Handler is required.
type Options struct {
	Handler http.Handler
	// Fields are set on every response before the handler runs: the direct rung
	// proves with them who served it.
	Fields http.Header
	// MaxBody is the largest request body in bytes; zero means DefaultMaxBody,
	// negative no limit.
	MaxBody int64
	// HeadTimeout and IdleTimeout; zero means the defaults.
	HeadTimeout, IdleTimeout time.Duration
}

// Server is an HTTP/1.1 server.
type Server struct{ http http.Server }

// New makes a server.
func New(o Options) *Server {
	s := new(Server)
	s.http = http.Server{
		Handler:           limited(o),
		ReadHeaderTimeout: orDefault(o.HeadTimeout, DefaultHeadTimeout),
		IdleTimeout:       orDefault(o.IdleTimeout, DefaultIdleTimeout),
		// net/http allows 4096 bytes more than this.
		MaxHeaderBytes:               DefaultMaxHead - 4096,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(io.Discard, "", 0), // a library does not log
	}
	return s
}

func orDefault(v, zero time.Duration) time.Duration {
	if v == 0 {
		return zero
	}
	return v
}

// Serve accepts on l until Shutdown or Close and then returns http.ErrServerClosed.
func (s *Server) Serve(l net.Listener) error { return s.http.Serve(l) }

// Shutdown stops accepting, closes idle connections and waits for requests in
// progress until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// Close breaks every connection.
func (s *Server) Close() error { return s.http.Close() }

// limited puts limit and fields in front of the handler.
func limited(o Options) http.Handler {
	limit := o.MaxBody
	if limit == 0 {
		limit = DefaultMaxBody
	}
	next := o.Handler
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(o.Fields) > 0 {
			h := w.Header()
			for name, values := range o.Fields {
				h[name] = values
			}
		}
		if limit > 0 && r.ContentLength > limit {
			w.Header().Set("Connection", "close")
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if limit > 0 && r.ContentLength != 0 {
			// A copy: with another Body in the request that net/http knows it would
			// no longer see that the client waits for 100, and ask for the body.
			own := r.WithContext(r.Context())
			own.Body = &limitedBody{http.MaxBytesReader(w, r.Body, limit), r, own}
			r = own
		}
		next.ServeHTTP(w, r)
	})
}

// limitedBody is a copied request's body; at its end the trailers, which
// net/http has put into the original, become the copy's as well.
type limitedBody struct {
	io.ReadCloser
	original, own *http.Request
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.own.Trailer = b.original.Trailer
	}
	return n, err
}
