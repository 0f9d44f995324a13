package http1

import (
	"net/netip"
	"unsafe"
)

// ValidHost reports whether h is a Host field's value: empty, or uri-host with an
// optional port (RFC 9110, 7.2; RFC 3986, 3.2.2 and 3.2.3). User information and
// zones of addresses are no part of it.
func ValidHost(h []byte) bool {
	if len(h) == 0 {
		return true
	}
	end := 0
	if h[0] == '[' {
		if end = literalEnd(h); end == 0 {
			return false
		}
	} else {
		for end < len(h) && hostChar[h[end]] {
			if h[end] == '%' && !escaped(h[end:]) {
				return false
			}
			end++
		}
		if end == 0 {
			return false // a port of nothing
		}
	}
	if end == len(h) {
		return true
	}
	if h[end] != ':' {
		return false
	}
	for _, c := range h[end+1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// literalEnd returns the index behind the bracket that ends an IP literal, 0 if it
// is none (RFC 3986, IP-literal).
func literalEnd(h []byte) int {
	for i, c := range h {
		if c != ']' {
			continue
		}
		in := h[1:i]
		if len(in) > 1 && in[0]|0x20 == 'v' {
			if futureAddress(in[1:]) {
				return i + 1
			}
			return 0
		}
		// The string does not outlive the call, so it may point into the buffer.
		a, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(in), len(in)))
		if err != nil || !a.Is6() || a.Zone() != "" {
			return 0
		}
		return i + 1
	}
	return 0
}

// futureAddress returns what follows the v of an IPvFuture: hexadecimal digits, a dot
// and at least one character of a name, or a colon.
func futureAddress(b []byte) bool {
	i := 0
	for i < len(b) {
		if _, ok := hexDigit(b[i]); !ok {
			break
		}
		i++
	}
	if i == 0 || i == len(b) || b[i] != '.' || i+1 == len(b) {
		return false
	}
	for _, c := range b[i+1:] {
		if c != ':' && (c == '%' || !hostChar[c]) {
			return false
		}
	}
	return true
}

// escaped reports whether b begins with a percent-encoded byte.
func escaped(b []byte) bool {
	if len(b) < 3 || b[0] != '%' {
		return false
	}
	_, high := hexDigit(b[1])
	_, low := hexDigit(b[2])
	return high && low
}

// hostChar marks the characters of a reg-name (RFC 3986, 3.2.2): unreserved,
// sub-delims, and the percent sign that begins an escape.
var hostChar = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-0x20] = true, true
	}
	for _, c := range "-._~!$&'()*+,;=%" {
		t[c] = true
	}
	return t
}()
