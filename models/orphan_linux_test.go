package models_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/internal/proctree"
)

// cgroups makes the cgroups of a target's roles. It returns "" where that is not
// allowed.
func cgroups(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		w := strings.Fields(line)
		if !strings.Contains(line, " - cgroup2 ") {
			continue
		}
		dir, err := os.MkdirTemp(w[4], "ancmbench-test-")
		if err != nil {
			break
		}
		t.Cleanup(func() { // only what a failed test has left
			for _, leaf := range leaves(dir) {
				_ = os.Remove(leaf)
			}
			_ = os.Remove(dir)
		})
		for _, leaf := range leaves(dir) {
			if err := os.Mkdir(leaf, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	t.Log("no cgroup may be made here: tested without")
	return ""
}

// traces is what a site leaves or does not leave behind.
type traces struct {
	mark    string // in the environment of its processes
	address string
	cgroup  string
	tmp     string // nothing but the site's copy is made there
	extra   int    // a process that the app started and that left its family
}

// markOf reads a process's mark.
func markOf(t *testing.T, pid int) string {
	t.Helper()
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		t.Fatal(err)
	}
	for v := range strings.SplitSeq(string(env), "\x00") {
		if strings.HasPrefix(v, "ANCMBENCH_SITE=") {
			return v
		}
	}
	t.Fatalf("process %d has no mark", pid)
	return ""
}

// spawn lets the app start a process that leaves its family.
func spawn(t *testing.T, address string) int {
	t.Helper()
	a, err := client(t).Get("http://" + address + "/spawn")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, _ := io.ReadAll(a.Body)
	pid, err := strconv.Atoi(string(b))
	if err != nil {
		t.Fatalf("/spawn: %d %s", a.StatusCode, b)
	}
	return pid
}

// alive: a process that has ended and that nobody has asked how is not.
func alive(pid int) bool {
	st, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(st), ") Z ")
}

// check waits, within bounds, until nothing is left.
func (tr traces) check(t *testing.T) {
	t.Helper()
	var left []string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		left = nil
		pids, err := proctree.Marked(tr.mark)
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range pids {
			b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
			left = append(left, "process "+strings.ReplaceAll(string(b), "\x00", " "))
		}
		if tr.extra != 0 && alive(tr.extra) {
			left = append(left, "the app's own child")
		}
		c, err := net.Dial("tcp", tr.address)
		if err == nil {
			c.Close()
			left = append(left, "a listener on "+tr.address)
		}
		if tr.cgroup != "" {
			if _, err := os.Stat(tr.cgroup); !errors.Is(err, os.ErrNotExist) {
				left = append(left, "cgroup "+tr.cgroup)
			}
		}
		files, _ := filepath.Glob(filepath.Join(tr.tmp, "ancmbench*"))
		left = append(left, files...)
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind: %q", left)
}

// begin makes a site with cgroups and a folder of its own, all roles running.
func begin(t *testing.T, model ancmbench.Model) (*models.Site, traces) {
	t.Helper()
	tr := traces{tmp: t.TempDir(), cgroup: cgroups(t)}
	t.Setenv("TMPDIR", tr.tmp)
	opt := models.Options{Model: model}
	if tr.cgroup != "" {
		opt.Cgroups = leaves(tr.cgroup)
	}
	s := site(t, opt)
	tr.address = s.Address()
	tr.extra = spawn(t, tr.address)
	p := pids(t, s)
	tr.mark = markOf(t, p[models.RoleWAS])
	if all, _ := proctree.Marked(tr.mark); len(all) != len(p)+1 {
		t.Fatalf("%d processes have the mark, want %d: the test would see nothing", len(all), len(p)+1)
	}
	for role, pid := range p {
		if tr.cgroup == "" {
			break
		}
		where, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cgroup")
		if !strings.Contains(string(where), filepath.Join(filepath.Base(tr.cgroup), role)+"\n") {
			t.Errorf("%s is in cgroup %s", role, where)
		}
	}
	return s, tr
}

func TestStopLeavesNothing(t *testing.T) {
	for _, model := range bundled() {
		t.Run(string(model), func(t *testing.T) {
			s, tr := begin(t, model)
			if err := s.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			<-s.Done()
			if s.Err() != nil {
				t.Error(s.Err())
			}
			tr.check(t)
		})
	}
}

func TestKilledWASLeavesNothing(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run(string(model), func(t *testing.T) {
			tr := traces{tmp: t.TempDir(), cgroup: cgroups(t)}
			t.Setenv("TMPDIR", tr.tmp)
			opt := models.Options{Model: model}
			if tr.cgroup != "" {
				opt.Cgroups = leaves(tr.cgroup)
			}
			s, err := models.Start(t.Context(), opt)
			if err != nil {
				t.Fatal(err)
			}
			tr.address, tr.extra = s.Address(), spawn(t, s.Address())
			tr.mark = markOf(t, pids(t, s)[models.RoleWAS])
			if err := s.Kill(t.Context(), models.RoleWAS); err != nil {
				t.Fatal(err)
			}
			<-s.Done()
			if err := s.Err(); err == nil || !strings.Contains(err.Error(), "died") {
				t.Errorf("Err: %v", err)
			}
			tr.check(t)
			if _, err := s.Processes(t.Context()); err == nil {
				t.Error("Processes of a dead site gives no error")
			}
			if err := s.Stop(t.Context()); err == nil {
				t.Error("Stop says nothing of the death")
			}
		})
	}
}

