package usage

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestGunicornsWorkersAreReplaced: with --max-requests gunicorn ends a worker after so many
// requests and starts another. What the ended ones used is counted.
func TestGunicornsWorkersAreReplaced(t *testing.T) {
	path, err := exec.LookPath("gunicorn")
	if err != nil {
		t.Skip("skipped: no gunicorn on this machine")
	}
	replaced(t, func(dir, address string) *exec.Cmd {
		app := "def app(environ, start):\n    sum(range(100000))\n    start('200 OK', [('Content-Length', '5')])\n    return [b'hello']\n"
		if err := os.WriteFile(filepath.Join(dir, "app.py"), []byte(app), 0o644); err != nil {
			t.Fatal(err)
		}
		return exec.Command(path, "--max-requests", "10", "--bind", address, "--chdir", dir, "app:app")
	})
}

// preforking is a server of Python's standard library that works as gunicorn does: a master
// holds the socket, and each worker ends after 10 requests.
const preforking = `
import os, socket, sys
host, port = sys.argv[1].split(':')
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((host, int(port)))
s.listen(64)
while True:
    if os.fork() == 0:
        for _ in range(10):
            c, _ = s.accept()
            while b'\r\n\r\n' not in c.recv(65536):
                pass
            sum(range(100000))
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello')
            c.close()
        os._exit(0)
    os.wait()
`

// TestPythonsWorkersAreReplaced is the same with Python alone.
func TestPythonsWorkersAreReplaced(t *testing.T) {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: no python3 on this machine")
	}
	replaced(t, func(_, address string) *exec.Cmd { return exec.Command(path, "-c", preforking, address) })
}

// replaced asks a server whose workers end while they are measured, and checks its CPU by the
// account that the kernel keeps for us of all our ended children, when it has ended.
func replaced(t *testing.T, command func(dir, address string) *exec.Cmd) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	c := command(t.TempDir(), address)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL); _ = c.Wait() }) // its workers too
	var r Role
	for deadline := time.Now().Add(30 * time.Second); ; {
		if r, err = FindServer("tcp", address); err == nil && len(r.PIDs) == 2 { // with a worker
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server does not listen: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	m := openMeter(t, r)
	before := readCPU(t, m)
	first := r.PIDs
	for range 10 {
		ask(t, address, "/", 10)
		if got := readCPU(t, m); got < before {
			t.Fatalf("the total fell from %v to %v", before, got)
		}
	}
	total := readCPU(t, m)
	if n, why := m.Missed(0); n != 0 {
		t.Errorf("missed: %s", why)
	}
	var now []int
	for deadline := time.Now().Add(30 * time.Second); ; { // between two workers there is none
		if now, err = r.Living(); err != nil || len(now) == 2 || time.Now().After(deadline) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil || len(now) != 2 || now[1] == first[1] {
		t.Fatalf("the workers were not replaced: %v, then %v, %v", first, now, err)
	}
	if len(r.Ended()) != 0 {
		t.Errorf("the server was not started anew: %v", r.Ended())
	}
	if read, err := ReadRoleMemory(r); err != nil || read.Use.RSS == 0 || read.Processes == 0 {
		t.Errorf("memory: %+v, %v", read, err)
	}
	s, err := readStat(r.roots[0])
	if err != nil {
		t.Fatal(err)
	}
	all := s.user + s.system + s.children.User + s.children.System
	for _, pid := range now[1:] {
		if w, err := readStat(pid); err == nil {
			all += w.user + w.system
		}
	}
	near(t, "with workers that ended", total, all)
	if ended := s.children.User + s.children.System; ended < 50*time.Millisecond || total < ended-accountSlack {
		t.Errorf("the ended workers used %v, and the total is %v", ended, total)
	}
}
