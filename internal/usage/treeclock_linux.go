package usage

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"
)

// treeCounter reads the CPU clocks of some processes and of all that they start. What an
// ended process used after its last reading is in the account that its parent keeps of its
// children (proc_pid_stat(5), cutime and cstime), in ticks of 10 ms.
type treeCounter struct {
	procs map[int]*treeProcess // those that have not ended
	past  []*treeProcess       // those that have
	// newest is the process id that the system gave last: while it stays the same,
	// nothing has begun.
	newest int
	// absent are ids that the system had given before the last reading, and that no process
	// had: it had ended, or could not be seen yet. They are looked at once more.
	absent   []int
	parentOf func(pid int) (parent int, kind idKind)
	losses   int
	lost     string
}

// treeProcess is one process of a treeCounter.
type treeProcess struct {
	pid, parent int
	start       uint64
	clock       time.Duration
	ticks       UserSystem
	// first and children are the account of its ended children at its first and last
	// reading. booked is what their ends had added to the counter by their own clocks
	// and accounts, and bookedTicks the same in ticks.
	first, children UserSystem
	booked          time.Duration
	bookedTicks     UserSystem
	// account is what the account shows beyond what was booked.
	account, accountUser, accountSystem time.Duration
	lowest                              time.Duration // of the account, when something was lost
}

// newTreeCounter takes a first reading. It fails with ErrGone if a process has ended.
func newTreeCounter(r Role) (counter, error) {
	c := &treeCounter{procs: map[int]*treeProcess{}, parentOf: parentOf}
	var err error
	if c.newest, err = newestPID(); err != nil {
		return nil, err
	}
	for _, pid := range r.PIDs {
		if err := c.add(pid, false); err != nil {
			return nil, err
		}
		if known, ok := r.starts[pid]; ok && c.procs[pid].start != known {
			return nil, fmt.Errorf("process %d: %w", pid, ErrGone)
		}
	}
	return c, c.searchAll()
}

// add begins to count a process: from now on, or if it is the child of a counted one from
// its birth on, which makes no difference between two readings.
func (c *treeCounter) add(pid int, child bool) error {
	s, err := readStat(pid)
	if err != nil {
		return err
	}
	d, err := processTime(pid)
	if err != nil {
		return err
	}
	p := &treeProcess{pid: pid, parent: s.parent, start: s.start, clock: d, ticks: UserSystem{s.user, s.system}, children: s.children}
	if !child {
		p.first = s.children
	}
	c.procs[pid] = p
	return nil
}

func (c *treeCounter) total() (time.Duration, error) {
	if err := c.update(); err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, p := range c.procs {
		sum += p.clock + p.account
	}
	for _, p := range c.past {
		sum += p.clock + p.account
	}
	return sum, nil
}

// update reads the clocks, finds new processes, and closes the accounts of those that have
// ended.
func (c *treeCounter) update() error {
	var ended []*treeProcess
	for pid, p := range c.procs {
		d, err := processTime(pid)
		if err != nil || d < p.clock {
			// A smaller time is that of another process with the same id.
			ended = append(ended, p)
			delete(c.procs, pid)
			continue
		}
		p.clock = d
	}
	newest, err := newestPID()
	if err != nil {
		return err
	}
	if newest == c.newest && ended == nil && c.absent == nil {
		return nil
	}
	c.bury(ended)
	before := c.absent
	if c.absent, err = c.search(newest); err != nil {
		return err
	}
	if c.absent != nil {
		c.bury(nil) // what has ended by now is in the accounts
		if c.absent, err = c.addChildren(c.absent); err != nil {
			return err
		}
	}
	_, err = c.addChildren(before)
	return err
}

// mostNew is how many process ids are looked at one by one; beyond it all processes are.
const mostNew = 500

// search adds the children of counted processes that have begun since the last search. It
// returns the ids that no process has.
func (c *treeCounter) search(newest int) (absent []int, err error) {
	from := c.newest
	c.newest = newest
	if newest < from || newest-from > mostNew {
		return nil, c.searchAll()
	}
	fresh := make([]int, 0, newest-from)
	for pid := from + 1; pid <= newest; pid++ {
		fresh = append(fresh, pid)
	}
	return c.addChildren(fresh)
}

// addChildren adds those processes whose parents are counted. It returns the ids that no
// process has.
func (c *treeCounter) addChildren(pids []int) (absent []int, err error) {
	for _, pid := range pids {
		parent, kind := c.parentOf(pid)
		if kind == idOfNone {
			absent = append(absent, pid)
		}
		if kind != idOfProcess || c.procs[parent] == nil || c.procs[pid] != nil {
			continue
		}
		if err := c.add(pid, true); err != nil && !errors.Is(err, ErrGone) {
			return absent, err
		}
	}
	return absent, nil
}

