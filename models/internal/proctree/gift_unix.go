//go:build unix

package proctree

import (
	"os"
	"os/exec"
)

// Gift is what a child is given beyond the standard files: an end of a channel, a
// socket. It may be closed here once the child runs.
type Gift = os.File

// EnvGifts is not used here: descriptors have known numbers.
const EnvGifts = "ANCMBENCH_GIFTS"

// firstGift is the descriptor of the first of them in the child (os/exec).
const firstGift = 3

// Give lets cmd's child inherit gifts; call it last before the start.
func Give(cmd *exec.Cmd, gifts ...*Gift) error {
	cmd.ExtraFiles = gifts
	return nil
}

// Number returns the number that the gift at index i of Give has in the child.
func Number(_ *Gift, i int) uintptr { return firstGift + uintptr(i) }

// Given returns the number of the gift at index i of Give, in the child.
func Given(i int) (uintptr, error) { return firstGift + uintptr(i), nil }
