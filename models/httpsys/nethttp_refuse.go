package httpsys

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"ancmbench/models/httpsys/http1"
)

// refused returns the fault of a request that net/http accepts and that must not reach
// another parser, nil if it has none.
func refused(e *netExchange) *http1.Fault {
	var err error
	switch r := e.r; {
	case r.Method == "PRI": // HTTP/2's preface on a connection that does not speak it
		err = http1.ErrVersion
	case r.ProtoMajor == 2:
		err = e.checkHTTP2()
	default:
		err = e.checkHTTP1()
	}
	var fault *http1.Fault
	if err != nil && !errors.As(err, &fault) {
		fault = http1.ErrFirstLine
	}
	return fault
}

// checkHTTP1 fails unless the target has a form of HTTP/1.1 (RFC 9112, 3.2).
func (e *netExchange) checkHTTP1() error {
	x, raw := &e.x, e.r.RequestURI
	if raw != string(x.Target) && !absoluteForm(raw) {
		return http1.ErrTarget
	}
	return http1.CheckPseudo(x.Method, x.Target, x.Host)
}

// absoluteForm reports whether a target begins with a scheme of ours and an authority.
func absoluteForm(t string) bool {
	for _, scheme := range []string{"http://", "https://"} {
		if len(t) > len(scheme) && strings.EqualFold(t[:len(scheme)], scheme) {
			return !strings.ContainsAny(t[len(scheme):len(scheme)+1], "/?#")
		}
	}
	return false
}

// checkHTTP2 wants pseudo-header fields and a length that HTTP/1.1 can say, and
// field values without white space around them (RFC 9113, 8.2.1).
func (e *netExchange) checkHTTP2() error {
	r, x := e.r, &e.x
	if r.Method != http.MethodConnect && r.RequestURI != string(x.Target) {
		return http1.ErrTarget // HTTP/2 has no absolute-form
	}
	if err := http1.CheckPseudo(x.Method, x.Target, x.Host); err != nil {
		return err
	}
	for _, values := range r.Header {
		for _, v := range values {
			if v != strings.Trim(v, " \t") {
				return http1.ErrFieldValue
			}
		}
	}
	lengths := r.Header["Content-Length"]
	if err := http1.CheckLengths(lengths, r.ContentLength); err != nil {
		return err
	}
	if len(lengths) > 0 && r.ContentLength == 0 {
		return e.checkEmpty()
	}
	return nil
}

// checkEmpty waits for the end of a body that is said to be empty: what comes
// instead of the end makes the request malformed (RFC 9113, 8.1.1).
func (e *netExchange) checkEmpty() error {
	_ = e.control().SetReadDeadline(time.Now().Add(e.front.o.HeadTimeout)) // HTTP/2 has it
	defer func() { _ = e.control().SetReadDeadline(time.Time{}) }()
	if n, err := e.r.Body.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		e.aborted = true // an answer would come too late: the stream is reset already
		return http1.ErrLength
	}
	e.r.Body = http.NoBody
	return nil
}
