//go:build !unix

package caller

import (
	"io"
	"os"
)

// Supported reports whether identities can be passed on this system.
const Supported = false

func rights(*os.File) []byte { return nil }

// Receiver does not exist here: no descriptor can be passed, and a duplicated
// handle in its place is not built.
type Receiver struct{}

// NewReceiver fails: no descriptor can be passed on this system.
func NewReceiver(io.ReadWriteCloser) (*Receiver, error) { return nil, errNotASock }

// Serve fails at once.
func (*Receiver) Serve() error { return errNotASock }

// Take returns no identity.
func (*Receiver) Take(string) (Identity, bool) { return Identity{}, false }

// Held returns 0.
func (*Receiver) Held() int { return 0 }

// Close does nothing.
func (*Receiver) Close() {}
