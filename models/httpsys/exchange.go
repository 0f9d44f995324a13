package httpsys

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"time"

	"ancmbench/models/httpsys/http1"
)

// Field is a header or trailer field.
type Field = http1.Field

// Handler answers exchanges. ServeExchange returns when the exchange is over;
// the Exchange and everything it pointed to must not be used afterwards. A
// response that was not begun by then becomes an empty 500.
type Handler interface {
	ServeExchange(x *Exchange)
}

// HandlerFunc is a function that serves as a Handler.
type HandlerFunc func(x *Exchange)

// ServeExchange calls f.
func (f HandlerFunc) ServeExchange(x *Exchange) { f(x) }

// Exchange is one native request and the response to it. The fields are the
// request and must not be changed; all byte slices belong to the front and are
// valid until ServeExchange returns.
//
// ReadBody may be called by another goroutine than the methods of the response.
type Exchange struct {
	Method []byte
	// Target is the request target as the client sent it, in origin-form; of an
	// absolute-form target what follows the authority.
	Target []byte
	// Host is the Host field, or the authority of an absolute-form target, or
	// HTTP/2's :authority.
	Host []byte
	// Major and Minor are the version the client spoke.
	Major, Minor int
	// Fields are the header fields as received, in their order (see the package
	// comment for nethttp). Host is among them only with HTTP/1.
	Fields []Field
	// Length of the request body in bytes; -1 when it is not known beforehand.
	Length int64
	// Expect reports that the client waits for 100 before it sends the body. The
	// front sends it with the first ReadBody, if Inform has not.
	Expect bool
	// Upgrade reports that the client asks for another protocol on this
	// connection (RFC 9110, 7.8), and Hijack can give it.
	Upgrade bool
	// Client is the client's address as text, "ip:port" or "[v6]:port"; empty
	// over a Unix socket.
	Client []byte
	// Local is the address that the client connected to.
	Local net.Addr
	// TLS is nil on a plain connection.
	TLS *tls.ConnectionState
	// Start is the time at which the head was complete.
	Start time.Time
	// User is the name of the user that a handler in front has authenticated, for the
	// handlers behind it and for the log; empty if there is none.
	User string
	// Reason is the reason phrase of the response (RFC 9112, 4), for a handler to
	// set before WriteHead; empty is the one that the status has by custom. Only
	// the lean front sends it: HTTP/2 has none, and net/http chooses its own.
	Reason []byte
	// UserBy is the way in which User was authenticated, "Basic" or "Negotiate"; empty
	// if User is.
	UserBy string
	// Also are fields that a handler in front adds to every response head.
	Also []Field

	head                       []byte
	methodAt, targetAt, hostAt int32 // offsets in head
	native                     native

	status    int
	substatus int
	fault     error
	sent      int64
	began     bool
}

// native is the connection under an Exchange.
type native interface {
	readBody(p []byte) (int, error)
	ready() []byte
	trailers() []Field
	inform(status int, fields []Field) error
	writeHead(status int, fields []Field, length int64) error
	write(p []byte) (int, error)
	flush() error
	writeTrailers(fields []Field) error
	hijack() (net.Conn, []byte, error)
	own() []Field
	stopBody()
	closeAfter()
	watch(g Gone) bool
	unwatch() bool
	abort()
	lend(buf []byte) (fd int, lines []byte, ok bool)
	sent(rest []byte)
}

// Gone is notified when the client has closed its connection, at most once and on
// another goroutine. ClientGone must not block and must not call the Exchange.
type Gone interface{ ClientGone() }

// Errors of an Exchange.
var (
	// ErrGone is the error of reading or writing after the client has gone.
	ErrGone = errors.New("the client has gone")
	// ErrTooLong is the error of a Write beyond the announced length.
	ErrTooLong = errors.New("body longer than its announced length")
	// ErrNoHijack is the error of Hijack if the protocol does not allow it.
	ErrNoHijack = errors.New("this connection cannot be taken over")
	// ErrBegun is the error of WriteHead for a second head.
	ErrBegun = errors.New("the response has begun already")
)

// errBodyTimeout is the error of ReadBody when no byte has come for IdleTimeout.
var errBodyTimeout = &http1.Fault{Status: 408, Reason: "body did not come in time"}

// AnyLength is the length of a response body that is not known beforehand.
const AnyLength = -1

// Scheme returns "http" or "https".
func (x *Exchange) Scheme() string {
	if x.TLS != nil {
		return "https"
	}
	return "http"
}

