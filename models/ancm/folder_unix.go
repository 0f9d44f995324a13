//go:build unix

package ancm

import (
	"io/fs"
	"os"
	"syscall"
)

// fileID returns a number that differs between two files of the same name.
func fileID(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}

// openNonblock opens a file for reading; a FIFO does not make it wait.
func openNonblock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
