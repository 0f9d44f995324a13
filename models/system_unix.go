//go:build unix

package models

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

func supported(Options) error { return nil }

func portTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// stopSignals returns the signals that ask a process to end.
func stopSignals() []os.Signal { return []os.Signal{syscall.SIGTERM} }

// family needs nothing here: marks, groups and the parent-death signal do.
type family struct{}

func newFamily() (family, error) { return family{}, nil }

func (family) add(int) error { return nil }

func (family) end(time.Duration) error { return nil }

// openSocket opens a socket of the site that a child can inherit.
func openSocket(address string) (*os.File, string, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false) // such a socket takes no filter: see turnAway
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, "", err
	}
	defer l.Close() // the file is a copy
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		return nil, "", err
	}
	return f, l.Addr().String(), nil
}

// inheritedSocket returns a socket of the site. The children of this process get it
// when they are given it, not by inheritance.
func inheritedSocket(gift int) (*os.File, error) {
	fd, err := proctree.Given(gift)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(int(fd))
	return os.NewFile(fd, "the site's socket"), nil
}

func inheritedListener(gift int) (net.Listener, error) {
	f, err := inheritedSocket(gift)
	if err != nil {
		return nil, err
	}
	defer f.Close() // FileListener works on a copy
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("the site's socket: %w", err)
	}
	return l, nil
}

// redirectOutput sends what this process prints to f.
func redirectOutput(f *os.File) error {
	defer f.Close() // the copies stay
	return errors.Join(unix.Dup2(int(f.Fd()), 1), unix.Dup2(int(f.Fd()), 2))
}

// removeCopy removes the folder with the executable.
func removeCopy(dir string, _ time.Duration) error { return os.RemoveAll(dir) }
