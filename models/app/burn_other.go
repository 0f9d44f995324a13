//go:build !linux

package app

import "time"

func burn(d time.Duration) { burnClock(d) }
