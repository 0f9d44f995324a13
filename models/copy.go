package models

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// copySelf puts a copy of this executable into a private folder of its own, so
// that the site's processes share pages with each other and with nobody else,
// and PSS divides within the site only.
func copySelf() (dir, executable string, err error) {
	path, err := os.Executable()
	if err != nil {
		return "", "", fmt.Errorf("finding this executable: %w", err)
	}
	if runtime.GOOS == "linux" {
		path = "/proc/self/exe" // right even if the file was replaced since
	}
	dir, err = os.MkdirTemp("", "ancmbench-")
	if err != nil {
		return "", "", err
	}
	executable = executableIn(dir)
	if err := copyFile(path, executable); err != nil {
		return "", "", errors.Join(fmt.Errorf("copying this executable: %w", err), os.RemoveAll(dir))
	}
	return dir, executable, nil
}

// executableIn returns the path of the copy in dir, which holds nothing else.
func executableIn(dir string) string {
	name := "ancmbench"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, name)
}

func copyFile(from, to string) (err error) {
	// Another goroutine that forks while the copy is open for writing would keep
	// it so until its child execs, and starting the copy would fail with "text
	// file busy" (golang/go#22315).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
