package http1

import "bytes"

// Request is a parsed request head. Its slices point into the buffer that was
// parsed; Parse reuses Fields.
type Request struct {
	Method []byte
	// Target is in origin-form or asterisk-form: an absolute-form target has
	// lost its scheme and authority, and Host is that authority (RFC 9112, 3.2.2).
	Target []byte
	Host   []byte
	// Minor is the minor version: 0, or 1 for 1 and all that are higher.
	Minor  int
	Fields []Field
	// Length of the body in bytes; -1 is chunked.
	Length int64
	// KeepAlive reports whether the client lets the connection live on.
	KeepAlive bool
	// Expect reports whether the client waits for 100 (RFC 9110, 10.1.1).
	Expect bool
	// Upgrade reports whether Connection names Upgrade and there is an Upgrade field.
	Upgrade bool

	// TargetAt and HostAt are offsets in the parsed buffer; Method is at 0.
	TargetAt, HostAt int32
}

// Parse reads a complete head, which End has found to be the whole of buf. It
// returns a *Fault when the head is not one. It changes buf where an absolute-form
// target has an empty path, to put one there.
func (r *Request) Parse(buf []byte) error {
	*r = Request{Fields: r.Fields[:0]}
	eol := bytes.IndexByte(buf, '\n')
	if eol < 1 || buf[eol-1] != '\r' {
		return ErrBareLF
	}
	line := buf[:eol-1]
	sp := bytes.IndexByte(line, ' ')
	if sp < 1 || !ValidToken(line[:sp]) {
		return ErrFirstLine
	}
	r.Method = line[:sp:sp]
	rest := line[sp+1:]
	last := bytes.IndexByte(rest, ' ')
	if last < 1 {
		return ErrFirstLine
	}
	if err := r.version(rest[last+1:]); err != nil {
		return err
	}
	r.Target = rest[:last:last]
	r.TargetAt = int32(sp + 1)
	if !validTarget(r.Target) {
		return ErrTarget
	}
	var err error
	if r.Fields, err = Fields(r.Fields, buf, eol+1); err != nil {
		return err
	}
	if err := r.meaning(); err != nil {
		return err
	}
	return r.form()
}

func (r *Request) version(v []byte) error {
	if len(v) != 8 || string(v[:5]) != "HTTP/" || v[6] != '.' {
		return ErrFirstLine
	}
	if v[5] < '0' || v[5] > '9' || v[7] < '0' || v[7] > '9' {
		return ErrFirstLine
	}
	if v[5] != '1' {
		return ErrVersion
	}
	r.Minor = min(int(v[7]-'0'), 1) // a higher minor version is spoken to as the one we know (RFC 9110, 2.5)
	return nil
}

// meaning reads the fields that decide how the message is framed and what
// becomes of the connection.
func (r *Request) meaning() error {
	var hosts, lengths, codings int
	var keepAlive, closing, upgradeOption, upgrade bool
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Kind {
		case Host:
			hosts++
			r.Host, r.HostAt = f.Value, f.value
		case ContentLength:
			lengths++
			n, ok := length(f.Value)
			if !ok {
				return ErrLength
			}
			r.Length = n
		case TransferEncoding:
			codings++
			if len(f.Value) == 0 {
				return ErrCodingPlace
			}
			if !EqualFold(f.Value, "chunked") {
				return ErrCoding
			}
		case Connection:
			keepAlive = keepAlive || Lists(f.Value, "keep-alive")
			closing = closing || Lists(f.Value, "close")
			upgradeOption = upgradeOption || Lists(f.Value, "upgrade")
		case Upgrade:
			upgrade = true
		case Expect:
			r.Expect = r.Minor == 1 && EqualFold(f.Value, "100-continue")
		}
	}
	if hosts > 1 || hosts == 0 && r.Minor == 1 || !ValidHost(r.Host) {
		return ErrHost
	}
	switch {
	case lengths > 1:
		return ErrLength
	case codings > 0 && lengths > 0:
		return ErrBothLengths
	case codings > 1 || codings == 1 && r.Minor == 0:
		return ErrCodingPlace
	case codings == 1:
		r.Length = -1
	}
	r.Expect = r.Expect && r.Length != 0
	r.Upgrade = upgrade && upgradeOption && r.Minor == 1
	r.KeepAlive = !closing && (r.Minor == 1 || keepAlive)
	return nil
}

