package loadgen

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func (r *reading) readSystem() {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		r.unsupported[checkCPU] = err.Error()
	}
	r.cpu = time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	r.readRunQueue()
	var err error
	if r.retransmits, err = netCounter("/proc/net/snmp", "Tcp:", "RetransSegs"); err != nil {
		r.unsupported[checkRetransmits] = err.Error()
	}
	if r.overflows, err = netCounter("/proc/net/netstat", "TcpExt:", "ListenOverflows"); err != nil {
		r.unsupported[checkOverflows] = err.Error()
	}
}

// readRunQueue reads the second number of each thread's schedstat: the
// nanoseconds it waited for a processor (Documentation/scheduler/sched-stats.rst).
func (r *reading) readRunQueue() {
	const tasks = "/proc/self/task"
	threads, err := os.ReadDir(tasks)
	if err != nil {
		r.unsupported[checkRunQueue] = "no list of threads"
		return
	}
	r.waited = make(map[int]time.Duration, len(threads))
	for _, t := range threads {
		b, err := os.ReadFile(tasks + "/" + t.Name() + "/schedstat")
		if err != nil {
			continue // it has ended, or schedstat is off for all
		}
		var ran, waited int64
		if _, err := fmt.Sscan(string(b), &ran, &waited); err != nil {
			continue
		}
		id, _ := strconv.Atoi(t.Name())
		r.waited[id] = time.Duration(waited)
	}
	if len(r.waited) == 0 {
		r.unsupported[checkRunQueue] = "the kernel keeps no schedstat"
	}
}

// netCounter finds a counter in a file that has, for each protocol, a line of
// names and a line of numbers.
func netCounter(path, protocol, name string) (int64, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("%s cannot be read", path)
	}
	var names [][]byte
	for line := range bytes.Lines(b) {
		words := bytes.Fields(line)
		if len(words) == 0 || string(words[0]) != protocol {
			continue
		}
		if names == nil {
			names = words
			continue
		}
		for i := range min(len(names), len(words)) {
			if string(names[i]) == name {
				return strconv.ParseInt(string(words[i]), 10, 64)
			}
		}
	}
	return 0, fmt.Errorf("%s has no %s", path, name)
}
