//go:build !unix

package caller

import (
	"net"
	"os"
)

func rights(*os.File) []byte { return nil }

// Receiver does not exist here: there is no inherited channel either (package control).
type Receiver struct{}

// NewReceiver fails here.
func NewReceiver(net.Conn) (*Receiver, error) { return nil, errNotASock }

// Serve has nothing to do.
func (*Receiver) Serve() error { return errWireCut }

// Take knows nobody.
func (*Receiver) Take(string) (Identity, bool) { return Identity{}, false }

// Held is 0.
func (*Receiver) Held() int { return 0 }

// Close has nothing to do.
func (*Receiver) Close() {}
