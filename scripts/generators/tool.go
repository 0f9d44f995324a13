//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tool is a load generator: how to call it, and how to read its output.
type tool struct {
	name string
	// command returns the arguments for a closed loop on one thread.
	command func(url string, connections int, d time.Duration) []string
	// requests finds the number of answers in the output.
	requests *regexp.Regexp
	env      []string
}

func tools() []tool {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) + "s" }
	self := func(name string) func(string, int, time.Duration) []string {
		return func(url string, c int, d time.Duration) []string {
			me, err := os.Executable()
			if err != nil {
				me = os.Args[0]
			}
			return []string{me, "child", name, "-url", url, "-connections", strconv.Itoa(c), "-duration", d.String()}
		}
	}
	own := regexp.MustCompile(`(?m)^requests (\d+)$`)
	return []tool{
		{name: "wire", command: self("wire"), requests: own},
		{name: "wrk", requests: regexp.MustCompile(`(\d+) requests in`),
			command: func(url string, c int, d time.Duration) []string {
				return []string{"wrk", "-t1", "-c" + strconv.Itoa(c), "-d" + seconds(d), url}
			}},
		{name: "vegeta", command: self("vegeta"), requests: own, env: []string{"GOMAXPROCS=1"}},
		{name: "hey", requests: regexp.MustCompile(`\[200\]\s+(\d+) responses`),
			command: func(url string, c int, d time.Duration) []string {
				return []string{"hey", "-cpus", "1", "-c", strconv.Itoa(c), "-z", d.String(), url}
			}},
		{name: "h2load", requests: regexp.MustCompile(`(\d+) succeeded`),
			command: func(url string, c int, d time.Duration) []string {
				return []string{"h2load", "--h1", "-t1", "-c" + strconv.Itoa(c), "-D", seconds(d), url}
			}},
		{name: "oha", requests: regexp.MustCompile(`\[200\] (\d+) responses`), env: []string{"TOKIO_WORKER_THREADS=1"},
			command: func(url string, c int, d time.Duration) []string {
				return []string{"oha", "--no-tui", "-c", strconv.Itoa(c), "-z", seconds(d), url}
			}},
	}
}

func (t tool) installed() bool {
	_, err := exec.LookPath(t.command("", 1, time.Second)[0])
	return err == nil
}

// cost is what one run used.
type cost struct {
	requests     float64
	user, system time.Duration
	took         time.Duration
	peak         int64 // bytes resident
}

func (c cost) perRequest() float64 { return c.userEach() + c.systemEach() }
func (c cost) userEach() float64   { return c.user.Seconds() * 1e6 / c.requests }
func (c cost) systemEach() float64 { return c.system.Seconds() * 1e6 / c.requests }
func (c cost) rate() float64       { return c.requests / c.took.Seconds() }

// measure runs the tool and reads its resource usage from the kernel.
func (t tool) measure(url string, connections int, d time.Duration) (cost, error) {
	began := time.Now()
	out, state, err := t.start(nil, url, connections, d)
	if err != nil {
		return cost{}, err
	}
	n, err := t.count(out)
	if err != nil {
		return cost{}, err
	}
	c := cost{requests: n, user: state.UserTime(), system: state.SystemTime(), took: time.Since(began)}
	if u, ok := state.SysUsage().(*syscall.Rusage); ok {
		c.peak = u.Maxrss * 1024
	}
	return c, nil
}

func (t tool) start(before []string, url string, connections int, d time.Duration) ([]byte, *os.ProcessState, error) {
	args := append(before, t.command(url, connections, d)...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), t.env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out.Bytes())
	}
	return out.Bytes(), cmd.ProcessState, nil
}

func (t tool) count(out []byte) (float64, error) {
	m := t.requests.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("%s: no number of requests in its output: %s", t.name, out)
	}
	if faults := troubles.Find(out); faults != nil {
		return 0, fmt.Errorf("%s: not all answers were right: %s", t.name, faults)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	if err == nil && n < 1 {
		err = fmt.Errorf("%s: it made no request: %s", t.name, out)
	}
	return n, err
}

// troubles matches the lines in which the tools report missing or wrong answers, which
// they count all the same.
var troubles = regexp.MustCompile(`(?m)^.*(Non-2xx or 3xx responses: [1-9]|Socket errors: |[1-9]\d* failed|[1-9]\d* errored|[1-9]\d* timeout|Error distribution:|\[[345]\d\d\]\s+\d+ responses).*$`)

var (
	perfCount   = regexp.MustCompile(`(?m)^(\d+),.*raw_syscalls:sys_enter`)
	straceTotal = regexp.MustCompile(`(?m)^\s*100\.00\s+\S+\s+\S+\s+(\d+).*total`)
)

// calls returns the system calls per request. It counts with the kernel's tracepoint,
// which disturbs little, or else with strace, which changes how answers are batched.
func (t tool) calls(url string, connections int, d time.Duration) (float64, error) {
	for _, by := range []struct {
		args []string
		find *regexp.Regexp
	}{
		{[]string{"perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "--"}, perfCount},
		{[]string{"strace", "-f", "-c"}, straceTotal},
	} {
		if _, err := exec.LookPath(by.args[0]); err != nil {
			continue
		}
		out, _, err := t.start(by.args, url, connections, d)
		if err != nil {
			continue
		}
		if m := by.find.FindSubmatch(out); m != nil {
			calls, _ := strconv.ParseFloat(string(m[1]), 64) // digits by the pattern
			n, err := t.count(out)
			if err != nil {
				return 0, err
			}
			return calls / n, nil
		}
	}
	return 0, fmt.Errorf("needs perf or strace")
}
