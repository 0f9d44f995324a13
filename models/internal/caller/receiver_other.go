//go:build !unix

package caller

import (
	"io"
	"os"
)

// Supported says whether identities can be passed on this system.
const Supported = false

func rights(*os.File) []byte { return nil }

// Receiver does not exist here: no descriptor can be passed, and a duplicated
// handle in its place is not built.
type Receiver struct{}

// NewReceiver fails here.
func NewReceiver(io.ReadWriteCloser) (*Receiver, error) { return nil, errNotASock }

// Serve has nothing to do.
func (*Receiver) Serve() error { return errWireCut }

// Take knows nobody.
func (*Receiver) Take(string) (Identity, bool) { return Identity{}, false }

// Held is 0.
func (*Receiver) Held() int { return 0 }

// Close has nothing to do.
func (*Receiver) Close() {}
