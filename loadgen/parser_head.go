package loadgen

import "bytes"

// MaxHead limits the bytes of all heads of one answer together, with interim heads, chunk
// lines and trailers. An answer beyond it is malformed.
const MaxHead = 64 << 10

// The reasons why an answer is malformed, as the user sees them.
const (
	notHTTP      = "does not begin with HTTP/1."
	bareLF       = "a line without CRLF"
	headTooLong  = "head longer than 64 KiB"
	badStatus    = "no status line"
	badField     = "no field line"
	foldedFirst  = "white space before the first field"
	badLength    = "Content-Length is no number"
	twoLengths   = "two lengths"
	badCoding    = "a transfer coding other than chunked"
	lengthCoding = "Content-Length beside Transfer-Encoding"
	coding10     = "Transfer-Encoding in HTTP/1.0"
	badChunk     = "no chunk size"
	bareCR       = "a CR without LF"
	longChunk    = "chunk size too large"
	longLine     = "line of a chunk longer than 4 KiB"
	// HTTP2Only is the reason if the server answers with a frame of HTTP/2.
	HTTP2Only  = "the server speaks HTTP/2 only"
	openChunk  = "chunk longer than its size"
	badTrailer = "no trailer field"
)

// head holds the framing that the head of an answer announces (RFC 9112 4 to 6).
type head struct {
	status  int
	length  int64 // Content-Length; -1 if not stated
	chunked bool
	close   bool // the connection ends with this answer (RFC 9112 9.3)
}

// tchar and vchar are the legal bytes of a token (RFC 9110 5.6.2) and of a field value
// (RFC 9110 5.5, with obs-text and HTAB).
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

// parse parses a complete head with its closing empty line. It returns why the head is
// malformed, or "". It is strict: all that RFC 9112 lets a recipient refuse is malformed
// (bare LF, a space before the colon, conflicting lengths, Content-Length together with
// Transfer-Encoding, a transfer coding other than chunked), because a benchmark should
// show a server's faults. Folded fields are accepted, as a client must (RFC 9112 5.2).
// parse passes fields on to want if it expects any.
func (h *head) parse(b []byte, want *Expectation, judged *Answer) (why string) {
	hand := len(want.FieldNames()) > 0
	*h = head{length: -1}
	whole := b
	line, b, ok := cutLine(b)
	switch {
	case SpeaksHTTP2(whole):
		return HTTP2Only
	case !IsAnswer(whole):
		return notHTTP
	case !ok || !h.statusLine(line):
		return badStatus
	}
	http10 := line[7] == '0'
	h.close = http10
	if folded(b) {
		return foldedFirst
	}
	for {
		if line, b, ok = cutLine(b); !ok {
			return bareLF
		}
		if len(line) == 0 {
			break
		}
		if folded(b) {
			if line, b, ok = unfold(line, b); !ok {
				return bareLF
			}
		}
		name, value, ok := cutField(line)
		if !ok {
			return badField
		}
		if why := h.field(name, value, http10); why != "" {
			return why
		}
		if hand {
			want.Field(judged, name, value)
		}
	}
	switch {
	case h.chunked && h.length >= 0:
		return lengthCoding
	case h.chunked && http10:
		return coding10
	case len(b) > 0:
		return bareLF
	}
	if h.status == 101 { // no request here asks for another protocol
		h.close = true
	}
	return ""
}

// folded reports whether b continues the previous line.
func folded(b []byte) bool { return len(b) > 0 && (b[0] == ' ' || b[0] == '\t') }

// unfold joins a field line with the lines that continue it, and replaces each line end
// by a space (RFC 9112 5.2). The joined line is a copy.
func unfold(line, b []byte) (joined, rest []byte, ok bool) {
	joined = bytes.Clone(line)
	for folded(b) {
		if line, b, ok = cutLine(b); !ok {
			return nil, nil, false
		}
		joined = append(append(joined, ' '), line...)
	}
	return joined, b, true
}

// cutLine takes one line that ends in CRLF off b.
func cutLine(b []byte) (line, rest []byte, ok bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 1 || b[i-1] != '\r' {
		return nil, nil, false
	}
	return b[:i-1], b[i+1:], true
}

// statusLine parses "HTTP/1.x NNN" with or without a reason (RFC 9112 4), and reports
// whether it is legal. Many servers omit the space after the code if there is no reason.
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

// cutField splits a field line; ok is false if it is malformed.
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

// field evaluates the three fields that decide the framing. It returns why the field is
// illegal, or "".
func (h *head) field(name, value []byte, http10 bool) (why string) {
	switch {
	case len(name) == 14 && equalFold(name, "content-length"):
		n, ok := parseLength(value)
		if !ok {
			return badLength
		}
		if h.length >= 0 && h.length != n {
			return twoLengths
		}
		h.length = n
	case len(name) == 17 && equalFold(name, "transfer-encoding"):
		if h.chunked || len(value) != len("chunked") || !equalFold(value, "chunked") {
			return badCoding
		}
		h.chunked = true
	case len(name) == 10 && equalFold(name, "connection"):
		if hasToken(value, "close") {
			h.close = true
		} else if http10 && hasToken(value, "keep-alive") {
			h.close = false
		}
	}
	return ""
}

// parseLength parses 1*DIGIT below 2^63.
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

// hasToken reports whether lower is a member of a comma-separated list.
func hasToken(list []byte, lower string) bool {
	for len(list) > 0 {
		member := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			member, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		if member = bytes.Trim(member, " \t"); len(member) == len(lower) && equalFold(member, lower) {
			return true
		}
	}
	return false
}