// Is reports whether the request has this method.
func (x *Exchange) Is(method string) bool { return string(x.Method) == method }

// Text returns a copy of all the bytes that Method, Target, Host and Fields point
// into. Field.In and Line find their strings in it, so that a head becomes
// strings with one allocation.
func (x *Exchange) Text() string { return string(x.head) }

// Line returns the request line and Host as parts of text.
func (x *Exchange) Line(text string) (method, target, host string) {
	cut := func(at int32, b []byte) string { return text[at : int(at)+len(b)] }
	return cut(x.methodAt, x.Method), cut(x.targetAt, x.Target), cut(x.hostAt, x.Host)
}

// ReadBody reads from the request body. It fails with io.EOF after its end, with
// io.ErrUnexpectedEOF or ErrGone if the body ends early, and with an *http1.Fault if it
// is malformed.
func (x *Exchange) ReadBody(p []byte) (int, error) { return x.native.readBody(p) }

// Ready returns the part of the body that was received already. It counts as unread,
// and is valid until the next ReadBody.
func (x *Exchange) Ready() []byte { return x.native.ready() }

// Body returns the request body as a reader.
func (x *Exchange) Body() io.Reader { return (*bodyReader)(x) }

type bodyReader Exchange

func (b *bodyReader) Read(p []byte) (int, error) { return (*Exchange)(b).ReadBody(p) }

// Trailers returns the request's trailer fields. Call it after ReadBody has returned
// io.EOF.
func (x *Exchange) Trailers() []Field { return x.native.trailers() }

// Inform sends an informational response (RFC 9110, 15.2) other than 101; to an
// HTTP/1.0 client it sends nothing.
func (x *Exchange) Inform(status int, fields []Field) error {
	if x.began {
		return ErrBegun
	}
	if x.Major == 1 && x.Minor == 0 {
		return nil
	}
	return x.native.inform(status, fields)
}

// WriteHead begins the response. length is that of the body that follows, or
// AnyLength; for a response that has no body (to HEAD; 204, 304) it is what
// Content-Length is to say. The front frames the message, so fields with the
// kinds Connection, ContentLength, TransferEncoding, Date and Proof are ignored:
// these are its own to set.
func (x *Exchange) WriteHead(status int, fields []Field, length int64) error {
	if x.began {
		return ErrBegun
	}
	x.began, x.status = true, status
	if len(x.Also) > 0 {
		fields = append(fields[:len(fields):len(fields)], x.Also...)
	}
	return x.native.writeHead(status, fields, length)
}

// Write sends a part of the response body. It may hold it back until Flush or the end
// of the exchange. It drops the body of a response that must not have one (to HEAD;
// 204, 304).
func (x *Exchange) Write(p []byte) (int, error) {
	n, err := x.native.write(p)
	x.sent += int64(n)
	return n, err
}

// Flush sends the bytes that Write has held back.
func (x *Exchange) Flush() error { return x.native.flush() }

// WriteTrailers ends a body of AnyLength with trailer fields. A client that
// cannot take them (HTTP/1.0) does not get them.
func (x *Exchange) WriteTrailers(fields []Field) error { return x.native.writeTrailers(fields) }

// Hijack returns the connection for the caller to use and close, and the bytes that the
// client has sent behind its head. The front sends nothing more; the caller writes a
// response, such as 101, itself (see Switch). It fails with ErrNoHijack if the protocol
// does not allow it.
func (x *Exchange) Hijack() (conn net.Conn, read []byte, err error) {
	conn, read, err = x.native.hijack()
	if err == nil {
		x.began = true
	}
	return conn, read, err
}

