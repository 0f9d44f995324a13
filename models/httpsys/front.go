package httpsys

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"
)

// Kinds of front.
const (
	Auto    = "auto"
	Lean    = "lean"
	NetHTTP = "nethttp"
)

// Defaults of Options (BM-06).
const (
	DefaultMaxHead     = 64 << 10
	DefaultHeadTimeout = 30 * time.Second
	DefaultIdleTimeout = 120 * time.Second
)

// Front accepts connections and makes Exchanges of what they carry.
type Front interface {
	// Kind is Lean or NetHTTP.
	Kind() string
	// Serve accepts on l until Shutdown or Close and then returns
	// http.ErrServerClosed; any other error is the listener's. It owns l.
	Serve(l net.Listener) error
	// Shutdown stops accepting, closes idle connections and waits until the
	// exchanges in progress are over or ctx ends. Connections taken over by
	// Hijack are not waited for.
	Shutdown(ctx context.Context) error
	// CloseIdle closes the connections of HTTP/1 that wait for a request and on which
	// nothing has come. All others go on, and so does Serve.
	CloseIdle()
	// Close stops accepting and breaks every connection.
	Close() error
}

// Options are the options of a front. Handler is required.
type Options struct {
	// Kind is Auto, Lean or NetHTTP; empty means Auto: lean where it can be, on a
	// unix-like system, else nethttp. HTTP/2 is net/http's with every kind.
	Kind    string
	Handler Handler
	// TLSConfig makes the front speak HTTPS, with HTTP/1.1 and HTTP/2, whichever ALPN
	// settles.
	TLSConfig *tls.Config
	// H2C lets clients speak HTTP/2 without TLS as well, with prior knowledge.
	H2C bool
	// Fields are added to every response of the front, its own refusals included:
	// X-Ancm-Model and X-Ancm-Front-Pid. Responses cannot override them.
	Fields []Field
	// MaxHead is the largest request head in bytes; zero means DefaultMaxHead.
	// Beyond it is 431.
	MaxHead int
	// HeadTimeout is how long a head may take from its first byte; zero means
	// DefaultHeadTimeout. Beyond it is 408.
	HeadTimeout time.Duration
	// IdleTimeout is how long a connection may wait for its next request; zero
	// means DefaultIdleTimeout.
	IdleTimeout time.Duration
	// Log is called after every exchange, on its goroutine; the Exchange is valid
	// during the call. If nil, nothing is logged.
	Log func(x *Exchange, took time.Duration)
	// Panicked, if not nil, gets the value that a handler panicked with, other than
	// http.ErrAbortHandler. A panic breaks the exchange's connection (HTTP/2: resets
	// its stream) and nothing else, as with net/http.
	Panicked func(value any, stack []byte)
}

// errPanicked is the fault of an exchange whose handler panicked.
var errPanicked = errors.New("the handler panicked")

// panicked notes what a handler panicked with, on the panicking goroutine.
func (o *Options) panicked(x *Exchange, value any) {
	if value == http.ErrAbortHandler {
		return
	}
	if x.Fault() == nil {
		x.Fail(0, errPanicked)
	}
	if o.Panicked != nil {
		o.Panicked(value, debug.Stack())
	}
}

// New returns a front. Its error joins every fault of the options.
func New(o Options) (Front, error) {
	var faults []error
	if o.Handler == nil {
		faults = append(faults, errors.New("handler: missing"))
	}
	if o.MaxHead < 0 {
		faults = append(faults, fmt.Errorf("max head %d bytes: must not be negative", o.MaxHead))
	}
	if o.HeadTimeout < 0 || o.IdleTimeout < 0 {
		faults = append(faults, fmt.Errorf("head timeout %v, idle timeout %v: must not be negative", o.HeadTimeout, o.IdleTimeout))
	}
	kind := o.Kind
	switch kind {
	case "", Auto:
		kind = NetHTTP
		if leanHere {
			kind = Lean
		}
	case NetHTTP:
	case Lean:
		if !leanHere {
			faults = append(faults, fmt.Errorf("front lean: not available on %s; take nethttp", runtime.GOOS))
		}
	default:
		faults = append(faults, fmt.Errorf("unknown front %q: the fronts are auto, lean, nethttp", kind))
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("front: %w", errors.Join(faults...))
	}
	if o.MaxHead == 0 {
		o.MaxHead = DefaultMaxHead
	}
	if o.HeadTimeout == 0 {
		o.HeadTimeout = DefaultHeadTimeout
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = DefaultIdleTimeout
	}
	if kind == Lean {
		return newLean(o), nil
	}
	return newNetFront(o), nil
}

// ErrClosed is the error of Serve after Shutdown or Close.
var ErrClosed = http.ErrServerClosed
