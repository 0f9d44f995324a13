package usage

import (
	"errors"

	"golang.org/x/sys/unix"
)

// pipe has blocking ends: os.Pipe's would park goroutines instead of threads.
type pipe struct{ r, w int }

func pipes() (ping, pong pipe, err error) {
	var a, b [2]int
	err = errors.Join(unix.Pipe2(a[:], unix.O_CLOEXEC), unix.Pipe2(b[:], unix.O_CLOEXEC))
	return pipe{a[0], a[1]}, pipe{b[0], b[1]}, err
}

// handFirst sends a word and waits for it to come back, turns times.
func handFirst(w, r, turns int) error {
	word := []byte{1}
	for range turns {
		if _, err := unix.Write(w, word); err != nil {
			return err
		}
		if _, err := unix.Read(r, word); err != nil {
			return err
		}
	}
	return errors.Join(unix.Close(w), unix.Close(r))
}

// handOver waits for a word and sends it back, turns times.
func handOver(r, w, turns int) error {
	word := []byte{1}
	for range turns {
		if _, err := unix.Read(r, word); err != nil {
			return err
		}
		if _, err := unix.Write(w, word); err != nil {
			return err
		}
	}
	return errors.Join(unix.Close(r), unix.Close(w))
}
