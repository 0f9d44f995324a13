package models

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// An app that is hosted otherwise than its model says is found by its processes and sockets.
func TestProofFindsTheWrongModel(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	idle := exec.Command("sleep", "3600")
	if err := idle.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = idle.Process.Kill(); _ = idle.Wait() }()
	self, silent := []int{os.Getpid()}, []int{idle.Process.Pid}
	own := &Site{address: l.Addr().String()}
	for _, c := range []struct {
		what string
		err  error
		says string
	}{
		{"in-process", own.proveInProcess(self, nil), ""},
		{"in-process, and a process of its own", own.proveInProcess(self, silent), "it has a process of its own"},
		{"in-process, and a socket of its own", (&Site{address: "127.0.0.1:1"}).proveInProcess(self, nil), "its worker also listens on " + l.Addr().String()},
		{"out-of-process", proveOutOfProcess(silent, self, false), "it runs in its worker"}, // the silent one descends from this
		{"out-of-process, without a process", proveOutOfProcess(self, nil, false), "it has no process of its own"},
		{"out-of-process, in the worker", proveOutOfProcess(self, self, false), "it runs in its worker"},
		{"out-of-process, without a socket", proveOutOfProcess(self, silent, false), "listens nowhere"},
		{"over a Unix socket", proveOutOfProcess(self, silent, true), ""},
	} {
		if c.err == nil != (c.says == "") || c.err != nil && !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.what, c.err, c.says)
		}
	}
}
