package models

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/windows"

	"ancmbench"
	"ancmbench/models/internal/proctree"
)

func supported(o Options) error {
	if (len(o.Native.Users) > 0 || o.Native.Keytab != "") && o.Model != ancmbench.InProcess {
		return errors.New("authentication in front of an app in a process of its own: on Windows the caller's token is not passed on yet")
	}
	return nil
}

func portTaken(err error) bool {
	return errors.Is(err, windows.WSAEADDRINUSE) || errors.Is(err, windows.WSAEACCES) // the latter: exclusively
}

// stopSignals returns the signals that ask a process to end. os.Interrupt is Ctrl-Break
// here: a process that leads a group of its own gets no Ctrl-C.
func stopSignals() []os.Signal { return []os.Signal{syscall.SIGTERM, os.Interrupt} }

// family is the job that all processes of a site are in. It ends with this process.
type family struct{ job *proctree.Job }

func newFamily() (family, error) {
	job, err := proctree.NewJob()
	return family{job}, err
}

func (f family) add(pid int) error { return f.job.Add(pid) }

// end kills what is left of it and waits until it is gone.
func (f family) end(bound time.Duration) error {
	if f.job == nil {
		return nil
	}
	defer f.job.Close()
	return f.job.Kill(bound)
}

// redirectOutput sends what this process prints to f, which stays open.
func redirectOutput(f *os.File) error {
	h := windows.Handle(f.Fd())
	if err := errors.Join(windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, h), windows.SetStdHandle(windows.STD_ERROR_HANDLE, h)); err != nil {
		return errors.Join(err, f.Close())
	}
	os.Stdout, os.Stderr = f, f
	return nil
}

// removeCopy removes the folder with the executable, all that is in it. The file
// stays in use for a moment after the last process that ran it.
func removeCopy(dir string, bound time.Duration) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(bound); ; <-tick.C {
		err := os.Remove(executableIn(dir))
		if err == nil || errors.Is(err, os.ErrNotExist) {
			if err = os.Remove(dir); errors.Is(err, os.ErrNotExist) {
				return nil
			}
		}
		if err == nil || time.Now().After(end) {
			return err
		}
	}
}

func inheritedListener(gift int) (net.Listener, error) {
	s, err := inheritedSocket(gift)
	if err != nil {
		return nil, err
	}
	return newSharedListener(s)
}
