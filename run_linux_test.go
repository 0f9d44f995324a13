package ancmbench

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// disk mounts a file system of its own, in memory, of the given size.
func disk(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("a disk of its own needs the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}

func TestFullDiskKeepsTheOldFile(t *testing.T) {
	path := filepath.Join(disk(t, "size=64k"), ResultFile)
	if err := (&Run{Version: RunVersion, Seed: 1}).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	large := &Run{Version: RunVersion, Seed: 2, Command: []string{strings.Repeat("x", 1<<20)}}
	err := large.WriteFile(path)
	if !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n") {
		t.Errorf("writing gives %v", err)
	}
	stays(t, path, 1)
	// And once there is room again, it goes on.
	if err := (&Run{Version: RunVersion, Seed: 3}).WriteFile(path); err != nil {
		t.Error(err)
	}
	stays(t, path, 3)
}

func TestReadOnlyDisk(t *testing.T) {
	dir := disk(t, "size=64k")
	path := filepath.Join(dir, ResultFile)
	if err := (&Run{Version: RunVersion, Seed: 1}).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("a disk cannot be made read-only here: %v", err)
	}
	err := (&Run{Version: RunVersion, Seed: 2}).WriteFile(path)
	if !errors.Is(err, syscall.EROFS) {
		t.Errorf("writing gives %v", err)
	}
	stays(t, path, 1)
}

// A file that is written through a limit on its size fails in the middle, as on
// a full disk; this needs no right to mount.
func TestFileSizeLimitKeepsTheOldFile(t *testing.T) {
	if path := os.Getenv("ANCMBENCH_TEST_LIMITED"); path != "" {
		large := &Run{Version: RunVersion, Seed: 2, Command: []string{strings.Repeat("x", 1<<20)}}
		err := large.WriteFile(path)
		if !errors.Is(err, syscall.EFBIG) {
			t.Fatalf("writing gives %v", err)
		}
		return
	}
	limited(t)
}

// limited runs this test again in a process of its own that may write 64 KiB per file.
func limited(t *testing.T) {
	path := filepath.Join(t.TempDir(), ResultFile)
	if err := (&Run{Version: RunVersion, Seed: 1}).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// ulimit counts blocks of 512 bytes in sh.
	cmd := exec.Command("sh", "-c", `ulimit -f 128 && trap '' XFSZ && exec "$0" -test.v -test.run='^TestFileSizeLimitKeepsTheOldFile$'`, self)
	cmd.Env = append(os.Environ(), "ANCMBENCH_TEST_LIMITED="+path)
	// A program that runs no test of that name ends well too, and leaves the file as it is.
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestFileSizeLimitKeepsTheOldFile ") {
		t.Fatalf("%v\n%s", err, out)
	}
	stays(t, path, 1)
}
