package wire

import (
	"bytes"

	"ancmbench/loadgen"
)

// maxHead bounds all heads of one answer together, interim ones, chunk lines
// and trailers included: an answer beyond it is malformed.
const maxHead = 64 << 10

// head is what the head of an answer says about its framing (RFC 9112 4 to 6).
type head struct {
	status  int
	length  int64 // Content-Length; -1 if not stated
	chunked bool
	close   bool // the connection ends with this answer (RFC 9112 9.3)
}

// tchar and vchar tell the bytes of a token (RFC 9110 5.6.2) and of a field
// value (RFC 9110 5.5, with obs-text and HTAB).
var tchar, vchar = charTables()

func charTables() (t, v [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	for c := range v {
		v[c] = c == '\t' || c >= ' ' && c != 0x7f
	}
	return t, v
}

// parse reads a whole head, its closing empty line included. It is strict: what
// RFC 9112 lets a recipient refuse (bare LF, folded lines, a space before the
// colon, conflicting lengths, Content-Length beside Transfer-Encoding, a
// transfer coding other than chunked) is malformed, because a server that sends
// it is to be found out, not helped. Fields are handed on to want, if it asks.
func (h *head) parse(b []byte, want *loadgen.Expectation, judged *loadgen.Answer) bool {
	hand := len(want.FieldNames()) > 0
	*h = head{length: -1}
	line, b, ok := cutLine(b)
	if !ok || !h.statusLine(line) {
		return false
	}
	http10 := line[7] == '0'
	h.close = http10
	for {
		if line, b, ok = cutLine(b); !ok {
			return false
		}
		if len(line) == 0 {
			break
		}
		name, value, ok := cutField(line)
		if !ok || !h.field(name, value, http10) {
			return false
		}
		if hand {
			want.Field(judged, name, value)
		}
	}
	if h.chunked && (h.length >= 0 || http10) {
		return false
	}
	if h.status == 101 { // another protocol begins, which nobody here asked for
		h.close = true
	}
	return len(b) == 0
}

// cutLine takes one line that ends in CRLF off b.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 1 || b[i-1] != '\r' {
		return nil, nil, false
	}
	return b[:i-1], b[i+1:], true
}

// statusLine takes "HTTP/1.x NNN" with or without a reason (RFC 9112 4); many
// servers leave out the space after the code when there is no reason.
func (h *head) statusLine(b []byte) bool {
	if len(b) < 12 || string(b[:7]) != "HTTP/1." || !digit(b[7]) || b[8] != ' ' ||
		!digit(b[9]) || !digit(b[10]) || !digit(b[11]) || b[9] == '0' {
		return false
	}
	h.status = int(b[9]-'0')*100 + int(b[10]-'0')*10 + int(b[11]-'0')
	return len(b) == 12 || b[12] == ' ' && clean(b[13:])
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func clean(b []byte) bool {
	for _, c := range b {
		if !vchar[c] {
			return false
		}
	}
	return true
}

// cutField splits a field line, and refuses what is not one.
func cutField(line []byte) (name, value []byte, ok bool) {
	i := bytes.IndexByte(line, ':')
	if i < 1 {
		return nil, nil, false
	}
	name, value = line[:i], line[i+1:]
	for _, c := range name {
		if !tchar[c] {
			return nil, nil, false
		}
	}
	for len(value) > 0 && (value[0] == ' ' || value[0] == '\t') {
		value = value[1:]
	}
	for len(value) > 0 && (value[len(value)-1] == ' ' || value[len(value)-1] == '\t') {
		value = value[:len(value)-1]
	}
	return name, value, clean(value)
}

// field takes up the three fields that decide the framing.
func (h *head) field(name, value []byte, http10 bool) bool {
	switch {
	case len(name) == 14 && equalFold(name, "content-length"):
		n, ok := parseLength(value)
		if !ok || h.length >= 0 && h.length != n {
			return false
		}
		h.length = n
	case len(name) == 17 && equalFold(name, "transfer-encoding"):
		if h.chunked || !equalFold(value, "chunked") {
			return false
		}
		h.chunked = true
	case len(name) == 10 && equalFold(name, "connection"):
		if hasToken(value, "close") {
			h.close = true
		} else if http10 && hasToken(value, "keep-alive") {
			h.close = false
		}
	}
	return true
}

// parseLength reads 1*DIGIT below 2^63.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if !digit(c) || n > (1<<63-1-int64(c-'0'))/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// equalFold compares with a lower-case text, without regard to ASCII case.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hasToken looks for a member of a comma-separated list.
func hasToken(list []byte, lower string) bool {
	for len(list) > 0 {
		member := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			member, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		if equalFold(bytes.Trim(member, " \t"), lower) {
			return true
		}
	}
	return false
}
