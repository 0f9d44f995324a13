package control

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/windows"

	"ancmbench/models/internal/proctree"
)

// pipeBuffer is what each direction of a pipe holds unread, in bytes.
const pipeBuffer = 64 << 10

// Pair returns a connected pair: one end for this process, and one for a child to
// inherit, which must be closed here once the child runs. Both are ends of a named pipe
// that carries bytes both ways and that nobody else can open: its name is random, there
// is one instance, and it is taken before Pair returns.
func Pair() (mine io.ReadWriteCloser, theirs *proctree.Gift, err error) {
	name, err := windows.UTF16PtrFromString(`\\.\pipe\ancmbench-` + rand.Text())
	if err != nil {
		return nil, nil, fmt.Errorf("control channel: %w", err)
	}
	server, err := windows.CreateNamedPipe(name,
		windows.PIPE_ACCESS_DUPLEX|windows.FILE_FLAG_OVERLAPPED|windows.FILE_FLAG_FIRST_PIPE_INSTANCE,
		windows.PIPE_TYPE_BYTE|windows.PIPE_REJECT_REMOTE_CLIENTS, 1, pipeBuffer, pipeBuffer, 0, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("control channel: named pipe: %w", err)
	}
	client, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_OVERLAPPED, 0)
	if err != nil {
		_ = windows.CloseHandle(server)
		return nil, nil, fmt.Errorf("control channel: named pipe: %w", err)
	}
	return os.NewFile(uintptr(server), "control"), &proctree.Gift{Handle: client}, nil
}

// Inherited returns the end that this process has inherited under this number.
func Inherited(number int) (io.ReadWriteCloser, error) {
	f := os.NewFile(uintptr(number), "control")
	if f == nil {
		return nil, fmt.Errorf("control channel: %d is not a handle", number)
	}
	return f, nil
}
