//go:build unix

package models

import (
	"context"
	"net"
	"os"
	"os/signal"
	"syscall"

	"ancmbench/models/internal/control"
)

// answering serves a role's side of its control channel. What it gives is closed
// when who started this process is gone, however that came.
func answering(conn net.Conn, handle control.Handler) <-chan struct{} {
	eof := make(chan struct{})
	go func() {
		defer close(eof)
		_ = control.Serve(context.Background(), conn, handle)
	}()
	return eof
}

// terminated hears of SIGTERM: somebody asks politely.
func terminated() <-chan os.Signal {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	return term
}
