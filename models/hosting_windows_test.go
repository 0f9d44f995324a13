package models_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
)

// parentEnv makes this binary a program that starts a site and is then killed.
const parentEnv = "MODELS_TEST_PARENT"

func TestMain(m *testing.M) {
	models.RunRole(app.Handler())
	if model := os.Getenv(parentEnv); model != "" {
		os.Exit(parent(model))
	}
	os.Exit(m.Run())
}

// parent starts a site, has it answer, says which processes it has, and waits.
func parent(model string) int {
	s, err := models.Start(context.Background(), models.Options{Model: ancmbench.Model(model)})
	if err == nil {
		_, err = ask(s)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	processes, err := s.Processes(context.Background())
	var line []string // written at once
	for _, p := range processes {
		line = append(line, strconv.Itoa(p.PID))
	}
	fmt.Println(strings.Join(line, " "), err)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// ask returns the ids of the processes that answer: the front's and the app's.
func ask(s *models.Site) (string, error) {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	a, err := c.Get("http://" + s.Address() + "/plaintext")
	if err != nil {
		return "", err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != 200 || string(body) != "Hello, World!" {
		return "", fmt.Errorf("%s %q %w", a.Status, body, err)
	}
	return a.Header.Get("X-Ancm-Front-Pid") + "/" + a.Header.Get("X-Ancm-App-Pid"), nil
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	h, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return
	}
	defer func() { _ = windows.CloseHandle(h) }()
	if event, err := windows.WaitForSingleObject(h, 10_000); event != windows.WAIT_OBJECT_0 {
		t.Errorf("process %d is still there: %d, %v", pid, event, err)
	}
}

func TestHostingOnWindows(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess, ancmbench.Direct} {
		t.Run(string(model), func(t *testing.T) {
			s, err := models.Start(t.Context(), models.Options{Model: model})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Stop(context.Background())
			seen := map[string]bool{}
			var pids []int
			answers := func(after string) {
				t.Helper()
				who, err := ask(s)
				if err != nil || seen[who] {
					t.Fatalf("after %s: %q, %v", after, who, err)
				}
				seen[who] = true
				if same, err := ask(s); err != nil || same != who {
					t.Errorf("after %s: %q, then %q, %v", after, who, same, err)
				}
				processes, err := s.Processes(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range processes {
					pids = append(pids, p.PID)
				}
			}
			answers("Start")
			if err := s.Recycle(t.Context()); err != nil {
				t.Fatal(err)
			}
			answers("Recycle")
			if err := s.Kill(t.Context(), models.RoleWorker); err != nil {
				t.Fatal(err)
			}
			answers("the worker's end")
			if model == ancmbench.OutOfProcess {
				if err := s.Kill(t.Context(), models.RoleApp); err != nil {
					t.Fatal(err)
				}
				answers("the app's end")
			}
			if err := s.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			for _, pid := range pids {
				gone(t, pid)
			}
			if c, err := net.Dial("tcp", s.Address()); err == nil {
				c.Close()
				t.Error("somebody still listens")
			}
		})
	}
	t.Run("port taken", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, err = models.Start(t.Context(), models.Options{Model: ancmbench.InProcess, Listen: l.Addr().String()})
		if err == nil || !strings.Contains(err.Error(), "another program already does") {
			t.Errorf("%v", err)
		}
	})
}

// Nothing outlives a parent that is killed (OP-17).
func TestOrphansOnWindows(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), parentEnv+"="+string(ancmbench.OutOfProcess))
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	n, _ := out.Read(line)
	words := strings.Fields(string(line[:n]))
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := c.Wait(); !errors.As(err, &ended) {
		t.Error(err)
	}
	pids := 0
	for _, w := range words {
		if pid, err := strconv.Atoi(w); err == nil {
			pids++
			gone(t, pid)
		}
	}
	if pids != 3 {
		t.Errorf("the parent said %q, want three processes", line[:n])
	}
}
