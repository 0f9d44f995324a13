//go:build unix

package published

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A path that is there and is no file ends with a sentence, and nothing waits for it: a reader
// of a pipe would, for ever.
func TestPathsThatAreNoFiles(t *testing.T) {
	kinds := map[string]struct {
		make func(path string) error
		says string
	}{
		"folder": {func(path string) error { return os.Mkdir(path, 0o700) }, "it is a folder"},
		"pipe":   {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "it is no regular file"},
		"loop":   {func(path string) error { return os.Symlink(filepath.Base(path), path) }, "too many levels of symbolic links"},
	}
	for _, file := range []string{"app.dll", "app.runtimeconfig.json", "app.deps.json"} {
		for kind, c := range kinds {
			if file == "app.deps.json" && kind == "loop" {
				continue // .NET does without it
			}
			t.Run(file+" is a "+kind, func(t *testing.T) {
				files := whole()
				delete(files, "app/"+file)
				dir, root := place(t, files)
				t.Setenv("PATH", root)
				path := filepath.Join(dir, file)
				if err := c.make(path); err != nil {
					t.Skip(err)
				}
				done := make(chan error, 1)
				go func() {
					_, err := read(dir)
					done <- err
				}()
				select {
				case err := <-done:
					one(t, "Read", err, path+" cannot be read: "+c.says)
					if !errors.Is(err, ErrNoFile) || errors.Is(err, fs.ErrNotExist) {
						t.Errorf("%v is another kind of error", err)
					}
				case <-time.After(20 * time.Second):
					t.Error("nothing is said")
				}
			})
		}
	}
}

// A file that this user may not read is not called damaged.
func TestUnreadableFiles(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	for _, file := range []string{"app.dll", "app.runtimeconfig.json"} {
		dir, root := place(t, whole())
		t.Setenv("PATH", root)
		if err := os.Chmod(filepath.Join(dir, file), 0); err != nil {
			t.Fatal(err)
		}
		_, err := read(dir)
		one(t, file, err, file+" cannot be read: permission denied")
	}
}

// An assembly that was copied in part is damaged.
func TestAssemblyThatIsCutOff(t *testing.T) {
	b, err := os.ReadFile("../hook/Ancm.Hook.dll")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "app.dll")
	for n, says := range map[int]string{len(b): "", len(b) - 1: "is damaged", len(b) / 2: "is damaged", 100: "is damaged", 0: "is damaged"} {
		if err := os.WriteFile(path, b[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := CheckAssembly(path); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%d bytes of %d: %v", n, len(b), err)
		}
	}
}
