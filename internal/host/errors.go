package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// unsupported returns an error that wraps errors.ErrUnsupported.
func unsupported(format string, args ...any) error {
	return reason{fmt.Sprintf(format, args...)}
}

// reason returns why something cannot be read, in words for a results file.
type reason struct{ why string }

func (r reason) Error() string { return r.why }
func (r reason) Unwrap() error { return errors.ErrUnsupported }

// bare returns an error without its path, because reasons go into results files.
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
