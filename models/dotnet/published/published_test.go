//go:build unix

package published

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/dotnet"
)

// program returns a file that Windows would run; an assembly if cli is true.
func program(cli bool) string {
	var b bytes.Buffer
	head := make([]byte, 128)
	copy(head, "MZ")
	binary.LittleEndian.PutUint32(head[0x3c:], uint32(len(head)))
	b.Write(head)
	b.WriteString("PE\x00\x00")
	optional := pe.OptionalHeader64{Magic: 0x20b, NumberOfRvaAndSizes: 16}
	if cli {
		optional.DataDirectory[cliHeader] = pe.DataDirectory{VirtualAddress: 1, Size: 72}
	}
	_ = binary.Write(&b, binary.LittleEndian, pe.FileHeader{Machine: pe.IMAGE_FILE_MACHINE_AMD64, SizeOfOptionalHeader: uint16(binary.Size(optional))})
	_ = binary.Write(&b, binary.LittleEndian, optional)
	return b.String()
}

const (
	webConfig = `<configuration><location path="."><system.webServer><aspNetCore processPath="dotnet" arguments=".\app.dll" hostingModel="inprocess" /></system.webServer></location></configuration>`
	needs10   = `{"runtimeOptions": {"tfm": "net10.0", "frameworks": [{"name": "Microsoft.NETCore.App", "version": "10.0.0"}, {"name": "Microsoft.AspNetCore.App", "version": "10.0.0"}], "configProperties": {"System.GC.Server": true}}}`
)

// place lays out files: those of the app in app/, those of .NET in dotnet/.
func place(t *testing.T, files map[string]string) (appDir, root string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "app"), filepath.Join(dir, "dotnet")
}

// whole returns the files of an app and a .NET that runs it.
func whole() map[string]string {
	return map[string]string{
		"app/web.config": webConfig, "app/app.dll": program(true), "app/app.runtimeconfig.json": needs10,
		"dotnet/dotnet": "#!/bin/sh\nexit 1\n", "dotnet/host/fxr/10.0.12/" + hostName: "",
		"dotnet/shared/Microsoft.NETCore.App/10.0.12/x":                                        "",
		"dotnet/shared/Microsoft.AspNetCore.App/10.0.12/Microsoft.AspNetCore.Server.IIS.dll":   "..\x00IISHttpServer\x00..",
		"dotnet/shared/Microsoft.AspNetCore.App/10.0.12/Microsoft.AspNetCore.Server.Kestrel.d": "",
	}
}

// read is what a person gets: the first fault, of the files, of .NET, of in-process.
func read(dir string) (App, error) {
	c, _, err := webconfig.Reader{}.ReadFile(filepath.Join(dir, "web.config"))
	if err != nil {
		return App{}, err
	}
	a, err := Read(c)
	if err == nil {
		err = a.Check()
	}
	return a, err
}

func TestFaultsAreOneSentence(t *testing.T) {
	const iis = "dotnet/shared/Microsoft.AspNetCore.App/10.0.12/Microsoft.AspNetCore.Server.IIS.dll"
	config := func(s string, old ...string) string { return strings.NewReplacer(old...).Replace(s) }
	for _, c := range []struct {
		what string
		set  map[string]string // the file is removed if the text is "-"
		says string            // of Read and Check
		in   string            // of CheckInProcess, where Check finds nothing
	}{
		{"whole", nil, "", ""},
		{"no .NET", map[string]string{"dotnet/dotnet": "-"}, ".NET is not here: processPath dotnet", ""},
		{"only the runtime", map[string]string{iis: "-", "dotnet/shared/Microsoft.AspNetCore.App/10.0.12/Microsoft.AspNetCore.Server.Kestrel.d": "-"}, "has no ASP.NET Core, only what runs other apps; Fix: install the ASP.NET Core runtime 10.0", ""},
		{"no runtime", map[string]string{"dotnet/shared/Microsoft.NETCore.App/10.0.12/x": "-"}, "has no Microsoft.NETCore.App; Fix: install .NET 10.0", ""},
		{"older than the app", map[string]string{"app/app.runtimeconfig.json": config(needs10, "10.0.0", "10.0.13")}, "the app needs Microsoft.NETCore.App 10.0.13, and .NET in ", ""},
		{"another major", map[string]string{"app/app.runtimeconfig.json": config(needs10, "10.0.0", "11.0.0")}, "the app needs Microsoft.NETCore.App 11.0.0, and .NET in ", ""},
		{"source-built", map[string]string{iis: "..IISServerOptions.."}, "", "has no IISHttpServer"},
		{"without the assembly", map[string]string{iis: "-"}, "", "has no IISHttpServer"},
		{"no app.dll", map[string]string{"app/app.dll": "-"}, "app.dll is missing, which web.config starts", ""},
		{"damaged app.dll", map[string]string{"app/app.dll": "MZ nothing"}, "app.dll is damaged, or no assembly", ""},
		{"empty app.dll", map[string]string{"app/app.dll": ""}, "app.dll is damaged, or no assembly", ""},
		{"a native app.dll", map[string]string{"app/app.dll": program(false)}, "app.dll is a program, and no .NET assembly", ""},
		{"no runtimeconfig", map[string]string{"app/app.runtimeconfig.json": "-"}, "app.runtimeconfig.json is missing, without which .NET does not start the app", ""},
		{"damaged runtimeconfig", map[string]string{"app/app.runtimeconfig.json": `{"runtimeOptions": {`}, "app.runtimeconfig.json is damaged (unexpected end of JSON input)", ""},
		{"another runtimeconfig", map[string]string{"app/app.runtimeconfig.json": `{"a": 1}`}, "app.runtimeconfig.json is damaged (it has no runtimeOptions)", ""},
		{"no framework", map[string]string{"app/app.runtimeconfig.json": `{"runtimeOptions": {"tfm": "net10.0"}}`}, "app.runtimeconfig.json is damaged (it names no framework)", ""},
		{"no web app", map[string]string{"app/app.runtimeconfig.json": `{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "10.0.0"}}}`}, "", "app.dll is not an ASP.NET Core app"},
		{"trimmed", map[string]string{"app/app.runtimeconfig.json": config(needs10, `"System.GC.Server": true`, `"System.StartupHookProvider.IsSupported": false`)}, "", "app.dll switches startup hooks off"},
		{".NET 8", map[string]string{"app/app.runtimeconfig.json": config(needs10, "10.0.0", "8.0.0"),
			"dotnet/shared/Microsoft.NETCore.App/8.0.11/x": "", "dotnet/shared/Microsoft.AspNetCore.App/8.0.11/x": ""}, "", "app.dll is built for ASP.NET Core 8.0.0, and in-process hosting takes apps of 10; Fix: host it out-of-process"},
		{".NET 9, not here", map[string]string{"app/app.runtimeconfig.json": config(needs10, "10.0.0", "9.0.0")}, "the app needs Microsoft.NETCore.App 9.0.0", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			files := whole()
			for name, text := range c.set {
				if files[name] = text; text == "-" {
					delete(files, name)
				}
			}
			dir, root := place(t, files)
			t.Setenv("PATH", root)
			t.Setenv("DOTNET_ROOT", "")
			t.Setenv("DOTNET_ROLL_FORWARD", "")
			a, err := read(dir)
			one(t, "Read and Check", err, c.says)
			if c.says != "" {
				return
			}
			if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
				c.in = "runs on linux/amd64 only"
			}
			one(t, "CheckInProcess", a.CheckInProcess(), c.in)
		})
	}
}

