//go:build unix

package models

import (
	"context"
	"os"
	"sync"
	"syscall"

	"ancmbench/models/was"
)

// furtherSockets are those that this process has inherited for its further fronts.
func (o Options) furtherSockets() (out []*os.File) {
	for i := range o.Fronts {
		out = append(out, inheritedSocket(was.SocketFD+1+i))
	}
	return out
}

// inheritedSocket is a socket of the site. The children of this process get it
// when they are given it, not by inheritance.
func inheritedSocket(fd int) *os.File {
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "the site's socket")
}

// endFronts lets what has begun end within ctx, at all fronts at once, and breaks
// what the grace was too short for.
func endFronts[F appServer](ctx context.Context, fronts []F) {
	var all sync.WaitGroup
	for _, f := range fronts {
		all.Go(func() {
			if f.Shutdown(ctx) != nil {
				_ = f.Close()
			}
		})
	}
	all.Wait()
}
