package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench"
)

// marked lists the processes that descend from a run under test, but zombies.
func marked(t *testing.T, mark string) []int {
	t.Helper()
	var pids []int
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		env, err := os.ReadFile(dir + "/environ")
		if err != nil || !bytes.Contains(env, []byte(markVariable+"="+mark)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// groups lists the cgroups of runs whose generator was one of the processes.
func groups(t *testing.T, pid int) []string {
	t.Helper()
	var found []string
	prefix := "ancmbench-" + strconv.Itoa(pid) + "-"
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), prefix) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// assertNothingLeft waits until no process of the run, and no cgroup of the
// given generators, is there; what stays is an error, and is killed.
func assertNothingLeft(t *testing.T, mark string, runs ...int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		pids := marked(t, mark)
		var dirs []string
		for _, pid := range runs {
			dirs = append(dirs, groups(t, pid)...)
		}
		if len(pids) == 0 && len(dirs) == 0 {
			return
		}
		if time.Now().After(deadline) {
			for _, pid := range pids {
				line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				t.Errorf("left running: %d %q", pid, bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
				syscall.Kill(pid, syscall.SIGKILL)
			}
			for _, dir := range dirs {
				t.Errorf("left: cgroup %s", dir)
			}
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestNothingSurvives ends a run in the ways in which a run ends, at a moment
// when all its processes are there, and counts what is left.
func TestNothingSurvives(t *testing.T) {
	skipShort(t)
	for name, signals := range map[string][]syscall.Signal{
		"killed":            {syscall.SIGKILL},
		"terminated":        {syscall.SIGTERM},
		"interrupted twice": {syscall.SIGINT, syscall.SIGINT},
	} {
		t.Run(name, func(t *testing.T) {
			mark := newMark(t)
			c := command(t, mark, "run", "--profile=smoke", "--launches=20", "--out=out")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			waitForRun(t, filepath.Join(c.Dir, "out"), func(r *ancmbench.Run) bool { return len(r.Results) > 0 })
			// Between two trials some are started again.
			eventually(t, "four processes at once, without which this shows nothing", func() bool { return len(marked(t, mark)) >= 4 })
			for _, s := range signals {
				if err := c.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
			}
			_ = c.Wait()
			assertNothingLeft(t, mark, c.Process.Pid)
			if _, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out")); err != nil {
				t.Errorf("the results file cannot be read: %v", err)
			}
		})
	}
}

// eventually waits for what a run does in its course.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in 20 s there was never %s", what)
		}
	}
}

// killRole kills one of the run's processes that has the role, if there is one.
func killRole(t *testing.T, mark, role string) bool {
	t.Helper()
	for _, pid := range marked(t, mark) {
		env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if bytes.Contains(env, []byte("ANCMBENCH_ROLE="+role)) {
			return syscall.Kill(pid, syscall.SIGKILL) == nil
		}
	}
	return false
}

// TestProcessKilledDuringRun kills a worker, an app and a was process under
// load: the run goes on or ends in one sentence, and leaves nothing.
func TestProcessKilledDuringRun(t *testing.T) {
	t.Parallel()
	skipShort(t)
	for _, role := range []string{"worker", "app", "was"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			mark := newMark(t)
			c := command(t, mark, "run", "--profile=smoke", "--launches=3", "--out=out")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(c.Dir, "out")
			waitForRun(t, out, func(r *ancmbench.Run) bool { return len(r.Results) > 0 })
			eventually(t, "a process with the role "+role, func() bool { return killRole(t, mark, role) })
			err := c.Wait()
			_, stderr := output(c)
			if code := c.ProcessState.ExitCode(); code != exitOK && code != exitTool && code != exitInvalid {
				t.Errorf("exit code %d (%v)\n%s", code, err, stderr)
			}
			assertNothingLeft(t, mark, c.Process.Pid)
			if run, err := ancmbench.ReadRun(out); err != nil {
				t.Error(err)
			} else if len(run.Results) == 0 {
				t.Error("the trials that were finished are not in the file")
			}
		})
	}
}
