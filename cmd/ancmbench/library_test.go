package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// The program in docs/library.md is that of a stranger: it is built in a module of its own,
// which finds ours by replace, and measures its own handler.
func TestAStrangersModuleRequiresOurs(t *testing.T) {
	t.Parallel()
	skipShort(t)
	page, err := os.ReadFile("../../docs/library.md")
	if err != nil {
		t.Fatal(err)
	}
	home, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for file, language := range map[string]string{"go.mod": "go.mod", "main.go": "go"} {
		_, text, found := strings.Cut(string(page), "```"+language+"\n")
		text, _, closed := strings.Cut(text, "\n```")
		if !found || !closed {
			t.Fatalf("docs/library.md has no %s", file)
		}
		if file == "go.mod" {
			if !strings.Contains(text, "=> ../ancmbench") {
				t.Fatalf("it replaces nothing:\n%s", text)
			}
			text = strings.Replace(text, "=> ../ancmbench", "=> "+home, 1)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	// The modules are those of our own build, so no network is needed.
	env := append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GONOSUMDB=*", "GOWORK=off", "CGO_ENABLED=0")
	for _, args := range [][]string{{"go", "mod", "tidy"}, {"go", "build", "-o", "mine", "."}, {"./mine"}} {
		c := exec.CommandContext(ctx, args[0], args[1:]...)
		c.Dir, c.Env = dir, env
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
		if args[0] == "./mine" && !strings.HasPrefix(string(out), "The loopback penalty at 500 requests/s: ") {
			t.Errorf("it says\n%s", out)
		}
	}
	run, err := ancmbench.ReadRun(dir)
	if err != nil || run.LaunchesDone != 2 || len(run.Targets) != 2 {
		t.Errorf("its results file: %v, %+v", err, run)
	}
}
