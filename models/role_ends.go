//go:build unix || windows

package models

import (
	"context"
	"io"
	"os"
	"os/signal"

	"ancmbench/models/internal/control"
)

// answering serves a role's side of its control channel. What it gives is closed
// when who started this process is gone, however that came.
func answering(conn io.ReadWriter, handle control.Handler) <-chan struct{} {
	eof := make(chan struct{})
	go func() {
		defer close(eof)
		_ = control.Serve(context.Background(), conn, handle)
	}()
	return eof
}

// terminated hears of stopSignals: somebody asks politely.
func terminated() <-chan os.Signal {
	term := make(chan os.Signal, 1)
	signal.Notify(term, stopSignals()...)
	return term
}
