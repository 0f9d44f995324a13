//go:build !unix && !windows

package control

import (
	"errors"
	"net"
	"os"
)

// errUnsupported names what is missing.
var errUnsupported = errors.New("control channel: inherited socket pairs are not available on this system")

// Pair fails here.
func Pair() (mine net.Conn, theirs *os.File, err error) { return nil, nil, errUnsupported }

// Inherited fails here.
func Inherited(int) (net.Conn, error) { return nil, errUnsupported }