// one fails unless an error is there if it should be, and says so in one line.
func one(t *testing.T, what string, err error, says string) {
	t.Helper()
	switch {
	case err == nil && says == "":
	case err == nil || says == "" || !strings.Contains(err.Error(), says):
		t.Errorf("%s: %v, want %q", what, err, says)
	case strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: more than a line: %v", what, err)
	}
}

func TestOtherProgramsAreNoApps(t *testing.T) {
	for _, config := range []string{
		`processPath="node" arguments="app.js"`, `processPath="dotnet" arguments="--info"`, `processPath=".\server.exe"`,
	} {
		dir, root := place(t, map[string]string{"app/web.config": `<configuration><system.webServer><aspNetCore ` + config + ` /></system.webServer></configuration>`, "dotnet/dotnet": ""})
		t.Setenv("PATH", root)
		if a, err := read(dir); !errors.Is(err, ErrOtherProgram) {
			t.Errorf("%s: %+v %v", config, a, err)
		}
	}
}

// The version that .NET takes: the newest patch of the nearest minor version.
func TestRuntimeThatIsTaken(t *testing.T) {
	for _, c := range []struct{ wants, policy, has, takes string }{
		{"10.0.0", "", "10.0.11 10.0.12 10.0.9 10.1.3 11.0.0", "10.0.12"},
		{"10.0.0", "", "10.1.3 10.2.0 11.0.0", "10.1.3"},
		{"10.0.0", "", "9.0.1 11.0.0", ""},
		{"10.0.0", "LatestMajor", "9.0.1 11.0.0", "11.0.0"},
		{"10.0.12", "", "10.0.11", ""},
		{"10.0.0", "", "10.0.0-rc.2 10.0.3", "10.0.3"},
	} {
		files := whole()
		for name := range files {
			if strings.Contains(name, "AspNetCore.App/") {
				delete(files, name)
			}
		}
		for v := range strings.FieldsSeq(c.has) {
			files["dotnet/shared/Microsoft.AspNetCore.App/"+v+"/x"] = ""
		}
		files["app/app.runtimeconfig.json"] = `{"runtimeOptions": {"framework": {"name": "Microsoft.AspNetCore.App", "version": "` + c.wants + `"}, "rollForward": "` + c.policy + `"}}`
		dir, root := place(t, files)
		t.Setenv("PATH", root)
		t.Setenv("DOTNET_ROLL_FORWARD", "")
		if a, err := read(dir); a.Version() != c.takes || (err == nil) != (c.takes != "") {
			t.Errorf("%+v: %q %v", c, a.Version(), err)
		}
	}
}

// What the SDK publishes can be hosted, by this machine's .NET.
func TestPublishedAppIsWhole(t *testing.T) {
	sdk, err := dotnet.Find()
	if err != nil {
		t.Skip(err)
	}
	t.Setenv("PATH", sdk.Root+":"+os.Getenv("PATH"))
	dir, err := sdk.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a, err := read(dir)
	if err != nil || a.Config.Major() != 10 || a.Config.Target != "net10.0" || !a.Config.ServerGC || !strings.HasPrefix(a.Version(), "10.0.") || a.Config.SelfContained() {
		t.Errorf("%+v %q %v", a, a.Version(), err)
	}
	if err := a.CheckInProcess(); err != nil && runtime.GOOS+runtime.GOARCH == "linuxamd64" {
		t.Error(err)
	}
	if _, err := os.Stat(a.Assembly); err != nil {
		t.Error(err)
	}
}

// A version that was tested has no note, any other of .NET 10 has.
func TestNote(t *testing.T) {
	for version, says := range map[string]bool{"10.0.12": false, "10.0.99": true, "9.0.1": false} {
		a := App{Config: RuntimeConfig{Included: []Framework{{ASPNETCore, version}}}}
		if got := a.Note(); (got != "") != says || says && !strings.Contains(got, version) {
			t.Errorf("%s: %q", version, got)
		}
	}
}
