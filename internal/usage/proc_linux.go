package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// processError returns the error for a process that cannot be read; it wraps ErrGone if the
// process has ended.
func processError(pid int, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("process %d: %w", pid, ErrGone)
	}
	return fmt.Errorf("process %d: %w", pid, bare(err))
}

// userHz is the unit of the times in /proc/PID/stat. The kernel scales them to
// 100 per second for user space on every architecture that Go runs on.
const userHz = 100

// procStat holds the values from /proc/PID/stat (proc_pid_stat(5)).
type procStat struct {
	name         string // the process's own name, cut at 15 bytes
	parent       int
	user, system time.Duration
	// children is what those of its children used that have ended and that it has
	// waited for, with their own children.
	children UserSystem
	start    uint64
}

// readStat reads one process. It fails with ErrGone if the process has ended.
func readStat(pid int) (procStat, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return procStat{}, processError(pid, err)
	}
	s, err := parseStat(text)
	if err != nil {
		return procStat{}, fmt.Errorf("process %d: %w", pid, err)
	}
	return s, nil
}

// parseStat parses the fields after the command. The command is in parentheses and may
// contain anything, even parentheses and newlines.
func parseStat(text []byte) (procStat, error) {
	begin, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if begin < 0 || end < begin {
		return procStat{}, errors.New("stat: no command")
	}
	f := bytes.Fields(text[end+1:])
	const first = 3 // the manual counts from 1, and the first of f is field 3
	if len(f) <= 22-first {
		return procStat{}, errors.New("stat: too few fields")
	}
	parent, ok1 := decimal(f[4-first])
	user, ok2 := decimal(f[14-first])
	system, ok3 := decimal(f[15-first])
	start, ok4 := decimal(f[22-first])
	childUser, ok5 := decimal(f[16-first])
	childSystem, ok6 := decimal(f[17-first])
	const most = uint64((1<<63 - 1) / (int64(time.Second) / userHz))
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || parent > 1<<31 ||
		max(user, system, childUser, childSystem) > most {
		return procStat{}, errors.New("stat: a field is not a number")
	}
	return procStat{
		name:   string(text[begin+1 : end]),
		parent: int(parent),
		user:   time.Duration(user) * (time.Second / userHz),
		system: time.Duration(system) * (time.Second / userHz),
		start:  start,
		children: UserSystem{User: time.Duration(childUser) * (time.Second / userHz),
			System: time.Duration(childSystem) * (time.Second / userHz)},
	}, nil
}

// startTicks returns when a process began, in clock ticks since boot.
func startTicks(pid int) (uint64, error) {
	s, err := readStat(pid)
	return s.start, err
}

// processLives reports whether the process exists, even as a zombie.
func processLives(pid int) bool {
	_, err := readStat(pid)
	return !errors.Is(err, ErrGone)
}

// ticks keeps the last user and system times of processes, including those that have
// ended.
type ticks struct {
	last map[int]UserSystem
}

func (t *ticks) read(pid int) error {
	s, err := readStat(pid)
	if errors.Is(err, ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	if t.last == nil {
		t.last = make(map[int]UserSystem)
	}
	t.last[pid] = UserSystem{User: s.user, System: s.system}
	return nil
}

func (t *ticks) sum() UserSystem {
	var sum UserSystem
	for _, u := range t.last {
		sum.User += u.User
		sum.System += u.System
	}
	return sum
}

// threads returns the threads of a process.
func threads(pid int) ([]int, error) {
	d, err := os.Open("/proc/" + strconv.Itoa(pid) + "/task")
	if err != nil {
		return nil, processError(pid, err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, processError(pid, err)
	}
	out := make([]int, 0, len(names))
	for _, n := range names {
		if tid, err := strconv.Atoi(n); err == nil {
			out = append(out, tid)
		}
	}
	return out, nil
}

// taskFile reads a file of one thread.
func taskFile(pid, tid int, name string) ([]byte, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/task/" + strconv.Itoa(tid) + "/" + name)
	if err != nil {
		return nil, processError(pid, err)
	}
	return text, nil
}
