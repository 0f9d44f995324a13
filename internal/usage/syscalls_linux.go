package usage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SystemCalls counts the system calls of some roles with the tracepoint
// raw_syscalls:sys_enter, limited to their cgroups, so that processes and threads may
// start and end. While it is open every system call of the machine takes the kernel's slow
// path, so do not use it during a measurement of latency or CPU. Make one with
// OpenSystemCalls.
type SystemCalls struct {
	fds [][]int // by role, one for each processor
}

// OpenSystemCalls begins to count. If this machine cannot count, or this user may not, the
// error wraps errors.ErrUnsupported and says why.
func OpenSystemCalls(roles []Role) (*SystemCalls, error) {
	id, err := tracepoint("raw_syscalls/sys_enter")
	if err != nil {
		return nil, fmt.Errorf("system calls: %w", err)
	}
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, fmt.Errorf("system calls: %w", unsupported("processors are not listed (%v)", bare(err)))
	}
	cpus, err := parseCPUList(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("system calls: %w", err)
	}
	s := &SystemCalls{}
	for _, r := range roles {
		if r.Cgroup == "" {
			return nil, errors.Join(fmt.Errorf("system calls: %w", unsupported("role %s has no cgroup of its own", r.Name)), s.Close())
		}
		if err := s.open(r.Cgroup, id, cpus); err != nil {
			return nil, errors.Join(fmt.Errorf("system calls of role %s: %w", r.Name, err), s.Close())
		}
	}
	return s, nil
}

// open adds a role. It opens one event per processor, because an event of a group counts
// on one processor only (perf_event_open(2), PERF_FLAG_PID_CGROUP).
func (s *SystemCalls) open(dir string, id uint64, cpus []int) error {
	group, err := unix.Open(dir, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_DIRECTORY, 0)
	if err != nil {
		return os.NewSyscallError("open group", err)
	}
	defer unix.Close(group)
	s.fds = append(s.fds, nil)
	role := &s.fds[len(s.fds)-1]
	attr := &unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id}
	attr.Size = uint32(unsafe.Sizeof(*attr))
	for _, cpu := range cpus {
		fd, err := unix.PerfEventOpen(attr, group, cpu, -1, unix.PERF_FLAG_PID_CGROUP|unix.PERF_FLAG_FD_CLOEXEC)
		switch {
		case err == nil:
			*role = append(*role, fd)
		case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOENT):
			return unsupported("perf_event_open is not allowed for a cgroup (%v)", err)
		default:
			return os.NewSyscallError("perf_event_open", err)
		}
	}
	return nil
}

// Read writes the number of system calls of each role since OpenSystemCalls to into, in
// the order of the roles. The length of into must be the number of roles.
func (s *SystemCalls) Read(into []int64) error {
	if len(into) != len(s.fds) {
		return fmt.Errorf("system calls: room for %d roles, and there are %d", len(into), len(s.fds))
	}
	var buf [8]byte
	for i, fds := range s.fds {
		into[i] = 0
		for _, fd := range fds {
			n, err := unix.Read(fd, buf[:])
			if err != nil || n != len(buf) {
				return fmt.Errorf("system calls: %w", errors.Join(os.NewSyscallError("read", err), shortRead(n)))
			}
			into[i] += int64(binary.NativeEndian.Uint64(buf[:]))
		}
	}
	return nil
}

func shortRead(n int) error {
	if n == 8 {
		return nil
	}
	return fmt.Errorf("%d bytes instead of 8", n)
}

// Close ends the counting.
func (s *SystemCalls) Close() error {
	var errs []error
	for _, fds := range s.fds {
		for _, fd := range fds {
			errs = append(errs, unix.Close(fd))
		}
	}
	s.fds = nil
	return errors.Join(errs...)
}

// tracepoint returns the kernel's id of an event.
func tracepoint(event string) (uint64, error) {
	var last error
	for _, root := range []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"} {
		text, err := os.ReadFile(root + "/events/" + event + "/id")
		if err != nil {
			last = bare(err)
			continue
		}
		return strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	}
	switch {
	case errors.Is(last, fs.ErrNotExist):
		return 0, unsupported("not available on this kernel, which shows no tracepoints")
	case errors.Is(last, fs.ErrPermission):
		return 0, unsupported("this user may not read the kernel's tracepoints")
	}
	return 0, unsupported("the tracepoint cannot be read (%v)", last)
}

// parseCPUList parses a list such as "0-3,8,10-11".
func parseCPUList(text string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		a, errA := strconv.Atoi(from)
		b, errB := strconv.Atoi(to)
		if errA != nil || errB != nil || a < 0 || b < a || b > 1<<16 {
			return nil, fmt.Errorf("%q is not a list of processors", text)
		}
		for cpu := a; cpu <= b; cpu++ {
			out = append(out, cpu)
		}
	}
	return out, nil
}
