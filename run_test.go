package ancmbench

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// only fails unless the folder has exactly these names, so that it detects a temporary file
// that was left behind.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("the folder holds %q, want %q", got, names)
	}
}

func TestWriteFileReplacesTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ResultFile)
	for i := range 3 {
		r := Run{Version: RunVersion, Seed: uint64(i)}
		if err := r.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		back, err := ReadRun(dir)
		if err != nil || back.Seed != uint64(i) {
			t.Fatalf("write %d: read %+v, %v", i, back, err)
		}
		only(t, dir, ResultFile)
	}
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if fi.Mode().Perm()&0o044 == 0 && fi.Mode().Perm() != 0o666 {
		t.Errorf("mode %v: others cannot read it", fi.Mode())
	}
}

// A reader finds a whole file at any moment.
func TestReadersNeverSeeAPartialFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ResultFile)
	small, large := &Run{Version: RunVersion}, &Run{Version: RunVersion, Command: slices.Repeat([]string{strings.Repeat("x", 1<<15)}, 32)}
	if err := small.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		defer close(done)
		for i := range 16 {
			r := small
			if i%2 == 0 {
				r = large
			}
			if err := r.WriteFile(path); err != nil {
				done <- err
				return
			}
		}
	}()
	for reads := 0; ; reads++ {
		if _, err := ReadRun(path); err != nil {
			t.Fatalf("read %d: %v", reads, err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}

func TestWriteFileFaultsAreOneSentence(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := filepath.Join(dir, "taken")
	if err := os.MkdirAll(filepath.Join(taken, ResultFile, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"no folder":             filepath.Join(dir, "absent", ResultFile),
		"a file for a folder":   filepath.Join(file, ResultFile),
		"a folder for the file": filepath.Join(taken, ResultFile),
	} {
		err := (&Run{Version: RunVersion}).WriteFile(path)
		if err == nil || !strings.HasPrefix(err.Error(), "results file: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	only(t, dir, "file", "taken")
	only(t, taken, ResultFile)
}

func TestUnwritableFolderKeepsTheOldFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere; TestReadOnlyDisk stands in for it")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, ResultFile)
	if err := (&Run{Version: RunVersion, Seed: 1}).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chmod(dir, 0o700); err != nil {
			t.Error(err)
		}
	})
	if err := (&Run{Version: RunVersion, Seed: 2}).WriteFile(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("writing gives %v", err)
	}
	stays(t, path, 1)
}

// stays fails unless the file is still the run with that seed, alone in its folder.
func stays(t *testing.T, path string, seed uint64) {
	t.Helper()
	r, err := ReadRun(path)
	if err != nil || r.Seed != seed {
		t.Errorf("the old file is %+v, %v", r, err)
	}
	only(t, filepath.Dir(path), filepath.Base(path))
}

func TestFilesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		``:                                     "is empty",
		`{`:                                    "unexpected end",
		`{}`:                                   "no version: this is not a results file",
		`[]`:                                   "cannot unmarshal array",
		`{"version": null}`:                    "no version",
		`{"version": 0}`:                       "version 0, and this ancmbench reads version 1",
		`{"version": 2, "results": "another"}`: "version 2, and this ancmbench reads version 1",
		`{"version": 1.5}`:                     "cannot unmarshal number 1.5",
		`{"version": 1, "results": 3}`:         "cannot unmarshal number",
		`{"version": 1} {}`:                    "after top-level value",
		`{"version": 1, "results": [{"response": "AAAA"}]}`: "histogram",
		`{"version": 1, "elapsed_seconds": "3s"}`:           "seconds",
	} {
		path := filepath.Join(t.TempDir(), ResultFile)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadRun(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "results file "+path+": ") {
			t.Errorf("%s: gives %v, want %q", text, err, want)
		}
	}
	if _, err := ReadRun(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
	if r, err := DecodeRun([]byte(`{"version": 1, "added_later": {"x": [1]}}`)); err != nil || r.Version != 1 {
		t.Errorf("a field that was added later: %v", err)
	}
}
