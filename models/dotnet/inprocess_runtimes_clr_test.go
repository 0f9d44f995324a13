//go:build clr && linux && amd64 && cgo

package dotnet_test

import (
	"bytes"
	"errors"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench/models/dotnet"
)

// A .NET whose ASP.NET Core is not the one that the module knows is refused with a sentence.
func inOtherRuntimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(iis []byte) []byte
		says   string
	}{
		"built from source": {func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("\x00IISHttpServer\x00"), []byte("\x00IISHttpServe2\x00"))
		}, "has no IISHttpServer, as where it was built from source without it; Fix: hostingModel="},
		"with a new function": {func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("\x00http_set_close\x00"), []byte("\x00http_set_clos2\x00"))
		}, "cannot be hosted in-process here (its server calls http_set_clos2, which the module does not have); Fix: hostingModel="},
		"without ASP.NET Core": {nil, "You must install or update .NET to run this application."},
	} {
		t.Run(name, func(t *testing.T) {
			root := otherRoot(t, c.change)
			p := hostFaulty(t, nil, "PATH", root+":"+os.Getenv("PATH"), "DOTNET_ROOT", root)
			want := "500.30"
			if c.change == nil {
				want = "500.31"
			}
			status, body, header := p.ask("/hello")
			if got := header.Get("X-Ancm-Error"); status != 500 || got != want || !strings.Contains(html.UnescapeString(body), c.says) {
				t.Errorf("%d %s %s, want %s with %q", status, got, body, want, c.says)
			}
			until(t, "an event says so", func() bool { return strings.Contains(p.said(), "the app does not start") })
			if said := p.said(); strings.Contains(said, "its last words") { // the event itself has it
				t.Errorf("twice: %s", said)
			}
		})
	}
}

// otherRoot returns a folder of .NET whose assembly of IISHttpServer is another, and which has
// no ASP.NET Core if change is nil.
func otherRoot(t *testing.T, change func(iis []byte) []byte) string {
	t.Helper()
	sdk, err := dotnet.Find()
	if err != nil {
		t.Skip(err)
	}
	root, shared := t.TempDir(), filepath.Join(sdk.Root, "shared")
	link := func(from, to string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.Symlink(from, to)); err != nil {
			t.Fatal(err)
		}
	}
	link(filepath.Join(sdk.Root, "host"), filepath.Join(root, "host"))
	// A file of its own, because a link would lead to the real folder. In-process nobody runs it.
	if err := os.WriteFile(filepath.Join(root, "dotnet"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	link(filepath.Join(shared, "Microsoft.NETCore.App"), filepath.Join(root, "shared", "Microsoft.NETCore.App"))
	if change == nil {
		return root
	}
	files, err := filepath.Glob(filepath.Join(shared, "Microsoft.AspNetCore.App", "10.*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no ASP.NET Core in %s: %v", shared, err)
	}
	for _, from := range files {
		rel, err := filepath.Rel(sdk.Root, from)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, rel)
		if filepath.Base(from) != "Microsoft.AspNetCore.Server.IIS.dll" {
			link(from, to)
			continue
		}
		b, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, change(b), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
