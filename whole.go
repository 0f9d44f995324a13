package ancmbench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// WriteWhole writes a file atomically: a reader sees either the old file or the whole
// new one, and if it fails, nothing new is left behind. It writes a temporary file, syncs
// and renames it, and syncs the folder.
func WriteWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".ancmbench-*.tmp")
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f, write), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// fill writes the temporary file and syncs it to disk.
func fill(f *os.File, write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir syncs a folder, so that a rename in it survives a power cut. It does nothing
// where folders cannot be synced.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

// ReadWhole reads a regular file of at most most bytes. It fails on anything else: a
// pipe without a writer would block its reader for ever, and a device has no end.
func ReadWhole(path string, most int64) ([]byte, error) {
	if fi, err := os.Stat(path); err == nil && !fi.Mode().IsRegular() { // opening a pipe would block
		return nil, &os.PathError{Op: "read", Path: path, Err: fmt.Errorf("is %s, not a file", kindOf(fi.Mode()))}
	}
	return ReadInput(path, most)
}

// awaited counts the pipes whose other end is waited for.
var awaited atomic.Int64

// AwaitsPipe reports whether a call of ReadInput, or what began with AwaitPipe, waits for the
// program at the other end of a pipe. Nothing but the end of this process ends such a wait if that
// program never comes.
func AwaitsPipe() bool { return awaited.Load() > 0 }

// AwaitPipe says that path is going to be opened, which waits if it is a pipe. The caller calls
// done when it has read or written it.
func AwaitPipe(path string) (done func()) {
	if fi, err := os.Stat(path); err != nil || fi.Mode()&os.ModeNamedPipe == 0 {
		return func() {}
	}
	awaited.Add(1)
	return func() { awaited.Add(-1) }
}

// ReadInput is like ReadWhole, but it also reads pipes, so that another command can
// produce the input.
func ReadInput(path string, most int64) ([]byte, error) {
	defer AwaitPipe(path)()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	fault := func(format string, args ...any) error {
		return &os.PathError{Op: "read", Path: path, Err: fmt.Errorf(format, args...)}
	}
	switch mode := fi.Mode(); {
	case !mode.IsRegular() && mode&os.ModeNamedPipe == 0:
		return nil, fault("is %s, not a file", kindOf(mode))
	case fi.Size() > most:
		return nil, fault("%d bytes, more than the limit of %d", fi.Size(), most)
	}
	b := make([]byte, 0, fi.Size()+bytes.MinRead)
	buffer := bytes.NewBuffer(b)
	// The size cannot be trusted: a file may grow, and files of /proc report none.
	if _, err := buffer.ReadFrom(io.LimitReader(f, most+1)); err != nil {
		return nil, err
	}
	if int64(buffer.Len()) > most {
		return nil, fault("larger than the limit of %d bytes", most)
	}
	return buffer.Bytes(), nil
}

func kindOf(m os.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&os.ModeNamedPipe != 0:
		return "a pipe"
	case m&os.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
