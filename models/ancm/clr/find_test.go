//go:build unix

package clr

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench/models/ancm/webconfig"
)

// files makes files below a new folder, name and text in turn.
func files(t *testing.T, pairs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(pairs); i += 2 {
		path := filepath.Join(dir, pairs[i])
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(pairs[i+1]), 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// assemblyFile returns the bytes of some assembly.
func assemblyFile(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../dotnet/hook/Ancm.Hook.dll")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func runtimeFor(version string) string {
	return `{"runtimeOptions": {"frameworks": [{"name": "Microsoft.NETCore.App", "version": "` + version + `"}, {"name": "Microsoft.AspNetCore.App", "version": "` + version + `"}]}}`
}

// What cannot run in this process is refused in one sentence, before a runtime is loaded.
func TestHostable(t *testing.T) {
	for name, c := range map[string]struct {
		path, arguments string
		files           []string
		says            string
	}{
		"an app of .NET 10":       {"dotnet", `.\app.dll`, []string{"app.dll", "", "app.runtimeconfig.json", runtimeFor("10.0.0")}, ""},
		"its own program":         {`.\app`, "", []string{"app", "", "app.dll", "", "app.runtimeconfig.json", runtimeFor("10.0.3")}, ""},
		"a program of Windows":    {`.\app.exe`, "", []string{"app.dll", "", "app.runtimeconfig.json", runtimeFor("10.0.0")}, ""},
		"with options":            {"dotnet", `exec .\app.dll --more`, []string{"app.dll", "", "app.runtimeconfig.json", runtimeFor("10.0.0")}, ""},
		"no assembly yet":         {"dotnet", `.\app.dll`, nil, ""}, // the start says so: 500.38
		"an app of .NET 8":        {"dotnet", `.\app.dll`, []string{"app.dll", "", "app.runtimeconfig.json", runtimeFor("8.0.0")}, "built for ASP.NET Core 8.0.0"},
		"one framework, of 9":     {"dotnet", `.\app.dll`, []string{"app.dll", "", "app.runtimeconfig.json", `{"runtimeOptions": {"framework": {"name": "Microsoft.AspNetCore.App", "version": "9.0.1"}}}`}, "built for ASP.NET Core 9.0.1"},
		"self-contained, of 11":   {`.\app`, "", []string{"app", "", "app.dll", "", "app.runtimeconfig.json", `{"runtimeOptions": {"includedFrameworks": [{"name": "Microsoft.AspNetCore.App", "version": "11.0.0"}]}}`}, "built for ASP.NET Core 11.0.0"},
		"a console app":           {"dotnet", `.\app.dll`, []string{"app.dll", "", "app.runtimeconfig.json", `{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "10.0.0"}}}`}, "is not an ASP.NET Core app"},
		"a program that is not":   {"node", "app.js", nil, "in-process only .NET programs are hosted"},
		"a script in the folder":  {`.\run.sh`, "", []string{"run.sh", "#!/bin/sh\n"}, "in-process only .NET programs are hosted"},
		"dotnet without assembly": {"dotnet", "run", nil, "no .dll among its arguments"},
	} {
		t.Run(name, func(t *testing.T) {
			config := webconfig.Default()
			config.ProcessPath, config.Arguments, config.PhysicalPath = c.path, c.arguments, files(t, c.files...)
			err := Hostable(config)
			if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// The .NET is that of the dotnet that would run out-of-process, and the highest version of
// its host, as dotnet itself takes it.
func TestFindsDotnet(t *testing.T) {
	host := func(versions ...string) (pairs []string) {
		for _, v := range versions {
			pairs = append(pairs, "host/fxr/"+v+"/libhostfxr.so", "")
		}
		return append(pairs, "dotnet", "#!/bin/sh\n")
	}
	onPath, named := files(t, host("9.0.9", "10.0.2", "10.0.12", "10.0.12-rc.1", "broken")...), files(t, host("10.0.1")...)
	empty := files(t, "dotnet", "#!/bin/sh\n")
	app := files(t, "app.dll", assemblyFile(t), "app.runtimeconfig.json", runtimeFor("10.0.0"))
	own := files(t, "app", "", "app.dll", assemblyFile(t), "app.runtimeconfig.json", runtimeFor("10.0.0"), "libhostfxr.so", "")
	link := t.TempDir()
	if err := os.Symlink(filepath.Join(onPath, "dotnet"), filepath.Join(link, "dotnet")); err != nil {
		t.Skip(err)
	}
	for name, c := range map[string]struct{ path, root, program, app, want string }{
		"on PATH":             {onPath, named, "dotnet", app, filepath.Join(onPath, "host/fxr/10.0.12/libhostfxr.so")},
		"on PATH, by a link":  {link, named, "dotnet", app, filepath.Join(onPath, "host/fxr/10.0.12/libhostfxr.so")},
		"by DOTNET_ROOT":      {t.TempDir(), named, "dotnet", app, filepath.Join(named, "host/fxr/10.0.1/libhostfxr.so")},
		"dotnet without host": {empty, named, "dotnet", app, filepath.Join(named, "host/fxr/10.0.1/libhostfxr.so")},
		"the app's own":       {onPath, named, `.\app`, own, filepath.Join(own, "libhostfxr.so")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", c.path)
			t.Setenv("DOTNET_ROOT", c.root)
			config := webconfig.Default()
			config.ProcessPath, config.PhysicalPath = c.program, c.app
			if c.program == "dotnet" {
				config.Arguments = `.\app.dll`
			}
			p, err := findProgram(config)
			if err != nil || p.fxr != c.want || p.dll != filepath.Join(c.app, "app.dll") {
				t.Errorf("%+v %v, want %s", p, err, c.want)
			}
		})
	}
}

// What is missing has a status of its own.
func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("DOTNET_ROOT", t.TempDir())
	config := webconfig.Default()
	config.ProcessPath, config.Arguments, config.PhysicalPath = "dotnet", `.\app.dll`, files(t)
	status := func() int {
		_, err := findProgram(config)
		var fault *StartError
		if !errors.As(err, &fault) {
			return 0
		}
		return fault.Substatus()
	}
	if got := status(); got != NoAssembly {
		t.Errorf("no assembly: %d", got)
	}
	config.PhysicalPath = files(t, "app.dll", assemblyFile(t), "app.runtimeconfig.json", runtimeFor("10.0.0"))
	if got := status(); got != NoRuntime {
		t.Errorf("no .NET: %d", got)
	}
}
