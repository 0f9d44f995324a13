package proctree

import (
	"os/exec"
	"runtime"
)

// Thread starts processes from one operating system thread. The thread ends
// with Close, and on Linux whatever was started with a parent-death signal then
// gets it; a role that lives as long as its process never closes it.
type Thread struct {
	work chan func()
}

// NewThread makes the thread.
func NewThread() *Thread {
	t := &Thread{work: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		if !onMainThread() {
			t.serve()
			return
		}
		// The runtime parks the main thread for good instead of ending it (mexit in
		// runtime/proc.go). While it is held here, another goroutine gets another thread.
		held := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(held)
			t.serve()
		}()
		<-held
		runtime.UnlockOSThread()
	}()
	return t
}

func (t *Thread) serve() {
	for f := range t.work {
		f()
	}
}

// Start calls cmd.Start on the thread, and returns its error.
func (t *Thread) Start(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	t.work <- func() { done <- cmd.Start() }
	return <-done
}

// Close ends the thread. No Start may follow.
func (t *Thread) Close() { close(t.work) }