// form brings the target into origin-form (RFC 9112, 3.2).
func (r *Request) form() error {
	t := r.Target
	if string(r.Method) == "CONNECT" {
		return authorityForm(t)
	}
	if t[0] == '/' {
		return nil
	}
	if len(t) == 1 && t[0] == '*' {
		return asteriskForm(r.Method)
	}
	var skip int
	switch {
	case len(t) > 7 && EqualFold(t[:7], "http://"):
		skip = 7
	case len(t) > 8 && EqualFold(t[:8], "https://"):
		skip = 8
	default:
		return ErrTarget
	}
	rest := t[skip:]
	end := bytes.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		return ErrTarget // no authority
	}
	if !ValidHost(rest[:end]) {
		return ErrHost
	}
	if end < len(rest) && rest[end] == '/' {
		r.Host, r.HostAt = rest[:end:end], r.TargetAt+int32(skip)
		r.Target, r.TargetAt = rest[end:], r.TargetAt+int32(skip+end)
		return nil
	}
	// An empty path is "/" (RFC 9110, 4.2.3), and of OPTIONS "*" (RFC 9112, 3.2.4).
	// The authority moves one place to the left, into the slashes, to make room for it.
	copy(t[skip-1:], rest[:end])
	at := skip + end - 1
	t[at] = '/'
	if end == len(rest) && string(r.Method) == "OPTIONS" {
		t[at] = '*'
	}
	r.Host, r.HostAt = t[skip-1:at:at], r.TargetAt+int32(skip-1)
	r.Target, r.TargetAt = t[at:], r.TargetAt+int32(at)
	return nil
}

// authorityForm wants a host with a port (RFC 9110, 9.3.6).
func authorityForm(t []byte) error {
	if port := bytes.LastIndexByte(t, ':'); port < 1 || port == len(t)-1 || t[len(t)-1] == ']' || !ValidHost(t) {
		return ErrTarget
	}
	return nil
}

func asteriskForm(method []byte) error {
	if string(method) != "OPTIONS" {
		return ErrTarget
	}
	return nil
}

// validTarget accepts the characters of a target, and percent signs of its path only
// as what they are in a URI (RFC 3986, 2.1). In a query they stand for themselves too
// often to be refused.
func validTarget(t []byte) bool {
	query := false
	for i, c := range t {
		switch {
		case c <= 0x20 || c >= 0x7f || c == '#':
			return false
		case c == '?':
			query = true
		case c == '%' && !query && !escaped(t[i:]):
			return false
		}
	}
	return len(t) > 0
}

// CheckPseudo reports what is wrong with what HTTP/2 calls :method, :path and
// :authority, before it becomes the first line of an HTTP/1.1 request (RFC 9113,
// 8.3.1 and 10.3). The path of CONNECT is its authority.
func CheckPseudo(method, path, authority []byte) error {
	switch {
	case !ValidToken(method):
		return ErrFirstLine
	case !validTarget(path):
		return ErrTarget
	case !ValidHost(authority):
		return ErrHost
	case string(method) == "CONNECT":
		return authorityForm(path)
	case len(path) == 1 && path[0] == '*':
		return asteriskForm(method)
	case path[0] != '/':
		return ErrTarget
	}
	return nil
}

// CheckLengths reports what is wrong with the values of Content-Length of a message
// whose body has this many bytes; -1 is not known.
func CheckLengths(values []string, body int64) error {
	if len(values) == 0 {
		return nil
	}
	n, ok := length([]byte(values[0]))
	if len(values) > 1 || !ok || n != body {
		return ErrLength
	}
	return nil
}
