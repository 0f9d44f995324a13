//go:build clr && linux && amd64 && cgo

package main

import (
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// disturb keeps the runtime of Go busy in the worker: nil dereferences that are recovered,
// garbage, threads that end, programs that start.
func disturb() {
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

var requests = []string{
	"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /big/3000000 HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n" + echo[:30000],
}

// breakOff is a client that goes in some phase of a request.
func (s *site) breakOff() {
	c, err := net.Dial("tcp", s.Address())
	if err != nil {
		return
	}
	defer c.Close()
	if rand.IntN(2) == 0 {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
	request := requests[rand.IntN(len(requests))]
	if rand.IntN(4) == 0 {
		request = request[:rand.IntN(len(request))]
	}
	_, _ = io.WriteString(c, request)
	_ = c.SetReadDeadline(time.Now().Add(time.Duration(rand.IntN(5000)) * time.Microsecond))
	_, _ = io.CopyN(io.Discard, c, rand.Int64N(200_000))
	counts.broken.Add(1)
}

func copyAll(to io.Writer, from io.Reader) (int64, error) { return io.Copy(to, from) }
