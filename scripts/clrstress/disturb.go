//go:build clr && linux && amd64 && cgo

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"ancmbench/models/ancm/clr"
)

// disturb keeps the runtime of Go busy in the worker: nil dereferences that are recovered,
// garbage, threads that end, programs that start.
func disturb() {
	go tellCounts(os.Getenv(envCounts))
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

// envCounts is the variable that names the file in which the worker counts.
const envCounts = "CLRSTRESS_COUNTS"

// tellCounts writes what the native half counts into the file, again and again.
func tellCounts(path string) {
	forever(1, func() {
		<-time.After(100 * time.Millisecond)
		a := clr.Hosted()
		if a == nil {
			return
		}
		b, err := json.Marshal(report{os.Getpid(), runtime.NumGoroutine(), a.Counts()})
		own := fmt.Sprint(path, os.Getpid())
		if err == nil {
			err = os.WriteFile(own, b, 0o600)
		}
		if err == nil {
			err = os.Rename(own, path)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "fatal error:", err)
		}
	})
}
