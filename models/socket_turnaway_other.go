//go:build !linux

package models

import "net"

// turnAway does nothing here: what comes between the last look at the socket and
// its close is reset.
func turnAway(net.Listener) {}

// waiting is not known here.
func waiting(net.Listener) bool { return false }
