package proctree

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// Gift is what a child is given beyond the standard files: an end of a channel, a
// socket. It may be closed here once the child runs. It is a bare handle and not
// an os.File, which would bind what both processes share to this process's
// completion port, and no other process could use it with its own.
type Gift struct {
	Handle windows.Handle
	// Socket says that it is to be closed as one.
	Socket bool
}

// Close closes this process's handle.
func (g *Gift) Close() error {
	if g.Socket {
		return windows.Closesocket(g.Handle)
	}
	return windows.CloseHandle(g.Handle)
}

// EnvGifts is the variable by which a child learns the numbers of its gifts.
const EnvGifts = "ANCMBENCH_GIFTS"

// Give lets cmd's child inherit gifts; call it last before the start. A child
// gets no other handle of this process, inheritable or not.
func Give(cmd *exec.Cmd, gifts ...*Gift) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	var numbers []string
	for _, g := range gifts {
		if err := windows.SetHandleInformation(g.Handle, windows.HANDLE_FLAG_INHERIT, windows.HANDLE_FLAG_INHERIT); err != nil {
			return fmt.Errorf("handle for a child: %w", err)
		}
		cmd.SysProcAttr.AdditionalInheritedHandles = append(cmd.SysProcAttr.AdditionalInheritedHandles, syscall.Handle(g.Handle))
		numbers = append(numbers, strconv.FormatUint(uint64(g.Handle), 10))
	}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, EnvGifts+"="+strings.Join(numbers, ","))
	return nil
}

// Number returns the number that the gift at index i of Give has in the child.
func Number(g *Gift, _ int) uintptr { return uintptr(g.Handle) }

// Given returns the number of the gift at index i of Give, in the child. The children
// of this process do not inherit it unless they are given it.
func Given(i int) (uintptr, error) {
	numbers := strings.Split(os.Getenv(EnvGifts), ",")
	if i >= len(numbers) {
		return 0, fmt.Errorf("%s: names %d handles, not %d", EnvGifts, len(numbers), i+1)
	}
	n, err := strconv.ParseUint(numbers[i], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", EnvGifts, err)
	}
	return uintptr(n), windows.SetHandleInformation(windows.Handle(n), windows.HANDLE_FLAG_INHERIT, 0)
}
