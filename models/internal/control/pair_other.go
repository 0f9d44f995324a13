//go:build !unix && !windows

package control

import (
	"errors"
	"net"
	"os"
)

// errUnsupported names what is missing.
var errUnsupported = errors.New("control channel: inherited socket pairs are not available on this system")

// Pair fails: this system has no pair of sockets to inherit.
func Pair() (mine net.Conn, theirs *os.File, err error) { return nil, nil, errUnsupported }

// Inherited fails: nothing can be inherited on this system.
func Inherited(int) (net.Conn, error) { return nil, errUnsupported }
