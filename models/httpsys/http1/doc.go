// Package http1 answers one question: what do these bytes say in HTTP/1.1?
//
// It reads request heads, response heads, field sections and chunked bodies out
// of a buffer that the caller owns, strictly by RFC 9112, without copying and
// without allocating: every slice it returns points into the caller's buffer.
// It reads no socket, keeps no clock and forwards nothing.
//
//	End        where does this field section end?              (5, 2.2)
//	Request    request line, fields, framing                   (3, 6)
//	Response   status line, fields, framing                    (4, 6)
//	Chunked    the data in a chunked body                      (7.1)
//
// What the RFC lets a recipient repair (a bare LF, obs-fold, white space before
// a colon, Content-Length beside Transfer-Encoding, repeated Content-Length in a
// request) is refused here: in front of another parser a repair is a chance to
// disagree with it.
package http1
