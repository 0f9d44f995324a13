package http1

import (
	"bytes"
	"fmt"
)

// Fault is what is wrong with a message, and the status that a server answers
// with. The values are made once, so that refusing costs no allocation.
type Fault struct {
	Status int
	Reason string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("malformed HTTP message: %s (%d)", f.Reason, f.Status)
}

// The faults of heads and bodies.
var (
	ErrBareLF       = &Fault{400, "line feed without carriage return"}
	ErrFirstLine    = &Fault{400, "malformed first line"}
	ErrVersion      = &Fault{505, "not HTTP/1.x"}
	ErrTarget       = &Fault{400, "malformed request target"}
	ErrFieldName    = &Fault{400, "malformed field name"}
	ErrFieldValue   = &Fault{400, "control character in a field value"}
	ErrFold         = &Fault{400, "folded field line"}
	ErrHost         = &Fault{400, "Host missing, repeated or malformed"}
	ErrLength       = &Fault{400, "Content-Length repeated or malformed"}
	ErrBothLengths  = &Fault{400, "Content-Length beside Transfer-Encoding"}
	ErrCoding       = &Fault{501, "transfer coding other than chunked"}
	ErrCodingPlace  = &Fault{400, "Transfer-Encoding repeated, empty or in HTTP/1.0"}
	ErrChunk        = &Fault{400, "malformed chunk"}
	ErrHeadTooLarge = &Fault{431, "head larger than the limit"}
)

// End looks for the end of a field section, or of a head, in buf: the index
// after the empty line. from is the start of the first line not yet looked at;
// when the section is not complete end is 0 and next is the from of the call
// after more bytes have come. Lines must end in CRLF.
func End(buf []byte, from int) (end, next int, err error) {
	for {
		i := bytes.IndexByte(buf[from:], '\n')
		if i < 0 {
			return 0, from, nil
		}
		if i == 0 || buf[from+i-1] != '\r' {
			return 0, from, ErrBareLF
		}
		from += i + 1
		if i == 1 {
			return from, from, nil
		}
	}
}

// Fields parses the field lines of a complete section that starts at offset
// from of buf and ends with its empty line at the end of buf, appending to dst.
func Fields(dst []Field, buf []byte, from int) ([]Field, error) {
	for from < len(buf) {
		line := buf[from:]
		n := bytes.IndexByte(line, '\n')
		if n < 1 || line[n-1] != '\r' {
			return dst, ErrBareLF
		}
		line = line[:n-1]
		if len(line) == 0 {
			return dst, nil
		}
		if line[0] == ' ' || line[0] == '\t' {
			return dst, ErrFold
		}
		colon := nameEnd(line)
		if colon < 1 || colon == len(line) || line[colon] != ':' {
			return dst, ErrFieldName
		}
		start, end := colon+1, len(line)
		for start < end && (line[start] == ' ' || line[start] == '\t') {
			start++
		}
		for end > start && (line[end-1] == ' ' || line[end-1] == '\t') {
			end--
		}
		if !ValidValue(line[start:end]) {
			return dst, ErrFieldValue
		}
		dst = append(dst, Field{Name: line[:colon:colon], Value: line[start:end:end],
			Kind: KindOf(line[:colon]), name: int32(from), value: int32(from + start)})
		from += n + 1
	}
	return dst, nil
}

func nameEnd(line []byte) int {
	for i, c := range line {
		if !tokenChar[c] {
			return i
		}
	}
	return len(line)
}

// ValidValue reports whether b may be a field value: no control characters but
// HTAB, and so no line breaks (RFC 9110, 5.5).
func ValidValue(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// ValidToken reports whether b is a token (RFC 9110, 5.6.2).
func ValidToken(b []byte) bool { return len(b) > 0 && nameEnd(b) == len(b) }

// tokenChar marks the characters of a token (RFC 9110, 5.6.2).
var tokenChar = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-0x20] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

// length reads a Content-Length: digits only, no sign, no list, below 1e18.
func length(v []byte) (int64, bool) {
	if len(v) == 0 || len(v) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
