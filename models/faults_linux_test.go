package models_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

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
