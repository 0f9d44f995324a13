package clr

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/dotnet/published"
)

// program is an app of .NET, and the .NET that runs it.
type program struct {
	dll  string // the app's assembly, absolute
	args []string
	dir  string // the app's folder
	// fxr is libhostfxr.so, root the folder of .NET, and host the program dotnet in it.
	fxr, root, host string
}

// ErrNotBuilt is why most builds host no app in-process.
var ErrNotBuilt = errors.New("in-process hosting of a .NET app needs a build with CoreCLR (on linux/amd64, with a C compiler: go build -tags clr ./cmd/ancmbench)")

// Hostable returns why the program of a configuration cannot run in this process
// whatever .NET is here: it is no .NET program, or it was built for another version. It
// returns nil for one that can, as far as its files tell.
func Hostable(config webconfig.Config) error {
	p, err := assembly(config)
	if err != nil {
		return err
	}
	if !isFile(p.dll) {
		return nil // the start says so, with its status
	}
	return p.checkVersion()
}

// assembly returns the app's assembly. It fails if the program is no .NET program.
func assembly(config webconfig.Config) (program, error) {
	dll, args, err := published.Assembly(config)
	if err != nil {
		return program{}, fmt.Errorf("processPath %s: in-process only .NET programs are hosted, and this is %w; Fix: hostingModel=\"outofprocess\"", config.ProcessPath, err)
	}
	p := program{args: args}
	if p.dir, err = filepath.Abs(config.PhysicalPath); err != nil {
		return p, err
	}
	p.dll, err = filepath.Abs(dll)
	return p, err
}

// checkVersion fails if the app is no ASP.NET Core app, or one for another version of .NET. A
// file that is not there, or cannot be read, is hostfxr's to complain of.
func (p program) checkVersion() error {
	c, err := published.ReadConfig(p.dll)
	if err != nil {
		return nil
	}
	version := c.ASPNETCoreVersion()
	if version == "" {
		return fmt.Errorf("%s: is not an ASP.NET Core app, which in-process hosting needs: its runtimeconfig.json names no %s", filepath.Base(p.dll), published.ASPNETCore)
	}
	if n, _, _ := strings.Cut(version, "."); n != strconv.Itoa(published.InProcessMajor) {
		return fmt.Errorf("%s: is built for ASP.NET Core %s, and in-process hosting here needs %d; Fix: hostingModel=\"outofprocess\"", filepath.Base(p.dll), version, published.InProcessMajor)
	}
	return nil
}

// findProgram returns the app and the .NET that it runs on. It fails with a *StartError.
func findProgram(config webconfig.Config) (program, error) {
	p, err := assembly(config)
	if err != nil {
		return p, faultf(NotStarted, "%v", err)
	}
	if !isFile(p.dll) {
		return p, faultf(NoAssembly, "the app's assembly %s is not there", p.dll)
	}
	if err := p.checkVersion(); err != nil {
		return p, faultf(NotStarted, "%v", err)
	}
	folder := filepath.Dir(p.dll)
	if own := filepath.Join(folder, "libhostfxr.so"); isFile(own) { // published with its own .NET
		p.fxr, p.root, p.host = own, folder, filepath.Join(folder, "dotnet")
		return p, nil
	}
	var tried []string
	for _, root := range roots(config.Program().Path) {
		if p.fxr = newestHost(root); p.fxr != "" {
			p.root, p.host = root, filepath.Join(root, "dotnet")
			return p, nil
		}
		tried = append(tried, root)
	}
	return p, faultf(NoRuntime, ".NET is not here: no host/fxr/*/libhostfxr.so in %s; Fix: install the ASP.NET Core runtime %d, or set DOTNET_ROOT",
		cmp.Or(strings.Join(tried, ", "), "any folder that PATH or DOTNET_ROOT names"), published.InProcessMajor)
}

// roots returns the folders in which .NET may be: that of the dotnet that would run
// out-of-process first.
func roots(command string) (out []string) {
	add := func(root string) {
		if root != "" && !slices.Contains(out, root) {
			out = append(out, root)
		}
	}
	if filepath.Base(command) != "dotnet" {
		command = "dotnet"
	}
	if path, err := exec.LookPath(command); err == nil || errors.Is(err, exec.ErrDot) {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			if real, err = filepath.Abs(real); err == nil {
				add(filepath.Dir(real))
			}
		}
	}
	add(os.Getenv("DOTNET_ROOT_X64"))
	add(os.Getenv("DOTNET_ROOT"))
	if b, err := os.ReadFile("/etc/dotnet/install_location"); err == nil {
		add(strings.TrimSpace(string(b)))
	}
	add("/usr/share/dotnet")
	add("/usr/lib/dotnet")
	return out
}

var version = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)(-.*)?$`)

// newestHost returns the libhostfxr.so with the highest version below root, "" if none.
func newestHost(root string) string {
	entries, err := os.ReadDir(filepath.Join(root, "host", "fxr"))
	if err != nil {
		return ""
	}
	var best []string
	for _, e := range entries {
		v := version.FindStringSubmatch(e.Name())
		if v != nil && isFile(filepath.Join(root, "host", "fxr", e.Name(), "libhostfxr.so")) && (best == nil || compare(v, best) > 0) {
			best = v
		}
	}
	if best == nil {
		return ""
	}
	return filepath.Join(root, "host", "fxr", best[0], "libhostfxr.so")
}

// compare orders two matches of version; a preview comes before its release.
func compare(a, b []string) int {
	for i := 1; i <= 3; i++ {
		x, _ := strconv.Atoi(a[i]) // digits alone, as the pattern has it
		y, _ := strconv.Atoi(b[i])
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	if (a[4] == "") != (b[4] == "") {
		return cmp.Compare(len(b[4]), len(a[4]))
	}
	return cmp.Compare(a[4], b[4])
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
