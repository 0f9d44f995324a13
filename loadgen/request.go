package loadgen

import (
	"strings"

	"ancmbench"
)

// Closes reports whether a request says that its connection ends with the answer, so
// that the engine must not use it again (RFC 9112 9.6).
func Closes(q ancmbench.Request) bool {
	for _, f := range q.Header {
		if strings.EqualFold(f.Name, "Connection") && hasToken([]byte(f.Value), "close") {
			return true
		}
	}
	return false
}

// HostField is the Host field of a target's requests, without the zone of an address,
// which means something on this machine alone (RFC 6874 4). A socket's path is no host:
// "localhost".
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

// EscapePath writes a request target as it may go to the wire: what RFC 3986 has no
// place for, as a literal é or a quotation mark, is percent-encoded. What is encoded
// already stays.
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

// inTarget reports whether a byte may stand in a path or query. A percent sign is taken
// to begin an encoded byte; brackets are no part of the grammar, and sent by everybody.
func inTarget(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~%!$&'()*+,;=:@/?[]", c) >= 0
}
