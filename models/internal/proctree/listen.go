package proctree

import (
	"encoding/binary"
	"errors"
)

// ErrUnknown is the answer where the system has no /proc.
var ErrUnknown = errors.New("the process table cannot be read on this system")

// Holder says who listens on a port.
type Holder int

// The holders.
const (
	Nobody   Holder = iota
	Ours            // one of the processes asked about
	Stranger        // somebody else
	Somebody        // somebody, and the system does not tell who
)

func nativeAppend(b []byte, word uint32) []byte {
	return binary.NativeEndian.AppendUint32(b, word)
}
