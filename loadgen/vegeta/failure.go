package vegeta

import (
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"syscall"

	"ancmbench/loadgen"
)

// Windows has its own numbers for socket errors.
const (
	wsaConnReset   = syscall.Errno(10054)
	wsaConnAborted = syscall.Errno(10053)
	wsaConnRefused = syscall.Errno(10061)
)

// failure returns the outcome for an error of net/http that is not our timeout.
func failure(err error) loadgen.Outcome {
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	var broke *malformedError
	var op *net.OpError
	dialing := errors.As(err, &op) && op.Op == "dial"
	switch {
	case is(syscall.ECONNREFUSED, wsaConnRefused), dialing && is(fs.ErrNotExist):
		return loadgen.Refused
	case is(syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, wsaConnReset, wsaConnAborted):
		return loadgen.Reset
	case errors.As(err, &broke), malformed(err):
		return loadgen.Malformed
	case is(io.EOF, io.ErrUnexpectedEOF, net.ErrClosed), strings.Contains(err.Error(), "server closed idle connection"):
		return loadgen.ClosedEarly
	}
	return loadgen.Failed
}

// noConnection is the cause of a timeout before a connection was open.
const noConnection = "no connection in time"

// cause returns the cause of an error, without host names and paths; empty if the general
// text for the outcome is enough.
func cause(err error) string {
	var broke *malformedError
	if errors.As(err, &broke) {
		return broke.why
	}
	return loadgen.CauseOf(err)
}

// malformed reports whether an error of net/http means a malformed answer. It recognizes
// errors by type, or by text if they have no type (net/http/transfer.go, response.go,
// internal/chunked.go, h2).
func malformed(err error) bool {
	var text textproto.ProtocolError
	var record tls.RecordHeaderError
	if errors.As(err, &text) || errors.As(err, &record) ||
		errors.Is(err, http.ErrLineTooLong) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	words := err.Error()
	for _, w := range []string{"malformed", "bad Content-Length", "invalid Content-Length", "unsupported transfer encoding",
		"too many transfer encodings", "response headers exceeded", "header list larger", "invalid byte in chunk length", "chunk length too large",
		"multiple Content-Length", "Content-Length headers", "invalid header", "PROTOCOL_ERROR", "FRAME_SIZE_ERROR", "COMPRESSION_ERROR", "frame too large",
		"too many 1xx", "trailer header without chunked", "invalid empty chunk", "too much trailer"} {
		if strings.Contains(words, w) {
			return true
		}
	}
	return false
}
