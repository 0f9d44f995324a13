package published

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// InProcessMajor is the version of .NET whose apps are hosted in-process.
const InProcessMajor = 10

// Tested are the versions of ASP.NET Core with which in-process hosting was tested.
var Tested = []string{"10.0.11", "10.0.12", "10.0.15"}

// Check fails in one sentence if .NET here cannot run the app.
func (a App) Check() error {
	for _, f := range a.Config.Frameworks {
		if _, err := a.resolve(f); err != nil {
			return err // another framework of the same version would say the same
		}
	}
	return nil
}

// Version returns the version of ASP.NET Core that runs the app, empty if it uses none, or
// Check fails.
func (a App) Version() string {
	for _, f := range a.Config.Included {
		if f.Name == ASPNETCore {
			return f.Version
		}
	}
	for _, f := range a.Config.Frameworks {
		if f.Name == ASPNETCore {
			version, _ := a.resolve(f)
			return version
		}
	}
	return ""
}

// resolve returns the version of a framework that .NET takes: the newest patch of the least
// minor version that is not older than what the app asks for. A policy of the user's that
// goes further takes any newer one.
func (a App) resolve(f Framework) (string, error) {
	dir := filepath.Join(a.Root, "shared", f.Name)
	entries, _ := os.ReadDir(dir)
	var found []string
	for _, e := range entries {
		if _, ok := parseVersion(e.Name()); ok && e.IsDir() {
			found = append(found, e.Name())
		}
	}
	wanted, ok := parseVersion(f.Version)
	if !ok {
		return "", nil // a preview: .NET itself will say whether it has it
	}
	policy := strings.ToLower(cmp.Or(os.Getenv("DOTNET_ROLL_FORWARD"), a.Config.RollForward, "Minor"))
	var best [3]int
	version := ""
	for _, name := range found {
		v, _ := parseVersion(name)
		if slices.Compare(v[:], wanted[:]) < 0 || v[0] != wanted[0] && !strings.Contains(policy, "major") {
			continue
		}
		nearer := slices.Compare(v[:2], best[:2]) < 0 || slices.Equal(v[:2], best[:2]) && v[2] > best[2]
		if version == "" || nearer {
			best, version = v, name
		}
	}
	switch {
	case version != "":
		return version, nil
	case len(found) == 0 && f.Name == ASPNETCore:
		return "", fmt.Errorf(".NET in %s has no ASP.NET Core, only what runs other apps; Fix: install the ASP.NET Core runtime %d.%d", a.Root, wanted[0], wanted[1])
	case len(found) == 0:
		return "", fmt.Errorf(".NET in %s has no %s; Fix: install .NET %d.%d", a.Root, f.Name, wanted[0], wanted[1])
	}
	return "", fmt.Errorf("the app needs %s %s, and .NET in %s has %s; Fix: install .NET %d.%d", f.Name, f.Version, a.Root, strings.Join(found, ", "), wanted[0], wanted[1])
}

// CheckInProcess fails in one sentence if the app cannot be hosted in-process, whatever .NET
// here can do otherwise.
func (a App) CheckInProcess() error {
	const instead = "host it out-of-process, with --model=direct,out-of-process"
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("in-process hosting of an app in .NET runs on linux/amd64 only, and this is %s/%s; Fix: %s", runtime.GOOS, runtime.GOARCH, instead)
	}
	return cmp.Or(a.CheckKind(instead), a.CheckServer(instead))
}

// CheckKind fails in one sentence if the app is none that is hosted in-process, by what it says
// of itself. instead says what would help.
func (a App) CheckKind(instead string) error {
	name, version := filepath.Base(a.Assembly), a.Config.ASPNETCoreVersion()
	major, _, _ := strings.Cut(version, ".")
	switch {
	case version == "":
		return fmt.Errorf("%s is not an ASP.NET Core app, which in-process hosting needs: its runtimeconfig.json names no %s; Fix: %s", name, ASPNETCore, instead)
	case major != strconv.Itoa(InProcessMajor):
		return fmt.Errorf("%s is built for ASP.NET Core %s, and in-process hosting takes apps of %d; Fix: %s", name, version, InProcessMajor, instead)
	case a.Config.NoStartupHooks:
		return fmt.Errorf("%s switches startup hooks off (System.StartupHookProvider.IsSupported), as trimmed apps do, and in-process hosting needs one; Fix: %s, or publish without trimming", name, instead)
	}
	return nil
}

// server is the assembly of IISHttpServer, and serverType its type as metadata has it.
const server = "Microsoft.AspNetCore.Server.IIS.dll"

var serverType = []byte("\x00IISHttpServer\x00")

// CheckServer fails in one sentence if the app's ASP.NET Core has no IISHttpServer: what
// distributions build from source for Linux leaves it out. instead says what would help.
func (a App) CheckServer(instead string) error {
	dir := a.Root // a self-contained app has all in its folder
	if !a.Config.SelfContained() {
		version := a.Version()
		if version == "" {
			return nil // Check says why
		}
		dir = filepath.Join(a.Root, "shared", ASPNETCore, version)
	}
	b, err := os.ReadFile(filepath.Join(dir, server))
	if err != nil || !bytes.Contains(b, serverType) {
		return fmt.Errorf("ASP.NET Core in %s has no IISHttpServer, as where it was built from source without it; Fix: %s, or install Microsoft's build of .NET", dir, instead)
	}
	return nil
}

// Note returns a sentence about what was not tested, and "" if there is none.
func (a App) Note() string {
	if v := a.Version(); v != "" && a.Config.Major() == InProcessMajor && !slices.Contains(Tested, v) {
		return fmt.Sprintf("ASP.NET Core %s was not tested in-process (%s were): whether its interface is known is checked when it starts", v, strings.Join(Tested, ", "))
	}
	return ""
}
