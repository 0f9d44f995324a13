package usage

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// killWait limits how long Kill waits until the killed processes have left their group.
const killWait = 5 * time.Second

// Cgroups are the cgroup v2 leaves of one target of a run, one per role. A process is
// created in its leaf (syscall.SysProcAttr.CgroupFD), so that even its first instruction
// is counted there. Make one with NewCgroups.
type Cgroups struct {
	roles []string
	dirs  map[string]string
}

// Dirs returns a map from role to the directory of its leaf. The caller owns the map.
func (c *Cgroups) Dirs() map[string]string {
	return maps.Clone(c.dirs)
}

// NewCgroups makes one leaf per role directly beneath our own group. If this machine has
// no cgroup v2 tree in which we may do so, the error wraps errors.ErrUnsupported and says
// why. If it fails, it leaves nothing behind.
func NewCgroups(run, target string, roles []string) (*Cgroups, error) {
	own, err := ownGroupDir()
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	c, err := newCgroups(own, run, target, roles)
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", err)
	}
	return c, nil
}

func newCgroups(own, run, target string, roles []string) (*Cgroups, error) {
	// The kernel requires this permission to create a process in another group (cgroup
	// v2 documentation, "Delegation Containment").
	if err := unix.Access(filepath.Join(own, "cgroup.procs"), unix.W_OK); err != nil {
		return nil, unsupported("own group may not be written (%v)", err)
	}
	start, err := startTicks(os.Getpid())
	if err != nil {
		return nil, err
	}
	c := &Cgroups{dirs: make(map[string]string, len(roles))}
	for _, role := range roles {
		dir := filepath.Join(own, groupName(run, target, role, groupOwner{os.Getpid(), start}))
		if err := c.makeLeaf(role, dir); err != nil {
			return nil, errors.Join(err, c.Remove())
		}
	}
	return c, nil
}

func (c *Cgroups) makeLeaf(role, dir string) error {
	if _, twice := c.dirs[role]; twice {
		return fmt.Errorf("role %s is named twice", role)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) || errors.Is(err, unix.EAGAIN) {
			return unsupported("role %s: no group may be made (%v)", role, bare(err))
		}
		return fmt.Errorf("role %s: %w", role, bare(err))
	}
	c.dirs[role] = dir
	c.roles = append(c.roles, role)
	kind, err := os.ReadFile(filepath.Join(dir, "cgroup.type"))
	if err != nil {
		return fmt.Errorf("role %s: %w", role, bare(err))
	}
	if k := strings.TrimSpace(string(kind)); k != "domain" {
		return unsupported("role %s: a group here is of type %q and takes no processes", role, k)
	}
	if _, err := os.Stat(filepath.Join(dir, "cpu.stat")); err != nil {
		return unsupported("role %s: the group has no cpu.stat", role)
	}
	return nil
}

// ownGroupDir returns the directory of this process's group.
func ownGroupDir() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", bare(err)
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", bare(err)
	}
	return groupPlace(mounts, own)
}

// Kill kills every process in the leaves at once, even if they keep forking (cgroup.kill,
// Linux 5.14), and returns when none is left. It fails if some are left after killWait.
func (c *Cgroups) Kill() error {
	var errs []error
	for _, role := range c.roles {
		if err := killGroup(c.dirs[role]); err != nil {
			errs = append(errs, fmt.Errorf("cgroups: role %s: %w", role, bare(err)))
		}
	}
	deadline := time.Now().Add(killWait)
	for _, role := range c.roles {
		if err := waitEmpty(c.dirs[role], deadline); err != nil {
			errs = append(errs, fmt.Errorf("cgroups: role %s: %w", role, bare(err)))
		}
	}
	return errors.Join(errs...)
}

func killGroup(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, "cgroup.kill"), os.O_WRONLY, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			if _, gone := os.Stat(dir); errors.Is(gone, fs.ErrNotExist) {
				return nil
			}
			return unsupported("this kernel has no cgroup.kill")
		}
		return err
	}
	_, err = f.WriteString("1")
	return errors.Join(err, f.Close())
}

// waitEmpty waits until no live process is in the group. The kernel announces a change of
// cgroup.events with POLLPRI.
func waitEmpty(dir string, deadline time.Time) error {
	f, err := os.Open(filepath.Join(dir, "cgroup.events"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	buf := make([]byte, 256)
	for {
		n, err := f.ReadAt(buf, 0)
		if errors.Is(err, unix.ENODEV) {
			return nil
		}
		if n == 0 && err != nil {
			return err
		}
		if strings.Contains(string(buf[:n]), "populated 0") {
			return nil
		}
		left := time.Until(deadline)
		if left <= 0 {
			return errors.New("processes are still in the group")
		}
		fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLPRI}}
		if _, err := unix.Poll(fds, int(left.Milliseconds())+1); err != nil && !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("poll", err)
		}
	}
}

// Remove removes the leaves. It fails if a process is in one. A leaf that is already gone
// is not an error.
func (c *Cgroups) Remove() error {
	var errs []error
	for _, role := range c.roles {
		if err := os.Remove(c.dirs[role]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("cgroups: role %s: %w", role, bare(err)))
		}
	}
	return errors.Join(errs...)
}

// SweepStale removes the empty leaves beneath our own group whose maker has ended, for
// instance by kill -9, and returns how many. It keeps a leaf with a process in it. It
// does nothing where cgroups are unsupported.
func SweepStale() (int, error) {
	own, err := ownGroupDir()
	if errors.Is(err, errors.ErrUnsupported) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cgroups: %w", err)
	}
	return sweepStale(own)
}

func sweepStale(own string) (int, error) {
	entries, err := os.ReadDir(own)
	if err != nil {
		return 0, fmt.Errorf("cgroups: %w", bare(err))
	}
	swept := 0
	var errs []error
	for _, e := range entries {
		owner, ok := parseGroupName(e.Name())
		if !ok || !e.IsDir() || owner.alive() {
			continue
		}
		err := os.Remove(filepath.Join(own, e.Name()))
		switch {
		case err == nil:
			swept++
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.EBUSY), errors.Is(err, unix.ENOTEMPTY):
		default:
			errs = append(errs, fmt.Errorf("cgroups: %w", bare(err)))
		}
	}
	return swept, errors.Join(errs...)
}

// alive reports whether the process that made a group still runs. In doubt it reports true.
func (o groupOwner) alive() bool {
	start, err := startTicks(o.pid)
	if err != nil {
		return !errors.Is(err, ErrGone)
	}
	return start == o.start
}

// GroupPIDs returns the processes in a group and in the groups below it.
func GroupPIDs(dir string) ([]int, error) {
	var pids []int
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				return fmt.Errorf("cgroup.procs: %w", err)
			}
			pids = append(pids, pid)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cgroups: %w", bare(err))
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}
