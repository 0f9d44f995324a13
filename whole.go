package ancmbench

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// WriteWhole writes a file so that a reader sees either the one that was there
// or the whole new one, and a failure leaves nothing new behind: temporary file,
// fsync, rename, and fsync of the folder.
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

// fill puts everything onto the disk, under a name that is not yet its own.
func fill(f *os.File, write func(io.Writer) error) error {
	if err := write(f); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	return f.Sync()
}

// syncDir makes a rename survive a power cut, where a folder can be synced.
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