// A worker or app that dies takes its family with it; the site goes on.
func TestKilledRoleLeavesNothing(t *testing.T) {
	for _, role := range []string{models.RoleWorker, models.RoleApp} {
		t.Run("OP-17_"+role, func(t *testing.T) {
			s, tr := begin(t, ancmbench.OutOfProcess)
			before := pids(t, s)
			if err := s.Kill(t.Context(), role); err != nil {
				t.Fatal(err)
			}
			after := pids(t, s)
			if role == models.RoleWorker {
				if len(after) != 1 {
					t.Errorf("left: %v", after)
				}
				if alive(tr.extra) {
					t.Error("the app's own child outlived the worker")
				}
			}
			if err := s.Kill(t.Context(), role); err == nil {
				t.Error("killing what does not run gives no error")
			}
			if got := ask(t, client(t), s, "/plaintext"); got.status != 200 {
				t.Errorf("afterwards: %d", got.status)
			}
			if now := pids(t, s); now[role] == before[role] || now[models.RoleWAS] != before[models.RoleWAS] {
				t.Errorf("before %v, now %v", before, now)
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			tr.check(t)
		})
	}
}

// kill -9 of the process that started the site, idle or under load.
func TestKilledParentLeavesNothing(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.Direct, ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run(string(model), func(t *testing.T) {
			tr := traces{tmp: t.TempDir(), cgroup: cgroups(t)}
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), "TMPDIR="+tr.tmp, parentEnv+"="+strings.TrimSpace(string(model)+" "+tr.cgroup))
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			defer c.Wait()
			defer c.Process.Kill()
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			tr.address = strings.TrimSpace(line)
			tr.extra = spawn(t, tr.address)
			family, err := proctree.Descendants(c.Process.Pid)
			if err != nil || len(family) < 2 {
				t.Fatalf("%v, %v", family, err)
			}
			tr.mark = markOf(t, family[0])
			inFlight, ended := client(t), make(chan error, 1)
			go func() {
				a, err := inFlight.Get("http://" + tr.address + "/sleep/30000000")
				if err == nil {
					a.Body.Close()
					err = errors.New(a.Status)
					if a.StatusCode < 500 { // the front may see the app's end before its own
						err = nil
					}
				}
				ended <- err
			}()
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			tr.check(t)
			if err := <-ended; err == nil {
				t.Error("a request of 30 s was answered")
			}
		})
	}
}

func TestLogTailHidesSecrets(t *testing.T) {
	s := site(t, models.Options{Model: ancmbench.OutOfProcess, Env: []string{"TEST_PASSWORD=correct horse"}})
	ask(t, client(t), s, "/secret")
	if err := s.Recycle(t.Context()); err != nil { // what the app printed has arrived by then
		t.Fatal(err)
	}
	untilLogged(t, s, "password")
	if want := "token (token) password (hidden)"; s.LogTail() != want {
		t.Errorf("log %q, want %q", s.LogTail(), want)
	}
}

func TestPinnedAndEqualGOMAXPROCS(t *testing.T) {
	s := site(t, models.Options{Model: ancmbench.OutOfProcess, CPUs: []int{0}})
	ask(t, client(t), s, "/plaintext")
	for role, pid := range pids(t, s) {
		st, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(st), "Cpus_allowed_list:\t0\n") {
			t.Errorf("%s is not pinned", role)
		}
	}
	rt, err := s.Runtime(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for role, r := range rt {
		if r.GOMAXPROCS != 1 {
			t.Errorf("%s has GOMAXPROCS %d", role, r.GOMAXPROCS)
		}
	}
}

// What cannot be had is refused, and then nothing is left either.
func TestFailedStartLeavesNothing(t *testing.T) {
	tr := traces{tmp: t.TempDir()}
	t.Setenv("TMPDIR", tr.tmp)
	for name, opt := range map[string]models.Options{
		"a CPU that is not there": {Model: ancmbench.InProcess, CPUs: []int{1000}},
		"a cgroup that is not":    {Model: ancmbench.InProcess, Cgroups: map[string]string{models.RoleWAS: "/absent/cgroup"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := models.Start(t.Context(), opt)
			if err == nil {
				s.Stop(t.Context())
				t.Fatal("it starts")
			}
			t.Log(err)
			if files, _ := filepath.Glob(filepath.Join(tr.tmp, "*")); len(files) > 0 {
				t.Errorf("left: %v", files)
			}
		})
	}
}
