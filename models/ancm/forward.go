package ancm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/rawio"
	"ancmbench/models/internal/caller"
)

// Backends says where requests go. The process manager (package appprocess) is one;
// Fixed is one for a server that runs already.
type Backends interface {
	// Ready returns a backend that accepts requests now, or nil. It is called for every
	// request and must neither block nor allocate.
	Ready() *Backend
	// Start waits for a backend, and starts the app's process if none runs. Many
	// requests call it at once and share one start. ctx ends when the client of this
	// request goes. The error may be a *Failure; the client gets 502.5 for any other.
	Start(ctx context.Context) (*Backend, error)
}

// Fixed returns a Backends that always gives b, a server that somebody else has
// started.
func Fixed(b *Backend) Backends { return fixed{b} }

type fixed struct{ b *Backend }

func (f fixed) Ready() *Backend                         { return f.b }
func (f fixed) Start(context.Context) (*Backend, error) { return f.b, nil }

// Failure is an error with the answer that the client gets (OP-15).
type Failure struct {
	Status, Substatus int
	// ContentType and Body are the page; both may be empty.
	ContentType string
	Body        []byte
	Err         error
}

func (f *Failure) Error() string { return fmt.Sprintf("%d.%d: %v", f.Status, f.Substatus, f.Err) }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// StartFailed returns the answer 502.5: the app's process could not be started.
func StartFailed(err error, contentType string, page []byte) *Failure {
	return &Failure{Status: 502, Substatus: 5, ContentType: contentType, Body: page, Err: err}
}

// Stopping returns the answer 503: the module is being shut down.
func Stopping() *Failure {
	return &Failure{Status: 503, Err: errors.New("the module is stopping")}
}

// isClients reports whether an error is of the client's side.
func isClients(err error) bool {
	return errors.Is(err, httpsys.ErrGone) || errors.Is(err, httpsys.ErrTooLong)
}

// badGateway returns the answer 502.3: the app's process did not answer as it should.
func badGateway(err error) *Failure { return &Failure{Status: 502, Substatus: 3, Err: err} }

// Forwarder forwards exchanges to the app's process (OP-05 to OP-10,
// OP-15, OP-18). Backends is required. It must not be copied or changed while in use.
type Forwarder struct {
	Backends Backends
	// Timeout is requestTimeout, the limit of each step of an exchange (see step); zero
	// means 2 minutes, negative no limit.
	Timeout time.Duration
	// DialTimeout bounds connecting; zero means 10 s.
	DialTimeout time.Duration
	// ContinueTimeout is how long the forwarder waits for the app to ask for a body
	// whose sender waits for 100, before it sends the body anyway; zero means 1 s.
	ContinueTimeout time.Duration
	// MaxIdle is the largest number of idle connections per backend; zero means 512.
	MaxIdle int
	// Bare leaves out the module's own work: no token, no X-Forwarded fields, no
	// removal of MS-ASPNETCORE fields. The rules of HTTP for an intermediary still
	// hold.
	Bare bool
	// NoReuse opens a new connection for every request.
	NoReuse bool
	// ForwardConnection is forwardResponseConnectionHeader: the app's
	// "Connection: close" closes the client's connection too.
	ForwardConnection bool
}

// ServeExchange forwards one exchange. If a response has begun and cannot be finished,
// it breaks the client's connection.
func (f *Forwarder) ServeExchange(x *httpsys.Exchange) {
	if x.Is("CONNECT") {
		x.Error(501, 0, "", nil, errors.New("CONNECT: the module does not tunnel"))
		return
	}
	err := f.once(x)
	if errors.Is(err, errUnheard) {
		// The process that was asked had ended, and nobody had noticed yet. The request
		// was not in flight then, so it is one that starts the app again (OP-13).
		err = f.once(x)
	}
	if err != nil {
		fail(x, err)
	}
}

// once asks one backend, starting it if need be.
func (f *Forwarder) once(x *httpsys.Exchange) error {
	b, began := f.Backends.Ready(), x.Start // no clock is read where nothing was waited for
	if b == nil {
		var err error
		if b, err = f.start(x); err != nil {
			return err
		}
		began = time.Now()
	}
	b.busy.Add(1)
	err := f.forwardAs(x, b, began)
	b.busy.Add(-1)
	if errors.Is(err, errUnheard) && !b.hasEnded(endNoticed) {
		return errors.Unwrap(err)
	}
	return err
}

// endNoticed is how long the end of a process that refuses connections may take to be
// noticed.
const endNoticed = 2 * time.Second

// unheard is an error of connecting to an app that has heard nothing of the request.
type unheard struct{ error }

func (u unheard) Unwrap() error        { return u.error }
func (u unheard) Is(target error) bool { return target == errUnheard }

// errUnheard marks an unheard.
var errUnheard = errors.New("the app has heard nothing of the request")

