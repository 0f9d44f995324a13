//go:build unix

package callertest

import (
	"errors"
	"io"
	"net"
	"testing"

	"ancmbench/models/internal/caller"
	"ancmbench/models/internal/control"
)

// Ends returns both ends of a channel. Who calls serves the receiver and closes the
// sender.
func Ends(t testing.TB) (*caller.Sender, *caller.Receiver) {
	t.Helper()
	conn, receiver := Receiver(t)
	sender, err := caller.NewSender(conn)
	if err != nil {
		t.Fatal(err)
	}
	return sender, receiver
}

// Receiver returns the app's end of a channel, and the connection of the worker's. Who calls
// serves the one and closes the other.
func Receiver(t testing.TB) (io.ReadWriteCloser, *caller.Receiver) {
	t.Helper()
	mine, file, err := control.Pair()
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := net.FileConn(file)
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	receiver, err := caller.NewReceiver(theirs)
	if err != nil {
		t.Fatal(err)
	}
	return mine, receiver
}
