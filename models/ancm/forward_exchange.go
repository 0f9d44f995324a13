package ancm

import (
	"errors"
	"fmt"
	"os"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
	"ancmbench/models/httpsys/rawio"
)

// maxInterim bounds the informational responses before the real one.
const maxInterim = 64

// exchange sends the request and passes the response on. wrote is the number of bytes
// of the request that went out, and reusable reports whether the connection can carry
// another request. began is about when the sending begins: the first time limit counts from it.
func (f *Forwarder) exchange(x *httpsys.Exchange, b *Backend, u *upstream, began time.Time) (reusable bool, wrote int, err error) {
	f.compose(x, b, u)
	u.step = sending
	u.conn.Expect(began, f.timeout())
	if x.Length != 0 && !f.bodyWithHead(x, u) {
		if !u.conn.Quiet() {
			return false, 0, rawio.ErrNotQuiet
		}
		if wrote, err = u.conn.Write(u.out); err != nil {
			return false, wrote, err
		}
		u.step = waiting
		reusable, err = f.exchangeWithBody(x, u)
		return reusable, wrote, unexpectedEnd(err)
	}
	wrote, n, premature, err := u.conn.Call(u.out, u.in)
	u.w += n
	u.heard = n > 0
	if wrote == len(u.out) {
		u.step = waiting
	}
	if err == nil {
		err = f.head(x, u)
	}
	if err == nil {
		reusable, err = f.respond(x, u)
	}
	return reusable && !premature, wrote, unexpectedEnd(err)
}

// bodyWithHead appends a body that was read already to the head, so that one write
// sends both.
func (f *Forwarder) bodyWithHead(x *httpsys.Exchange, u *upstream) bool {
	if u.inChunks || x.Expect {
		return false
	}
	body := x.Ready()
	if int64(len(body)) != x.Length {
		return false
	}
	u.out = append(u.out, body...)
	return true
}

// exchangeWithBody sends the body on another goroutine while this one waits for the
// response: either may be long, and the app may answer before it has read the body.
func (f *Forwarder) exchangeWithBody(x *httpsys.Exchange, u *upstream) (reusable bool, err error) {
	if x.Expect {
		wanted, err := f.askForBody(x, u)
		if err == nil && !wanted {
			// The app still expects a body on this connection, or does not: it is
			// not used again.
			_, err = f.respond(x, u)
		}
		if err != nil || !wanted {
			return false, err
		}
	}
	up := &upload{x: x, u: u, timeout: f.timeout(), done: make(chan struct{})}
	u.upload = up
	go up.run()
	if err = f.head(x, u); err == nil {
		reusable, err = f.respond(x, u)
	}
	u.upload = nil
	complete, client := up.end()
	if client != nil && !x.Begun() {
		return false, client
	}
	if err != nil && !complete && u.step == waiting && up.app != nil && errors.Is(up.app, os.ErrDeadlineExceeded) {
		u.step, err = sending, up.app
	}
	return reusable && complete, err
}

// head reads the response's head, and passes informational responses on.
func (f *Forwarder) head(x *httpsys.Exchange, u *upstream) error {
	for range maxInterim {
		if err := u.response(x.Is("HEAD")); err != nil {
			return err
		}
		if u.head.Status >= 200 || u.head.Status == 101 {
			return nil
		}
		if err := f.inform(x, u); err != nil {
			return err
		}
		u.conn.Expect(time.Now(), f.timeout())
	}
	return fmt.Errorf("%w: informational responses without end", errProtocol)
}

func (f *Forwarder) inform(x *httpsys.Exchange, u *upstream) error {
	f.pass(u)
	return clientError(x.Inform(u.head.Status, u.fields))
}

// askForBody passes the client's "Expect: 100-continue" on and waits for the app's
// answer. wanted is false if that is a final response, whose head was read. If the app
// does not answer within ContinueTimeout, it gets the body anyway (RFC 9110, 10.1.1:
// the wait must not be indefinite).
func (f *Forwarder) askForBody(x *httpsys.Exchange, u *upstream) (wanted bool, err error) {
	u.conn.Expect(time.Now(), orDefault(f.ContinueTimeout, time.Second))
	defer func() { u.conn.Expect(time.Now(), f.timeout()) }()
	for range maxInterim {
		err := u.response(false)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return true, clientError(x.Inform(100, nil))
		case err != nil:
			return false, err
		case u.head.Status >= 200 || u.head.Status == 101:
			return false, nil
		}
		if err := f.inform(x, u); err != nil {
			return false, err
		}
		if u.head.Status == 100 {
			return true, nil
		}
	}
	return false, fmt.Errorf("%w: informational responses without end", errProtocol)
}

// clientError returns an error of writing to the client, marked as the client's.
func clientError(err error) error {
	if err == nil || errors.Is(err, httpsys.ErrTooLong) {
		return err
	}
	return errors.Join(httpsys.ErrGone, err)
}

// pass leaves in u.fields the fields of the response head for the client. It removes
// those of this hop alone (RFC 9110, 7.6.1), and those that the front or the module
// writes itself (OP-21).
func (f *Forwarder) pass(u *upstream) {
	all := u.head.Fields
	named := namesMore(all)
	u.fields = u.fields[:0]
	for i := range all {
		switch all[i].Kind {
		case http1.Connection, http1.KeepAlive, http1.ProxyConnection, http1.TransferEncoding,
			http1.ContentLength, http1.Upgrade, http1.TE, http1.Date, http1.Proof, http1.Ancm, http1.Module:
			continue
		}
		if named && http1.NamedByConnection(all, all[i].Name) {
			continue
		}
		u.fields = append(u.fields, all[i])
	}
}
