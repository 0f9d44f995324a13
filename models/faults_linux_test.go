package models_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
)

// An app whose stdout log has filled its disk is answered for as before.
func TestFaultsFullDisk(t *testing.T) {
	for _, f := range []faults{
		{name: "CF-09_log_on_a_full_disk_out_of_process", model: ancmbench.OutOfProcess, role: models.RoleApp, kills: 4, answers: []string{"502.3"}},
		{name: "CF-09_log_on_a_full_disk_in_process", model: ancmbench.InProcess, role: models.RoleWorker, kills: 4},
	} {
		t.Run(f.name, func(t *testing.T) {
			disk := t.TempDir()
			if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=48k"); err != nil {
				t.Skip("skipped: no small disk can be mounted here: ", err)
			}
			defer syscall.Unmount(disk, syscall.MNT_DETACH)
			f.log, f.paths = filepath.Join(disk, "stdout"), []string{"/log/", "/id/"}
			f.run(t)
			err := os.WriteFile(filepath.Join(disk, "more"), make([]byte, 48<<10), 0o600)
			if logs, _ := filepath.Glob(f.log + "_*.log"); len(logs) == 0 || err == nil {
				t.Errorf("logs %v, and the disk is not full: this tests nothing", logs)
			}
		})
	}
}

// A worker that alone is told to end gives way to another: the site goes on.
func TestFaultsWorkerIsToldToEnd(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run("IP-05_worker_told_to_end_"+string(model), func(t *testing.T) {
			t.Parallel()
			s := site(t, models.Options{Model: model})
			ask := func() (status int, front string) {
				a, err := http.Get("http://" + s.Address() + "/plaintext")
				if err != nil {
					return 0, ""
				}
				defer a.Body.Close()
				return a.StatusCode, a.Header.Get("X-Ancm-Front-Pid")
			}
			_, first := ask()
			pid, err := strconv.Atoi(first)
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
				status, front := ask()
				if status == 200 && front != first {
					break
				}
				if status != 200 || time.Now().After(end) {
					t.Fatalf("%d from %s: no other worker took over from %s", status, front, first)
				}
			}
		})
	}
}
