package loadgen

import (
	"strings"

	"ancmbench"
)

// Closes reports whether a request asks to close its connection after the answer. The
// engine must not use the connection again (RFC 9112 9.6).
func Closes(q ancmbench.Request) bool {
	for _, f := range q.Header {
		if strings.EqualFold(f.Name, "Connection") && hasToken([]byte(f.Value), "close") {
			return true
		}
	}
	return false
}

// HostField returns the Host field of a target's requests. It leaves out the zone of an
// address, which has a meaning only on this machine (RFC 6874 4). For a Unix socket it
// returns "localhost".
func HostField(t ancmbench.Target) string {
	host := t.Host
	switch {
	case host != "":
	case t.Network == "unix":
		return "localhost"
	default:
		host = t.Address
	}
	if from := strings.IndexByte(host, '%'); from > 0 && host[0] == '[' {
		if to := strings.IndexByte(host, ']'); to > from {
			return host[:from] + host[to:]
		}
	}
	return host
}

// EscapePath returns path with every character percent-encoded that RFC 3986 does not
// allow in a request target, such as é or a quotation mark. It leaves percent-encoded
// characters unchanged.
func EscapePath(path string) string {
	const hex = "0123456789ABCDEF"
	if strings.IndexFunc(path, func(r rune) bool { return r > 0x7e || !inTarget(byte(r)) }) < 0 {
		return path
	}
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; inTarget(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// inTarget reports whether a byte is allowed in a path or query. A percent sign is
// assumed to begin an encoded byte. Brackets are allowed because all clients send them,
// although the grammar does not have them.
func inTarget(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~%!$&'()*+,;=:@/?[]", c) >= 0
}
