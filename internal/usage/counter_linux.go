package usage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// newCounter returns a counter of the first source that works.
func newCounter(r Role) (counter, error) {
	var errs []error
	if r.Cgroup != "" {
		c, err := newGroupCounter(r.Cgroup)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	if len(r.PIDs) == 0 {
		return nil, errors.Join(errs...)
	}
	if r.Children {
		return newTreeCounter(r)
	}
	for _, open := range []func([]int) (counter, error){newClockCounter, newSchedCounter, newTimesCounter} {
		c, err := open(r.PIDs)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
		if errors.Is(err, ErrGone) {
			break // no other source can read a process that has ended
		}
	}
	return nil, errors.Join(errs...)
}

// groupCounter reads cpu.stat of one cgroup v2 leaf. The file exists even without the cpu
// controller and counts everything that ever ran in the group and below it. All readings
// use the same descriptor.
type groupCounter struct {
	fd  int
	buf [1024]byte
}

func newGroupCounter(dir string) (counter, error) {
	fd, err := unix.Open(filepath.Join(dir, "cpu.stat"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cpu.stat: %w", err)
	}
	c := &groupCounter{fd: fd}
	if _, err := c.total(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *groupCounter) read() ([]byte, error) {
	for {
		n, err := unix.Pread(c.fd, c.buf[:], 0)
		switch err {
		case nil:
			return c.buf[:n], nil
		case unix.EINTR:
		case unix.ENODEV:
			return nil, fmt.Errorf("cpu.stat: the group was removed: %w", ErrGone)
		default:
			return nil, os.NewSyscallError("cpu.stat", err)
		}
	}
}

func (c *groupCounter) total() (time.Duration, error) {
	text, err := c.read()
	if err != nil {
		return 0, err
	}
	return statMicros(text, "usage_usec")
}

func (c *groupCounter) userSystem() (UserSystem, error) {
	text, err := c.read()
	if err != nil {
		return UserSystem{}, err
	}
	user, err := statMicros(text, "user_usec")
	if err != nil {
		return UserSystem{}, err
	}
	system, err := statMicros(text, "system_usec")
	return UserSystem{user, system}, err
}

func (c *groupCounter) missed() (int, string) { return 0, "" }
func (c *groupCounter) source() string        { return "cgroup" }
func (c *groupCounter) close() error          { return unix.Close(c.fd) }

// statMicros returns the number of the line "key 123" in a flat-keyed file, without
// allocating. It fails if there is no such line.
func statMicros(text []byte, key string) (time.Duration, error) {
	for at := 0; at < len(text); {
		line := text[at:]
		for i, b := range line {
			if b == '\n' {
				line = line[:i]
				break
			}
		}
		at += len(line) + 1
		if len(line) <= len(key)+1 || line[len(key)] != ' ' || string(line[:len(key)]) != key {
			continue
		}
		n, ok := decimal(line[len(key)+1:])
		if !ok || n > maxMicros {
			return 0, fmt.Errorf("cpu.stat: %s is not a count", key)
		}
		return time.Duration(n) * time.Microsecond, nil
	}
	return 0, fmt.Errorf("cpu.stat: no line %s", key)
}

// maxMicros is the most microseconds that a time.Duration holds.
const maxMicros = uint64((1<<63 - 1) / int64(time.Microsecond))