// start waits for a backend as long as the client does. It fails with a *Failure, or
// with httpsys.ErrGone.
func (f *Forwarder) start(x *httpsys.Exchange) (*Backend, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if !x.Watch(canceler(cancel)) {
		return nil, httpsys.ErrGone
	}
	b, err := f.Backends.Start(ctx)
	if !x.Unwatch() {
		return nil, httpsys.ErrGone
	}
	if err == nil {
		return b, nil
	}
	var failure *Failure
	if !errors.As(err, &failure) {
		err = StartFailed(err, "", nil)
	}
	return nil, err
}

// canceler is a context's cancel function as an httpsys.Gone.
type canceler context.CancelFunc

func (c canceler) ClientGone() { c() }

// fail sends the answer that an error stands for.
func fail(x *httpsys.Exchange, err error) {
	if errors.Is(err, httpsys.ErrGone) || errors.Is(err, rawio.ErrCanceled) {
		x.Fail(0, err)
		x.Abort() // nobody is there to read an answer
		return
	}
	var failure *Failure
	if !errors.As(err, &failure) {
		failure = badGateway(err)
	}
	if failure.Status < 500 {
		x.CloseAfter() // the request was cut wrongly: what follows it is anybody's guess
	}
	x.Error(failure.Status, failure.Substatus, failure.ContentType, failure.Body, failure.Err)
}

// forward sends the exchange on one connection, and once more on another if the first
// was dead (OP-18). who is the user, nil if it is nobody in particular.
func (f *Forwarder) forward(x *httpsys.Exchange, b *Backend, who *caller.Passed, began time.Time) error {
	fresh, heard := f.NoReuse, false
	for {
		u, reused, err := f.connect(x, b, fresh)
		if err != nil && !heard && errors.Is(err, syscall.ECONNREFUSED) {
			return unheard{err}
		}
		if err != nil {
			return err
		}
		if !x.Watch(u) {
			u.close()
			return httpsys.ErrGone
		}
		u.caller = who
		if !reused {
			began = time.Now()
		}
		reusable, wrote, err := f.exchange(x, b, u, began)
		err = withReason(err, u.step)
		heard = heard || wrote > 0
		there := x.Unwatch()
		if err == nil && reusable && there && f.keep(b, u) {
			return nil
		}
		u.close()
		switch {
		case err != nil && !there:
			return httpsys.ErrGone
		case err == nil || !reused:
			return err
		case wrote == 0: // the app has heard nothing of it
		case mayRepeat(x, b, u, err):
			fresh = true
		default:
			return err
		}
	}
}

// mayRepeat reports whether a request that failed on a reused connection may be sent
// once more on a fresh one: it has no body, its method is idempotent (RFC 9110, 9.2.2),
// and the connection has ended before any byte of an answer. It reports false if the
// app's process has ended too, because the request may be the cause (OP-13).
func mayRepeat(x *httpsys.Exchange, b *Backend, u *upstream, err error) bool {
	return x.Length == 0 && idempotent(x.Method) && !u.heard && !x.Begun() && hasEnded(err) && !b.isRetired()
}

func idempotent(method []byte) bool {
	switch string(method) {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	return false
}

// hasEnded reports whether err is that of a connection that the app has closed.
func hasEnded(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func (f *Forwarder) keep(b *Backend, u *upstream) bool {
	if f.NoReuse || u.r != u.w { // bytes that nobody asked for
		return false
	}
	return b.put(u, orDefault(f.MaxIdle, 512))
}

// connect returns an idle connection, or opens a new one if there is none or fresh asks
// for one. It fails as Backend.dial does, or with httpsys.ErrGone.
func (f *Forwarder) connect(x *httpsys.Exchange, b *Backend, fresh bool) (u *upstream, reused bool, err error) {
	if !fresh {
		if u := b.take(); u != nil {
			u.r, u.w, u.heard = 0, 0, false
			return u, true, nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if !x.Watch(canceler(cancel)) {
		return nil, false, httpsys.ErrGone
	}
	u, err = b.dial(ctx, orDefault(f.DialTimeout, 10*time.Second), f.timeout())
	if !x.Unwatch() {
		if u != nil {
			u.close()
		}
		return nil, false, httpsys.ErrGone
	}
	return u, false, withReason(err, sending)
}

func (f *Forwarder) timeout() time.Duration {
	switch {
	case f.Timeout == 0:
		return 2 * time.Minute
	case f.Timeout < 0:
		return 0
	}
	return f.Timeout
}

func orDefault[T int | time.Duration](v, zero T) T {
	if v == 0 {
		return zero
	}
	return v
}

// errCut is the fault of a connection that ends within an answer.
var errCut = fmt.Errorf("the app closed the connection before its answer was complete: %w", io.EOF)

// unexpectedEnd returns errCut for io.EOF, and any other error as it is.
func unexpectedEnd(err error) error {
	if err == io.EOF {
		return errCut
	}
	return err
}
