//go:build !unix

package ancm

import (
	"io/fs"
	"os"
)

// fileID returns 0: this system has no such number.
func fileID(fs.FileInfo) uint64 { return 0 }

func openNonblock(path string) (*os.File, error) { return os.Open(path) }
