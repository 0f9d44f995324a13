package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ancmbench"
)

// Runs that begin in the same second have a folder each, side by side as well as one
// after the other.
func TestRunsOfOneSecond(t *testing.T) {
	t.Chdir(t.TempDir())
	const runs = 40
	one := runPlace("", "quick")
	var all sync.WaitGroup
	dirs := make([]string, runs)
	for i := range runs {
		all.Go(func() {
			dir, err := one.make()
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, ancmbench.ResultFile), nil, 0o644)
			}
			if err != nil {
				t.Error(err)
			}
			dirs[i] = dir
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for _, dir := range dirs {
		if seen[dir] || !strings.HasPrefix(dir, one.dir) {
			t.Errorf("two runs lie in %s, or it is not beside %s", dir, one.dir)
		}
		seen[dir] = true
	}
	if err := writable(one); err != nil {
		t.Errorf("without --out: %v", err)
	}
	if dir, err := one.make(); err != nil || dir != one.dir+"-41" {
		t.Errorf("the next is %s, %v", dir, err)
	}
}

// A folder that was named is taken as it is, unless a run lies in it, and one alone of
// several runs makes it.
func TestNamedFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	there := runPlace("there", "quick")
	if err := os.Mkdir("there", 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, err := there.make(); err != nil || dir != "there" {
		t.Errorf("an empty folder: %s, %v", dir, err)
	}
	if err := os.WriteFile(filepath.Join("there", ancmbench.ResultFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := there.make(); err == nil || err.Error() != "--out there: already contains a run: give another folder" {
		t.Error(err)
	}
	const runs = 40
	var all sync.WaitGroup
	errs := make(chan error, runs)
	begin := make(chan struct{})
	for range runs {
		all.Go(func() {
			<-begin
			_, err := runPlace("new/one", "quick").make()
			errs <- err
		})
	}
	close(begin)
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil && !strings.HasPrefix(err.Error(), "--out new/one: ") {
			t.Error(err)
		}
	}
}

// What would measure nothing is refused with one sentence and leaves nothing.
func TestNothingToMeasure(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	const head = "name: p\nlaunches: 1\nrate: 100/s\nconnections: 2\nworkloads:\n  - name: root\n    path: /\nphases:\n"
	for name, phases := range map[string]string{
		"peak":      "  - {kind: peak, duration: 1s}\n",
		"cold":      "  - {kind: cold-start}\n  - {kind: peak, duration: 1s}\n",
		"warm":      "  - {kind: warm-up, duration: 1s}\n  - {kind: peak, duration: 1s}\n",
		"sweep":     "  - {kind: sweep, arrivals: {steps: [{rate: 100/s, duration: 1s}]}}\n",
		"recovery":  "  - {kind: recovery, duration: 1s}\n",
		"coldalone": "  - {kind: cold-start}\n",
	} {
		if err := os.WriteFile(name+".yaml", []byte(head+phases), 0o644); err != nil {
			t.Fatal(err)
		}
		lines := []string{"run --target a=http://127.0.0.1:1/ --target b=http://127.0.0.1:1/ --rate 100 --profile " + name + ".yaml"}
		if name == "recovery" { // a command has cold starts
			lines = append(lines, "gate --base a --head b --profile "+name+".yaml", "gate --base-rev nowhere --start b --profile "+name+".yaml")
		}
		for _, line := range lines {
			err := refusal(t, line)
			if code := exitCode(t.Context(), err); code != exitUsage || err == nil ||
				!strings.Contains(err.Error(), "nothing would be measured: phase ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: exit code %d, %v", line, code, err)
			}
		}
	}
	if left, err := filepath.Glob("results*"); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
