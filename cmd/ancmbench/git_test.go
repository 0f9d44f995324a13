package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// put writes a file and the folders above it.
func put(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// gitIn is what a real git prints in a folder.
func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=n", "-c", "user.email=e"}, args...)...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// A gate in a real hook of a real repository leaves the commit as it was staged, and
// neither its build nor its servers see git's variables.
func TestGateInAHook(t *testing.T) {
	root := repository(t)
	self, err := exec.LookPath("ancmbench")
	if err != nil {
		t.Fatal(err)
	}
	seen := filepath.Join(t.TempDir(), "seen")
	// What a build may do in the base's tree: its git must be of the tree that it is in.
	build := "git rev-parse --show-toplevel >> " + seen + "; env | grep -E ^GIT_ >> " + seen + "; case $PWD in *ancmbench-base-*) git rm -q --cached web/server; git add -A;; esac; true"
	start := "env | grep -E ^GIT_ >> " + seen + "; exit 3"
	hook := "#!/bin/sh\nenv | grep -q ^GIT_INDEX_FILE || exit 9\n'" + self + "' gate --base-rev=HEAD --build='" + build + "' --start='" + start + "' --profile=smoke --launches=6 --out='" +
		filepath.Join(t.TempDir(), "out") + "'\ntest $? = 1\n"
	for name, commit := range map[string][]string{
		"staged": {"commit", "-qm", "staged"},
		"all":    {"commit", "-qam", "all"},
		"only":   {"commit", "-qm", "only", "web/server"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "repository")
			gitIn(t, root, "clone", "-q", root, dir)
			gitIn(t, dir, "config", "core.hooksPath", ".git/hooks")
			put(t, filepath.Join(dir, ".git", "hooks", "pre-commit"), hook, 0o755)
			put(t, filepath.Join(dir, "web", "server"), name, 0o644)
			put(t, filepath.Join(dir, "web", "untracked"), "no part of it", 0o644)
			if name == "staged" {
				gitIn(t, dir, "add", "web/server")
			}
			said := gitIn(t, dir, commit...)
			if got := gitIn(t, dir, "show", "--name-status", "--format=%s", "HEAD"); got != name+"\n\nM\tweb/server" {
				t.Errorf("the commit is\n%s\nthe hook says\n%s", got, said)
			}
			if got := gitIn(t, dir, "show", "HEAD:web/server"); got != name {
				t.Errorf("committed %q, want %q", got, name)
			}
		})
	}
	text, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		for _, local := range []string{"GIT_DIR=", "GIT_INDEX_FILE=", "GIT_WORK_TREE=", "GIT_PREFIX="} {
			if strings.HasPrefix(line, local) {
				t.Errorf("a build or a server sees %s", line)
			}
		}
	}
	if !strings.Contains(string(text), "ancmbench-base-") {
		t.Errorf("the base was not built:\n%s", text)
	}
}

// Every variable that git calls local is dropped.
func TestLocalVariables(t *testing.T) {
	repository(t)
	all := strings.Fields(gitIn(t, ".", "rev-parse", "--local-env-vars"))
	if len(all) < 10 {
		t.Fatalf("git lists %q", all)
	}
	for _, name := range all {
		t.Setenv(name, "nonsense")
	}
	for _, kv := range plainEnvironment(t.Context()) {
		for _, name := range all {
			if strings.HasPrefix(kv, name+"=") {
				t.Errorf("%s is kept", kv)
			}
		}
	}
	if top, err := git(t.Context(), "rev-parse", "--show-prefix"); err != nil || top != "" {
		t.Errorf("git says %q, %v", top, err)
	}
}

// Where git fails, its own reason is shown: an owner that is somebody else, a hook that
// refuses, a repository that is broken.
func TestReasonsOfGit(t *testing.T) {
	root := repository(t)
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1") // git's own way to be somebody else
	_, err := checkOut(t.Context(), io.Discard, "HEAD", "")
	if err == nil || !strings.Contains(err.Error(), "dubious ownership") || !strings.Contains(err.Error(), "safe.directory") || exitCode(t.Context(), err) != exitUsage {
		t.Errorf("somebody else's repository: %v", err)
	}
	t.Setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "0")
	if _, err := checkOut(t.Context(), io.Discard, "nowhere", ""); err == nil || !strings.Contains(err.Error(), "fatal: ") {
		t.Errorf("no such revision: %v", err)
	}
	put(t, filepath.Join(root, ".git", "hooks", "post-checkout"), "#!/bin/sh\necho the hook says no >&2\nexit 5\n", 0o755)
	if _, err := checkOut(t.Context(), io.Discard, "HEAD", ""); err == nil || !strings.Contains(err.Error(), "the hook says no") {
		t.Errorf("a hook that fails: %v", err)
	}
	if left := leftBehind(t); left != nil {
		t.Errorf("left: %q", left)
	}
}

// What this program wrote does not make the head another one; everything else does.
func TestOwnResultsAreNoChange(t *testing.T) {
	for name, c := range map[string]struct {
		files    []string
		ours     []string
		modified bool
	}{
		"nothing":              {nil, nil, false},
		"a run":                {[]string{"results/1/result.json", "results/1/report.html", "results/1/latency.png", "results/history.jsonl"}, nil, false},
		"a run in its folder":  {[]string{"out/result.json", "out/report.html"}, nil, false},
		"what is written now":  {[]string{"j.xml", "deep/s.md"}, []string{"j.xml", "deep"}, false},
		"a file":               {[]string{"x"}, nil, true},
		"beside a run":         {[]string{"results/1/result.json", "results/1/main.go"}, nil, true},
		"in results":           {[]string{"results/code.go"}, nil, true},
		"a picture":            {[]string{"logo.png"}, nil, true},
		"a report":             {[]string{"report.html"}, nil, true},
		"a history of no run":  {[]string{"history.jsonl"}, nil, true},
		"what is tracked":      {[]string{"web/server"}, nil, true},
		"another that is told": {[]string{"j.xml", "k.xml"}, []string{"j.xml"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			root := repository(t)
			for _, f := range c.files {
				put(t, filepath.Join(root, filepath.FromSlash(f)), "text of "+f, 0o644)
			}
			for _, dir := range []string{"", "web"} {
				t.Chdir(filepath.Join(root, dir))
				var ours []string
				for _, o := range c.ours {
					rel, err := filepath.Rel(filepath.Join(root, dir), filepath.Join(root, o))
					if err != nil {
						t.Fatal(err)
					}
					ours = append(ours, rel)
				}
				if got, err := ownRevision(t.Context(), ours); err != nil || got.Modified != c.modified {
					t.Errorf("in %q: modified %v, %v, want %v", dir, got.Modified, err, c.modified)
				}
			}
		})
	}
}
