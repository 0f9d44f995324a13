//go:build unix

package webconfig

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A processPath for Windows is understood, or the error says what to write instead.
func TestProgramsAsWindowsNamesThem(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"app": 0o700, "Other.dll": 0o600, "Tool": 0o700, "plain": 0o600} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "dotnet"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	for _, c := range []struct {
		processPath, arguments string
		file, fault            string // the one or the other
	}{
		{`.\app.exe`, "", filepath.Join(dir, "app"), ""},
		{`app.EXE`, "", filepath.Join(dir, "app"), ""},
		{`dotnet.exe`, "", filepath.Join(bin, "dotnet"), ""},
		{`C:\Program Files\dotnet\dotnet.exe`, `.\Other.dll`, filepath.Join(bin, "dotnet"), ""},
		{`dotnet`, `.\other.dll`, "", "there is Other.dll, whose case differs"},
		{`dotnet`, `.\None.dll`, "", ".\\None.dll is not there"},
		{`.\absent.exe`, "", "", `write processPath="dotnet" arguments=".\absent.dll"`},
		{`C:\apps\my.exe`, "", "", "a path of Windows"},
		{`.\tool`, "", "", "there is Tool, whose case differs"},
		{`.\plain`, "", "", "chmod +x"},
	} {
		command := Config{ProcessPath: c.processPath, Arguments: c.arguments, PhysicalPath: dir}.Program()
		file, err := command.Find()
		switch {
		case c.fault == "" && (err != nil || file != c.file):
			t.Errorf("%s: %q %v, want %q", c.processPath, file, err, c.file)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%s %s: %v, want %q", c.processPath, c.arguments, err, c.fault)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := (Command{Path: "dotnet"}).Find(); err == nil || !strings.Contains(err.Error(), "is .NET installed") {
		t.Errorf("no dotnet: %v", err)
	}
}

func TestFindWebConfig(t *testing.T) {
	folder := func(names ...string) string {
		dir := t.TempDir()
		for _, name := range names {
			put(t, filepath.Join(dir, name), "")
		}
		return dir
	}
	ordinary := folder("web.config")
	spelt := folder("Web.Config")
	for path, want := range map[string]string{
		ordinary:                              filepath.Join(ordinary, "web.config"),
		filepath.Join(ordinary, "web.config"): filepath.Join(ordinary, "web.config"),
		spelt:                                 filepath.Join(spelt, "Web.Config"),
	} {
		if got, err := Find(path); got != want || err != nil {
			t.Errorf("%s: %q %v", path, got, err)
		}
	}
	for path, want := range map[string]string{
		filepath.Join(spelt, "web.config"):                    "there is " + filepath.Join(spelt, "Web.Config"),
		folder("Shop.dll", "Shop.runtimeconfig.json"):         `<aspNetCore processPath="dotnet" arguments=".\Shop.dll"`,
		folder("Shop", "Shop.dll", "Shop.runtimeconfig.json"): `<aspNetCore processPath=".\Shop"`,
		folder("server.js"):                                   `<aspNetCore processPath="node" arguments="server.js"`,
		filepath.Join(folder("app.py"), "web.config"):         `<aspNetCore processPath="python3" arguments="app.py"`,
		filepath.Join(t.TempDir(), "nowhere", "web.config"):   "no such file",
	} {
		if _, err := Find(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	// What is to be copied is one.
	c, notices, err := Reader{}.Read("sample", strings.NewReader(sample(folder("app.js"))))
	if err != nil || len(notices) > 0 || c.ProcessPath != "node" || c.Arguments != "app.js" {
		t.Errorf("the sample: %+v %v %v", c, notices, err)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
