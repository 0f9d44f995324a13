//go:build !unix && !windows

package proctree

import (
	"errors"
	"os"
	"os/exec"
)

// Gift is what a child would be given.
type Gift = os.File

// EnvGifts is not used here.
const EnvGifts = "ANCMBENCH_GIFTS"

// Give fails here unless there is nothing to give.
func Give(_ *exec.Cmd, gifts ...*Gift) error {
	if len(gifts) == 0 {
		return nil
	}
	return errors.New("this system lets a child inherit standard files only")
}

// Number has no meaning here.
func Number(*Gift, int) uintptr { return 0 }
