//go:build clr && linux && amd64 && cgo

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"ancmbench/models/leftovers"
)

// disturb keeps the runtime of Go busy in the worker: nil dereferences that are recovered,
// garbage, threads that end, programs that start.
func disturb() {
	go func() {
		if err := leftovers.Tell(); err != nil {
			fmt.Fprintln(os.Stderr, "fatal error:", err)
		}
	}()
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGCHLD) // nobody reads them
	for range 2 {
		go forever(200, func() {
			defer func() { _ = recover() }()
			var none *struct{ a [4]int }
			none.a[1]++
		})
		go forever(200, func() {
			b := make([]byte, 4096)
			garbage.Store(&b)
		})
	}
	go forever(1, func() {
		done := make(chan struct{})
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
			close(done)
		}()
		<-done
		<-time.After(20 * time.Millisecond)
	})
	go forever(1, func() {
		_ = exec.Command("true").Run() // that it runs is all
		<-time.After(50 * time.Millisecond)
	})
}

var garbage atomic.Pointer[[]byte]

func forever(batch int, do func()) {
	for {
		for range batch {
			do()
		}
		<-time.After(time.Millisecond)
	}
}
