//go:build !linux

package models

import (
	"net"
	"syscall"
)

// turnAway does nothing here: what comes between the last look at the socket and
// its close is reset.
func turnAway(net.Listener) {}

// waiting is not known here.
func waiting(net.Listener) bool { return false }

// readable is not known here.
func readable(syscall.Conn) bool { return false }
