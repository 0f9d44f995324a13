package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrGone is wrapped by the error for a process that ended before it could be read.
var ErrGone = errors.New("the process has ended")

// Unsupported maps the name of a field of RoleUsage or MemoryUse to the reason
// why it is missing.
type Unsupported map[string]string

// unsupported returns an error that wraps errors.ErrUnsupported. Its text is the reason
// alone, because it is written into results and read beside "not measured".
func unsupported(format string, args ...any) error {
	return reason(fmt.Sprintf(format, args...))
}

type reason string

func (r reason) Error() string { return string(r) }
func (reason) Unwrap() error   { return errors.ErrUnsupported }

// bare returns an error without its path, which may hold a user's name: reasons are
// written into results files.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", pe.Op, pe.Err)
	}
	var se *os.SyscallError
	if errors.As(err, &se) {
		return fmt.Errorf("%s: %w", se.Syscall, se.Err)
	}
	return err
}
