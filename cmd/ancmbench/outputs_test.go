package main

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// What can be tried can be written and the other way round; a trial changes nothing.
func TestTrialForetellsTheWriting(t *testing.T) {
	for name, want := range map[string]bool{
		"fresh":        true,
		"there":        true,
		"link-there":   true,
		"link-fresh":   true,
		"link-nowhere": false,
		"folder":       false,
		"nowhere/file": false,
		"there/file":   false,
		"":             true, // nobody asks
	} {
		dir := t.TempDir()
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		check(os.WriteFile(filepath.Join(dir, "there"), []byte("kept\n"), 0o644))
		check(os.Mkdir(filepath.Join(dir, "folder"), 0o755))
		for link, to := range map[string]string{"link-there": "there", "link-fresh": "not-yet", "link-nowhere": "nowhere/file"} {
			if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
				t.Skip("no links here:", err)
			}
		}
		o := outputFile{name: "--file", mode: os.O_APPEND, form: func(w io.Writer) error {
			_, err := io.WriteString(w, "written\n")
			return err
		}}
		if name != "" {
			o.path = filepath.Join(dir, filepath.FromSlash(name))
		}
		before := tree(t, dir)
		tried := o.try()
		if after := tree(t, dir); after != before {
			t.Errorf("%s: a trial left\n%s\nof\n%s", name, after, before)
		}
		written := o.put()
		if (tried == nil) != want || (written == nil) != want {
			t.Errorf("%s: tried: %v, written: %v, want success %t", name, tried, written, want)
		}
		if tried != nil && !strings.HasPrefix(tried.Error(), "--file: ") {
			t.Errorf("%s: %v does not begin with the flag", name, tried)
		}
	}
}

// tree is what lies in a folder: names, kinds and contents.
func tree(t *testing.T, dir string) string {
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		text := []byte(nil)
		if e.Type().IsRegular() {
			text, err = os.ReadFile(path)
		}
		all.WriteString(path + " " + e.Type().String() + " " + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// A run makes its folder and those above it, so that a file beside it needs none yet.
func TestFolderOfARunNeedNotBeThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, c := range []struct {
		run, file string
		want      string // of the fault; "" for none
	}{
		{"r", "h", ""},
		{"new/r", "new/h", ""},
		{"new/r", "new/r/h", ""},
		{"new/r", "other/h", "--file: "},
		{"new/r", "new/r/deeper/h", "--file: "},
		{"file/r", "h", "--out "},
		{"file", "h", "--out "},
	} {
		err := writable(runPlace(in(c.run), ""), outputFile{name: "--file", path: in(c.file)})
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("run %s, file %s: %v, want %q", c.run, c.file, err, c.want)
		}
	}
	if left := tree(t, dir); strings.Count(left, "\n") != 2 {
		t.Errorf("the trials left\n%s", left)
	}
	if err := writable(place{}, outputFile{name: "--file", path: in("new/h")}); err == nil {
		t.Error("without a run a folder that is not there is no fault")
	}
}

// Every file that a verdict is tried on is one that it is written to.
func TestVerdictGoesWhereItWasTried(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	t.Setenv("GITHUB_STEP_SUMMARY", in("summary"))
	t.Setenv("GITHUB_OUTPUT", in("output"))
	f := &gateFlags{markdown: in("markdown"), junit: in("junit"), out: in("run")}
	if err := gateWritable(f); err != nil {
		t.Fatal(err)
	}
	say := func(text string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	}
	for range 2 { // files of a CI system are shared with other steps, and grow
		if err := writeVerdict(f, verdictForms{say("m"), say("j"), "o"}); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"markdown": "m", "junit": "j", "summary": "mm", "output": "oo"} {
		if got, err := os.ReadFile(in(name)); string(got) != want || err != nil {
			t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
		}
	}
	f.markdown, f.junit = in("no/markdown"), in("no/junit")
	t.Setenv("GITHUB_STEP_SUMMARY", in("no/summary"))
	t.Setenv("GITHUB_OUTPUT", in("no/output"))
	tried, written := gateWritable(f), writeVerdict(f, verdictForms{say("m"), say("j"), "o"})
	if tried == nil || written == nil || strings.Count(tried.Error(), "\n") != 1 || strings.Count(written.Error(), "\n") != 3 {
		t.Errorf("tried:\n%v\nwritten:\n%v\nwant the faults of the two flags, and all four", tried, written)
	}
	for line := range strings.Lines(tried.Error()) {
		if !strings.Contains(written.Error(), strings.TrimSpace(line)) || !strings.HasPrefix(line, "--") {
			t.Errorf("tried: %s, which is no flag, or was written", line)
		}
	}
}

// What cannot be written is found before a single request is sent, with the exit code
// of a tool's error.
func TestOutputsAreTriedBeforeLoad(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer s.Close()
	if err := os.WriteFile("file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	load := "load " + s.URL + " -d 50ms -c 1 "
	run := "run --quiet --profile=smoke --rate=50 --target a=" + s.URL + " --target b=" + s.URL + " "
	for _, line := range []string{
		load + "--hgrm=no/x", load + "--hgrm=file/x", load + "--hgrm=.", load + "--engine=vegeta --vegeta-results=no/x",
		run + "--append-history=no/x", run + "--append-history=.", run + "--out=file", run + "--out=file/r",
		"gate --base=a --head=b --append-history=no/x", "calibrate --out=file", "selftest --out=file",
	} {
		root := newRoot()
		root.SetArgs(strings.Fields(line))
		root.SetOut(t.Output())
		root.SetErr(t.Output())
		err := root.ExecuteContext(t.Context())
		if code := exitCode(t.Context(), err); code != exitTool || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: exit code %d, %v, want %d and one line", line, code, err, exitTool)
		}
		if n := asked.Swap(0); n > 0 {
			t.Errorf("%s: %d requests were sent", line, n)
		}
	}
	if left := tree(t, "."); strings.Count(left, "\n") != 2 {
		t.Errorf("left behind:\n%s", left)
	}
}

// The attenuation's run lies beside that of the twins, and is tried with it.
func TestCalibrateTriesBothFolders(t *testing.T) {
	t.Chdir(t.TempDir())
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	if err := os.WriteFile("r-attenuation", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f := &gateFlags{out: "r"}
	if err := calibrateWritable(f, false, false); err != nil {
		t.Errorf("without --attenuation: %v", err)
	}
	if err := calibrateWritable(f, true, true); err == nil || !strings.HasPrefix(err.Error(), "--out r-attenuation: ") {
		t.Errorf("%v, want a fault of the second folder", err)
	}
	if runtime.GOOS != "linux" {
		return // the place of configuration is another there
	}
	if err := os.WriteFile(filepath.Join(home, "config"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := calibrateWritable(f, false, false); err == nil || !strings.HasPrefix(err.Error(), "host profile ") {
		t.Errorf("%v, want a fault of the host's profile", err)
	}
	if err := calibrateWritable(f, false, true); err != nil {
		t.Errorf("with --measure-only: %v", err)
	}
}
