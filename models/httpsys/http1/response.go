package http1

import "bytes"

// Until tells Response.Length that the body ends when the connection does.
const Until = -2

// Response is a parsed response head. Its slices point into the buffer that was
// parsed; Parse reuses Fields.
type Response struct {
	Status int
	Minor  int
	Reason []byte
	Fields []Field
	// Length of the body that follows in bytes; -1 is chunked, Until is until
	// the connection closes.
	Length int64
	// Declared is the Content-Length of a response without a body (HEAD, 304),
	// -1 if there is none.
	Declared int64
	// KeepAlive reports whether the connection may carry another request after
	// this response.
	KeepAlive bool
}

// Parse reads a complete head, the whole of buf, of the answer to a request
// with this method. It returns a *Fault when the head is not one; its Status
// has no meaning here.
func (r *Response) Parse(buf []byte, head bool) error {
	*r = Response{Fields: r.Fields[:0], Declared: -1}
	eol := bytes.IndexByte(buf, '\n')
	if eol < 1 || buf[eol-1] != '\r' {
		return ErrBareLF
	}
	line := buf[:eol-1]
	// "HTTP/1.1 200" is the shortest; the reason may be missing with its space.
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[7] < '0' || line[7] > '9' || line[8] != ' ' {
		return ErrFirstLine
	}
	r.Minor = min(int(line[7]-'0'), 1) // as in Request.version
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return ErrFirstLine
		}
		r.Status = r.Status*10 + int(c-'0')
	}
	if r.Status < 100 || r.Status > 599 || len(line) > 12 && line[12] != ' ' {
		return ErrFirstLine
	}
	if len(line) > 13 {
		r.Reason = line[13:]
		if !ValidValue(r.Reason) {
			return ErrFirstLine
		}
	}
	var err error
	if r.Fields, err = Fields(r.Fields, buf, eol+1); err != nil {
		return err
	}
	return r.meaning(head)
}

func (r *Response) meaning(head bool) error {
	var codings int
	var keepAlive, closing bool
	for i := range r.Fields {
		f := &r.Fields[i]
		switch f.Kind {
		case ContentLength:
			n, ok := length(f.Value)
			if !ok || r.Declared >= 0 && n != r.Declared {
				return ErrLength
			}
			r.Declared = n
		case TransferEncoding:
			codings++
			if !EqualFold(f.Value, "chunked") {
				return ErrCoding
			}
		case Connection:
			keepAlive = keepAlive || Lists(f.Value, "keep-alive")
			closing = closing || Lists(f.Value, "close")
		}
	}
	if codings > 0 && r.Declared >= 0 {
		return ErrBothLengths
	}
	if codings > 1 || codings == 1 && r.Minor == 0 {
		return ErrCodingPlace
	}
	r.KeepAlive = !closing && (r.Minor == 1 || keepAlive)
	switch {
	case head || r.Status < 200 || r.Status == 204 || r.Status == 304:
		r.Length = 0
	case codings == 1:
		r.Length = -1
	case r.Declared >= 0:
		r.Length = r.Declared
	default:
		r.Length = Until
		r.KeepAlive = false
	}
	return nil
}
