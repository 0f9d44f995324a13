//go:build unix

package dotnet

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fake lays out a .NET: dotnet is a shell script, folders are below it.
func fake(t *testing.T, script string, folders ...string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, f := range folders {
		if err := os.MkdirAll(filepath.Join(root, f), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if script != "" {
		if err := os.WriteFile(filepath.Join(root, "dotnet"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const (
	sdkFolder = "sdk/10.0.401"
	aspFolder = "shared/Microsoft.AspNetCore.App/10.0.12"
)

func TestFindSaysWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		root    string
		version string
		says    string
	}{
		"whole":            {fake(t, "exit 0", sdkFolder, aspFolder), "10.0.401", ""},
		"the newest":       {fake(t, "exit 0", "sdk/10.0.99", "sdk/10.0.401", "sdk/10.0.100-rc.2", "sdk/9.0.999", aspFolder), "10.0.401", ""},
		"no dotnet":        {fake(t, "", sdkFolder, aspFolder), "", "there is no dotnet in "},
		"only the runtime": {fake(t, "exit 0", aspFolder), "", "has no SDK 10"},
		"an older SDK":     {fake(t, "exit 0", "sdk/8.0.404", aspFolder), "", "has no SDK 10"},
		"no ASP.NET Core":  {fake(t, "exit 0", sdkFolder, "shared/Microsoft.AspNetCore.App/9.0.1"), "", "has no ASP.NET Core 10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DOTNET_ROOT", c.root)
			s, err := Find()
			if c.says == "" && (err != nil || s.Version != c.version || s.Root != c.root) ||
				c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("%+v %v, want %s %q", s, err, c.version, c.says)
			}
		})
	}
	t.Setenv("DOTNET_ROOT", "")
	root, bin := fake(t, "exit 0", sdkFolder, aspFolder), t.TempDir()
	if err := os.Symlink(filepath.Join(root, "dotnet"), filepath.Join(bin, "dotnet")); err != nil { // as packages install it
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if s, err := Find(); err != nil || s.Root != root {
		t.Errorf("on PATH: %+v %v, want %s", s, err, root)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(); err == nil || !strings.Contains(err.Error(), "neither DOTNET_ROOT is set nor dotnet on PATH") {
		t.Errorf("nowhere: %v", err)
	}
}

// publisher is a dotnet that writes what publish writes, and a line to the file RAN.
const publisher = `
test -e app.csproj && test -e Program.cs || exit 9
echo "$@" >>"$RAN"
while [ "$1" != -o ]; do shift; done
mkdir "$2"
for f in app.dll app.runtimeconfig.json web.config; do echo x >"$2/$f"; done`

func TestPublishBuildsOnce(t *testing.T) {
	cache, ran := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("RAN", ran)
	times := func() int {
		b, _ := os.ReadFile(ran)
		return strings.Count(string(b), "\n")
	}
	s := SDK{Root: fake(t, publisher), Version: "10.0.1"}
	first, err := s.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Publish(t.Context()); err != nil || again != first || times() != 1 {
		t.Errorf("again: %s %v, was %s; built %d times", again, err, first, times())
	}
	s.Version = "10.0.2"
	if other, err := s.Publish(t.Context()); err != nil || other == first || times() != 2 {
		t.Errorf("another SDK: %s %v; built %d times", other, err, times())
	}
	s.Version = "10.0.3"
	var all sync.WaitGroup
	for range 4 { // at once: who is second takes what is there
		all.Go(func() {
			if dir, err := s.Publish(t.Context()); err != nil || !published(dir, "app") {
				t.Errorf("at once: %s %v", dir, err)
			}
		})
	}
	all.Wait()
	left, err := filepath.Glob(filepath.Join(cache, "*", "*", "build-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestPublishSaysWhatDotnetSaid(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, c := range []struct{ script, says string }{
		{"echo 'error CS1002: ; expected'; exit 1", "error CS1002"},
		{"exit 0", "no app.dll or no web.config"},
	} {
		s := SDK{Root: fake(t, c.script), Version: "10.0.1"}
		if _, err := s.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.script, err)
		}
	}
}
