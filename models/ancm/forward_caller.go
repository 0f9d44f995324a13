package ancm

import (
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/internal/caller"
)

// passTimeout bounds how long the app's process may take to accept a descriptor:
// it does so on a goroutine that does nothing else.
const passTimeout = 10 * time.Second

// passCaller gives the app's process a handle to the caller's identity (HOSTING.md,
// WA-02), a new one for every request, as the original duplicates its token. The
// original does so for Negotiate and NTLM only; here, as the row has it, for
// whoever has been authenticated.
func (f *Forwarder) passCaller(x *httpsys.Exchange, b *Backend) (*caller.Passed, error) {
	timeout := f.timeout()
	if timeout == 0 || timeout > passTimeout {
		timeout = passTimeout
	}
	return b.Callers.Pass(caller.Identity{Name: x.User, AuthenticationType: x.UserBy}, timeout)
}
