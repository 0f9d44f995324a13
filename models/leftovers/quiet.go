//go:build clr && linux && amd64 && cgo

package leftovers

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"ancmbench/models/ancm/clr"
)

// EnvCounts is the variable that names the file in which a worker counts, for Tell.
const EnvCounts = "ANCMBENCH_TEST_COUNTS"

// Tell writes what the native half of this process counts into the file of EnvCounts, again and
// again, as long as the process lives. Without the variable it does nothing. It fails, and
// ends, if the file cannot be written.
func Tell() error {
	path := os.Getenv(EnvCounts)
	if path == "" {
		return nil
	}
	own := fmt.Sprint(path, os.Getpid())
	for ; ; <-time.After(20 * time.Millisecond) { // its end is that of the process
		a := clr.Hosted()
		if a == nil {
			continue
		}
		b, err := json.Marshal(Native{os.Getpid(), runtime.NumGoroutine(), a.Counts()})
		if err == nil {
			err = os.WriteFile(own, b, 0o600)
		}
		if err == nil {
			err = os.Rename(own, path)
		}
		if err != nil {
			return err
		}
	}
}

// Worker is a worker under test.
type Worker struct {
	// Counts is the file that EnvCounts names for it.
	Counts string
	// PID returns the id of its process.
	PID func() int
	// Get asks its app, and returns the answer's body; ok is false if there is none.
	Get func(path string) (body string, ok bool)
	// EndIdle ends the connections that the client keeps.
	EndIdle func()
	// Within bounds the time until it is quiet.
	Within time.Duration
}

// ownSockets are those of a worker without a client: the site's, the control channel's and the
// one of .NET for diagnostics.
const ownSockets = 3

// Quiet waits until no request is anywhere in the worker, and returns what it holds then. If
// it does not become quiet it fails, with what it holds.
func (w Worker) Quiet() (h Holds, err error) {
	w.Get("/collect/0")
	for end := time.Now().Add(w.Within); ; <-time.After(50 * time.Millisecond) {
		if h, err = w.look(); err != nil {
			return h, err
		}
		c := h.Native.Counts
		// The pool still lets go of some contexts when the requests are over.
		if c.InFlight == 0 && c.Free == c.Slots && h.Waiting == 0 && h.Sockets <= ownSockets && h.Contexts <= FewMore {
			return h, nil
		}
		if time.Now().After(end) {
			return h, fmt.Errorf("the worker does not become quiet: %v, of %d sockets", h, ownSockets)
		}
	}
}

// look returns what the worker holds now. Its own counts are those after the app was asked.
func (w Worker) look() (h Holds, err error) {
	text, ok := w.Get("/heap")
	w.EndIdle()
	pid := w.PID()
	if h, err = OfProcess(pid); err != nil {
		return h, err
	}
	if _, err := fmt.Sscan(text, &h.Heap, &h.Pinned, &h.Contexts, &h.Waiting); !ok || err != nil {
		return h, fmt.Errorf("GET /heap: %s", strings.TrimSpace(text))
	}
	if h.Native, err = w.Native(time.Now()); err == nil && h.Native.PID != pid {
		err = fmt.Errorf("process %d counts, and the worker is process %d", h.Native.PID, pid)
	}
	return h, err
}

// Native returns what the worker has counted after since. It fails if it counts nothing within
// w.Within.
func (w Worker) Native(since time.Time) (n Native, err error) {
	for end := since.Add(w.Within); ; <-time.After(10 * time.Millisecond) {
		info, err := os.Stat(w.Counts)
		if err == nil && info.ModTime().After(since) {
			break
		}
		if time.Now().After(end) {
			return n, fmt.Errorf("the worker counts nothing: %s has not changed (%v)", filepath.Base(w.Counts), err)
		}
	}
	b, err := os.ReadFile(w.Counts)
	if err != nil {
		return n, err
	}
	return n, json.Unmarshal(b, &n)
}
