package ancm

import (
	"errors"
	"io"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// respond passes on a response whose head was read, with its body and trailers.
func (f *Forwarder) respond(x *httpsys.Exchange, u *upstream) (reusable bool, err error) {
	h := &u.head
	u.step = answering
	if h.Status == 101 {
		return false, f.switchProtocols(x, u)
	}
	f.pass(u)
	if f.ForwardConnection && closes(h.Fields) {
		x.CloseAfter()
	}
	length := h.Length
	switch {
	case h.Length == 0:
		length = h.Declared                                 // of a response without a body: -1 when it does not say
		if length < 0 && !x.Is("HEAD") && h.Status != 304 { // nobody may say 0 for it (RFC 9110, 8.6)
			length = 0
		}
	case h.Length == http1.Until:
		length = httpsys.AnyLength
	}
	x.Reason = h.Reason
	if err := clientError(x.WriteHead(h.Status, u.fields, length)); err != nil {
		return false, err
	}
	switch {
	case h.Length > 0:
		err = f.copyLength(x, u)
	case h.Length == -1:
		err = f.copyChunks(x, u)
	case h.Length == http1.Until:
		err = f.copyUntilEnd(x, u)
	}
	return h.KeepAlive && err == nil, err
}

func closes(fields []httpsys.Field) bool {
	for i := range fields {
		if fields[i].Kind == http1.Connection && http1.Lists(fields[i].Value, "close") {
			return true
		}
	}
	return false
}

func (f *Forwarder) copyLength(x *httpsys.Exchange, u *upstream) error {
	left := u.head.Length
	for {
		n := int(min(int64(u.w-u.r), left))
		if _, err := x.Write(u.in[u.r : u.r+n]); err != nil {
			return clientError(err)
		}
		u.r += n
		if left -= int64(n); left == 0 {
			return nil
		}
		if err := clientError(x.Flush()); err != nil {
			return err
		}
		u.conn.Expect(time.Now(), f.timeout())
		if err := u.fill(len(u.in)); err != nil {
			return unexpectedEnd(err)
		}
	}
}

// copyChunks decodes the app's chunks. The front frames the body anew for the client's
// protocol.
func (f *Forwarder) copyChunks(x *httpsys.Exchange, u *upstream) error {
	u.chunks = http1.Chunked{}
	for {
		data, used, err := u.chunks.Next(u.in[u.r:u.w])
		if err != nil {
			return err
		}
		u.r += used
		if len(data) > 0 {
			if _, err := x.Write(data); err != nil {
				return clientError(err)
			}
			continue
		}
		if u.chunks.Done() {
			return f.passTrailers(x, u)
		}
		if err := clientError(x.Flush()); err != nil {
			return err
		}
		u.conn.Expect(time.Now(), f.timeout())
		if err := u.fill(flushRead); err != nil {
			return unexpectedEnd(err)
		}
	}
}

func (f *Forwarder) passTrailers(x *httpsys.Exchange, u *upstream) error {
	fields, err := u.trailers()
	if err != nil {
		return unexpectedEnd(err)
	}
	kept := fields[:0]
	for _, t := range fields {
		if t.Kind == http1.Other || t.Kind == http1.Underscored { // RFC 9110, 6.5.1: no framing, no routing
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return clientError(x.WriteTrailers(kept))
}

func (f *Forwarder) copyUntilEnd(x *httpsys.Exchange, u *upstream) error {
	for {
		if u.w > u.r {
			if _, err := x.Write(u.in[u.r:u.w]); err != nil {
				return clientError(err)
			}
			u.r = u.w
			if err := clientError(x.Flush()); err != nil {
				return err
			}
		}
		u.conn.Expect(time.Now(), f.timeout())
		err := u.fill(flushRead)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
