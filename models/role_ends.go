//go:build unix || windows

package models

import (
	"context"
	"io"
	"os"
	"os/signal"

	"ancmbench/models/internal/control"
)

// answering serves a role's side of its control channel. It returns a channel that is
// closed when the process that started this one is gone, for whatever reason.
func answering(conn io.ReadWriter, handle control.Handler) <-chan struct{} {
	eof := make(chan struct{})
	go func() {
		defer close(eof)
		_ = control.Serve(context.Background(), conn, handle)
	}()
	return eof
}

// terminated returns a channel that gets the signals that ask this process to end.
func terminated() <-chan os.Signal {
	term := make(chan os.Signal, 1)
	signal.Notify(term, stopSignals()...)
	return term
}