// searchAll adds every descendant of a counted process.
func (c *treeCounter) searchAll() error {
	f, err := processes()
	if err != nil {
		return err
	}
	for _, pid := range f.tree(slices.Collect(maps.Keys(c.procs))) {
		if c.procs[pid] != nil {
			continue
		}
		if err := c.add(pid, true); err != nil && !errors.Is(err, ErrGone) {
			return err
		}
	}
	return nil
}

// bury reads the accounts, which have what nobody has seen, and books ended processes on the
// account of the nearest process that started them and still runs. What a parent knows of a child, and its parent of both, is in the account of
// the last.
func (c *treeCounter) bury(ended []*treeProcess) {
	c.past = append(c.past, ended...)
	c.readAccounts()
	for _, p := range ended {
		parent := c.above(p, ended)
		if parent == nil {
			c.lose(endedWhy(p.pid))
			continue
		}
		parent.booked += p.clock + p.children.User + p.children.System
		parent.bookedTicks.User += p.ticks.User + p.children.User
		parent.bookedTicks.System += p.ticks.System + p.children.System
	}
	c.balance()
}

// above returns the nearest ancestor of an ended process that still runs, through those that
// ended with it; nil if there is none.
func (c *treeCounter) above(p *treeProcess, ended []*treeProcess) *treeProcess {
	for range len(ended) + 1 {
		if parent := c.procs[p.parent]; parent != nil {
			return parent
		}
		i := slices.IndexFunc(ended, func(e *treeProcess) bool { return e.pid == p.parent })
		if i < 0 {
			return nil
		}
		p = ended[i]
	}
	return nil
}

// readAccounts reads what the ended children of every living process used.
func (c *treeCounter) readAccounts() {
	for pid, p := range c.procs {
		if s, err := readStat(pid); err == nil && s.start == p.start {
			p.children = s.children
			p.ticks = UserSystem{s.user, s.system}
		}
	}
}

// accountSlack is how far an account in ticks may lie below exact clocks: a tick for each
// of user and system time, at both readings.
const accountSlack = 4 * time.Second / userHz

// balance sets what each parent's account shows beyond what was booked from clocks.
func (c *treeCounter) balance() {
	for pid, p := range c.procs {
		user, system := p.children.User-p.first.User, p.children.System-p.first.System
		d := user + system - p.booked
		if d < p.lowest-accountSlack {
			c.lose(fmt.Sprintf("children of process %d ended, and it keeps no account of what they used", pid))
			p.lowest = d
		}
		p.account = max(p.account, d)
		p.accountUser = max(p.accountUser, user-p.bookedTicks.User)
		p.accountSystem = max(p.accountSystem, system-p.bookedTicks.System)
	}
}

func (c *treeCounter) userSystem() (UserSystem, error) {
	if err := c.update(); err != nil {
		return UserSystem{}, err
	}
	c.readAccounts()
	c.balance()
	var sum UserSystem
	for _, p := range c.procs {
		sum.User += p.ticks.User + p.accountUser
		sum.System += p.ticks.System + p.accountSystem
	}
	for _, p := range c.past {
		sum.User += p.ticks.User + p.accountUser
		sum.System += p.ticks.System + p.accountSystem
	}
	return sum, nil
}

// lose notes that a part of what was used is not known.
func (c *treeCounter) lose(why string) {
	c.losses++
	c.lost = why
}

func (c *treeCounter) missed() (int, string) { return c.losses, c.lost }
func (c *treeCounter) source() string        { return "process-clock" }
func (c *treeCounter) close() error          { return nil }

// newestPID returns the process or thread id that the system gave last, the last field of
// /proc/loadavg.
func newestPID() (int, error) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, bare(err)
	}
	f := bytes.Fields(text)
	if len(f) != 5 {
		return 0, errors.New("loadavg: not five fields")
	}
	n, ok := decimal(f[4])
	if !ok || n > 1<<31 {
		return 0, errors.New("loadavg: the last process id is not a number")
	}
	return int(n), nil
}

// idKind says what an id of the system's stands for.
type idKind int

const (
	idOfNone idKind = iota
	idOfThread
	idOfProcess
)

// parentOf returns the parent of a process.
func parentOf(pid int) (parent int, kind idKind) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, idOfNone
	}
	leader, ok1 := statusNumber(text, "Tgid:")
	up, ok2 := statusNumber(text, "PPid:")
	if !ok1 || !ok2 || leader != pid {
		return 0, idOfThread
	}
	return up, idOfProcess
}

func statusNumber(text []byte, key string) (int, bool) {
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(line, []byte(key)); found {
			n, ok := decimal(bytes.TrimSpace(rest))
			return int(n), ok && n < 1<<31
		}
	}
	return 0, false
}