// Switch sends a 101 to this protocol, with these fields, and returns the connection as
// Hijack does.
func (x *Exchange) Switch(protocol string, fields []Field) (conn net.Conn, read []byte, err error) {
	conn, read, err = x.native.hijack()
	if err != nil {
		return nil, nil, err
	}
	x.began, x.status = true, 101
	b := append([]byte(nil), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "...)
	b = append(append(b, protocol...), '\r', '\n')
	for _, f := range x.native.own() {
		b = appendField(b, &f)
	}
	for _, more := range [][]Field{fields, x.Also} {
		for i := range more {
			b = appendField(b, &more[i])
		}
	}
	if _, err := conn.Write(append(b, '\r', '\n')); err != nil {
		_ = conn.Close()
		return nil, nil, errors.Join(ErrGone, err)
	}
	return conn, read, nil
}

func appendField(b []byte, f *Field) []byte {
	b = append(b, f.Name...)
	b = append(b, ':', ' ')
	b = append(b, f.Value...)
	return append(b, '\r', '\n')
}

// StopBody ends a ReadBody that waits on another goroutine, and makes all later ones
// fail. The connection ends with the exchange.
func (x *Exchange) StopBody() { x.native.stopBody() }

// CloseAfter ends the connection with this exchange; with HTTP/2 it does nothing.
func (x *Exchange) CloseAfter() { x.native.closeAfter() }

// Watch notifies g when the client goes, until Unwatch. It reports false if the client
// has gone already. There is one watcher at a time.
func (x *Exchange) Watch(g Gone) bool { return x.native.watch(g) }

// Unwatch ends Watch: when it has returned, ClientGone is not running and will
// not be called. It reports whether the client is still there, as far as is known.
func (x *Exchange) Unwatch() bool { return x.native.unwatch() }

// Abort breaks the connection (HTTP/2: resets the stream) when ServeExchange
// returns, because the response cannot be finished as it was begun.
func (x *Exchange) Abort() { x.native.abort() }

// Lend returns the client's socket, for the response to be sent on it by somebody else, whole
// and in one piece: the status line, lines, the fields, Content-Length, and the body. lines
// are appended to buf: the front's own fields and Date. ok is false if only the front can
// write this response. Whoever sends must not block, and be done before ServeExchange
// returns; Lent tells the front.
func (x *Exchange) Lend(buf []byte) (fd int, lines []byte, ok bool) { return x.native.lend(buf) }

// Lent tells the front that a response with this status, and a body of this length, was
// sent on the socket that Lend has given. rest is the end of it that the socket did not
// take: the front sends that.
func (x *Exchange) Lent(status int, length int64, rest []byte) {
	x.began, x.status, x.sent = true, status, length
	x.native.sent(rest)
}

// Begun reports whether the response head was written, or the connection taken over.
func (x *Exchange) Begun() bool { return x.began }

// Status returns the response's status, 0 before WriteHead.
func (x *Exchange) Status() int { return x.status }

// Substatus returns the sub-status, which says with the status what went wrong (BM-02);
// 0 if nothing did.
func (x *Exchange) Substatus() int { return x.substatus }

// Fault returns the error behind the sub-status, for the log.
func (x *Exchange) Fault() error { return x.fault }

// Reasoned returns why the exchange failed, in a few words: the reason that
// X-Ancm-Error has behind its numbers, or what the front found wrong with the request.
// It is empty if nothing failed, or there is no reason.
func (x *Exchange) Reasoned() string {
	if x.fault == nil {
		return ""
	}
	if why := gatewayReason(x.fault); why != "" {
		return why
	}
	var fault *http1.Fault
	if errors.As(x.fault, &fault) {
		return fault.Reason
	}
	return ""
}

// gatewayReason returns the reason of an error that has one, else nothing.
func gatewayReason(err error) string {
	var why interface{ Reason() string }
	if errors.As(err, &why) {
		return why.Reason()
	}
	return ""
}

// Sent returns the number of body bytes written.
func (x *Exchange) Sent() int64 { return x.sent }

// Fail notes the sub-status and the error of a failure for the log. It may be called
// after the response has begun.
func (x *Exchange) Fail(substatus int, err error) { x.substatus, x.fault = substatus, err }

// Error answers with status, sub-status, a content type and a body, and names both
// numbers in X-Ancm-Error, with the Reason of err behind them if it has that method.
// When the response has begun it aborts instead.
func (x *Exchange) Error(status, substatus int, contentType string, body []byte, err error) {
	x.Fail(substatus, err)
	if x.began {
		x.Abort()
		return
	}
	code := strconv.AppendInt(nil, int64(status), 10)
	if substatus != 0 {
		code = strconv.AppendInt(append(code, '.'), int64(substatus), 10)
	}
	if why := gatewayReason(err); why != "" {
		code = append(append(code, ' '), why...)
	}
	fields := make([]Field, 0, 3)
	fields = append(fields, http1.Make([]byte("X-Ancm-Error"), code))
	if contentType != "" {
		fields = append(fields, http1.Make([]byte("Content-Type"), []byte(contentType)))
	}
	if x.WriteHead(status, fields, int64(len(body))) == nil {
		_, _ = x.Write(body) // a client that has gone needs no answer
	}
}
