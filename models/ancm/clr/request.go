//go:build clr && linux && amd64 && cgo

package clr

/*
#include "half.h"
*/
import "C"

import (
	"bytes"
	"errors"
	"hash/fnv"
	"net"
	"net/netip"
	"unicode/utf8"
	"unsafe"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

var errTooLarge = errors.New("the request's head is too large for the app")

// errTarget is the error of a target that IISHttpServer fails on before it calls the app.
var errTarget = &http1.Fault{Status: 400, Reason: "the target cannot be decoded"}

// put copies b into the slot's text.
func (s *slot) put(b []byte) *C.char {
	at := s.used
	s.used += copy(s.text[at:], b)
	return (*C.char)(unsafe.Pointer(&s.text[at]))
}

func (s *slot) span(b []byte) C.span {
	if len(b) == 0 {
		return C.span{}
	}
	return C.span{at: s.put(b), length: C.uint32_t(len(b))}
}

// align leaves out bytes until the next address that is a multiple of 8.
func (s *slot) align() { s.used = (s.used + 7) &^ 7 }

// size returns how many bytes of text a request needs at most.
func size(x *httpsys.Exchange) int {
	n := 256 + len(x.Method)*2 + len(x.Target)*4 + len(x.Host) + len(x.Client) + len(x.User) + len(x.UserBy)
	for i := range x.Fields {
		n += len(x.Fields[i].Name) + len(x.Fields[i].Value) + 8 + int(unsafe.Sizeof(C.unknown_field{}))
	}
	if x.TLS != nil {
		n += len(x.TLS.ServerName)
		if len(x.TLS.PeerCertificates) > 0 {
			n += len(x.TLS.PeerCertificates[0].Raw)
		}
	}
	return n
}

// fill writes the request into the slot, as HTTP.sys would give it. It fails if the
// request cannot be given.
func (s *slot) fill(x *httpsys.Exchange) error {
	if err := checkTarget(x.Target); err != nil {
		return err
	}
	need := size(x)
	if need > 1<<24 {
		return errTooLarge
	}
	if need > len(s.text) {
		text := C.clr_more_text(s.c, C.uint32_t(need))
		if text == nil {
			return errTooLarge
		}
		s.text = unsafe.Slice((*byte)(unsafe.Pointer(text)), int(s.c.text_size))
	}
	r := s.c.request
	*r = C.raw_request{}
	id := C.uint64_t(s.generation<<16 | uint64(s.c.index))
	r.request_id, r.connection_id = id, connection(x)
	r.raw_connection_id = r.connection_id
	s.fillLine(x, r)
	s.fillAddresses(x, r)
	if err := s.fillFields(x, r); err != nil {
		return err
	}
	s.fillTLS(x, r)
	s.c.client, s.c.user, s.c.user_by = s.span(x.Client), s.span([]byte(x.User)), s.span([]byte(x.UserBy))
	s.c.local = C.span{}
	if x.Local != nil {
		s.c.local = s.span([]byte(x.Local.String()))
	}
	return nil
}

// checkTarget fails for what would end in an exception of the server before the app is
// called: the original's kernel answers it with 400.
func checkTarget(target []byte) error {
	path, _, _ := bytes.Cut(target, []byte{'?'})
	if len(path) == 0 || path[0] != '/' && string(path) != "*" || bytes.Contains(path, []byte("%00")) || !utf8.Valid(path) {
		return errTarget
	}
	return nil
}

// connection returns a number that is the same for all requests of a connection.
func connection(x *httpsys.Exchange) C.uint64_t {
	h := fnv.New64a()
	_, _ = h.Write(x.Client) // a hash has no errors
	return C.uint64_t(h.Sum64() | 1)
}

var verbs = map[string]C.int32_t{
	"OPTIONS": 3, "GET": 4, "HEAD": 5, "POST": 6, "PUT": 7, "DELETE": 8, "TRACE": 9, "CONNECT": 10, "TRACK": 11, "MOVE": 12, "COPY": 13,
	"PROPFIND": 14, "PROPPATCH": 15, "MKCOL": 16, "LOCK": 17, "UNLOCK": 18, "SEARCH": 19,
}

// fillLine writes method, target and version.
func (s *slot) fillLine(x *httpsys.Exchange, r *C.raw_request) {
	r.major, r.minor = C.uint16_t(x.Major), C.uint16_t(x.Minor)
	if x.Major == 2 {
		r.flags = C.HTTP2_FLAG
	}
	s.c.method, s.c.target = s.span(x.Method), s.span(x.Target)
	if r.verb = verbs[string(x.Method)]; r.verb == 0 {
		r.verb, r.unknown_verb, r.unknown_verb_length = 1, s.c.method.at, C.uint16_t(len(x.Method))
	}
	r.raw_url, r.raw_url_length = s.put(x.Target), C.uint16_t(len(x.Target)) // its own copy: it is unescaped in place
	if q := bytes.IndexByte(x.Target, '?'); q >= 0 {
		s.align()
		query := x.Target[q:]
		wide := unsafe.Slice((*uint16)(unsafe.Pointer(&s.text[s.used])), len(query))
		for i, b := range query {
			wide[i] = uint16(b)
		}
		s.used += 2 * len(query)
		r.cooked.query, r.cooked.query_length = (*C.uint16_t)(unsafe.Pointer(&wide[0])), C.uint16_t(2*len(query))
	}
}

// fillAddresses writes the addresses of both ends, those that there are.
func (s *slot) fillAddresses(x *httpsys.Exchange, r *C.raw_request) {
	if a, err := netip.ParseAddrPort(string(x.Client)); err == nil {
		r.address.remote = address(&s.c.remote_address, a)
	}
	if t, ok := x.Local.(*net.TCPAddr); ok {
		r.address.local = address(&s.c.local_address, t.AddrPort())
	}
}

// address writes an address as sockaddr of Windows.
func address(to *[28]C.uchar, a netip.AddrPort) unsafe.Pointer {
	*to = [28]C.uchar{2: C.uchar(a.Port() >> 8), 3: C.uchar(a.Port())}
	if ip := a.Addr().Unmap(); ip.Is4() {
		to[0] = C.FAMILY_V4
		for i, b := range ip.As4() {
			to[4+i] = C.uchar(b)
		}
		return unsafe.Pointer(to)
	}
	to[0] = C.FAMILY_V6
	for i, b := range a.Addr().As16() {
		to[8+i] = C.uchar(b)
	}
	return unsafe.Pointer(to)
}

// fillTLS writes what is known of a connection with TLS.
func (s *slot) fillTLS(x *httpsys.Exchange, r *C.raw_request) {
	c := s.c
	c.tls_version, c.cipher_suite, c.server_name = 0, 0, C.span{}
	if x.TLS == nil {
		return
	}
	c.tls, c.certificate, c.protocol = C.tls_info{}, C.client_certificate{}, C.tls_protocol{}
	r.tls = &c.tls
	c.tls_version, c.cipher_suite = C.uint32_t(x.TLS.Version), C.uint32_t(x.TLS.CipherSuite)
	c.server_name = s.span([]byte(x.TLS.ServerName))
	c.protocol.protocol = protocols[x.TLS.Version]
	c.info = C.request_info{_type: 2, length: C.uint32_t(unsafe.Sizeof(c.protocol)), info: unsafe.Pointer(&c.protocol)}
	r.info, r.info_count = &c.info, 1
	if len(x.TLS.PeerCertificates) > 0 {
		der := x.TLS.PeerCertificates[0].Raw
		c.certificate.size, c.certificate.der = C.uint32_t(len(der)), unsafe.Pointer(s.put(der))
		c.tls.client, c.tls.negotiated = &c.certificate, 1
	}
}

// protocols are SslProtocols of .NET, by the version of crypto/tls.
var protocols = map[uint16]C.uint32_t{0x301: 0xc0, 0x302: 0x300, 0x303: 0xc00, 0x304: 0x3000}
