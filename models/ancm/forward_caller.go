package ancm

import (
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/internal/caller"
)

// passTimeout bounds how long the app's process may take to accept a descriptor, for
// which it has a goroutine of its own.
const passTimeout = 10 * time.Second

// forwardAs forwards for the user that the front has found, with a handle to the
// identity in the app's process (WA-02): a new one for every request, as
// the original duplicates its token, and no longer there than the request. A handle
// that cannot be passed fails the request: it must not become nobody's.
//
// The original does so for Negotiate and NTLM only; here, as the row has it, for
// whoever has been authenticated.
func (f *Forwarder) forwardAs(x *httpsys.Exchange, b *Backend, began time.Time) error {
	if x.User == "" || b.Callers == nil || f.Bare {
		return f.forward(x, b, nil, began)
	}
	timeout := f.timeout()
	if timeout == 0 || timeout > passTimeout {
		timeout = passTimeout
	}
	who, err := b.Callers.Pass(caller.Identity{Name: x.User, AuthenticationType: x.UserBy}, timeout)
	if err != nil {
		return err
	}
	defer b.Callers.Release(who)
	return f.forward(x, b, who, began)
}
