package published

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Root is the folder of a .NET of this machine.
type Root struct {
	// Dir is the folder itself.
	Dir string
	// Host is the library that starts apps, hostfxr, of the highest version in it.
	Host string
}

// FindRoot returns the .NET that runs apps. It is that of command, a dotnet, as it would be
// started; else the first that DOTNET_ROOT_X64, DOTNET_ROOT and the usual places name. It fails
// in one sentence if there is none with a host.
func FindRoot(command string) (Root, error) {
	var tried []string
	for _, dir := range roots(command) {
		if host := newestHost(dir); host != "" {
			return Root{dir, host}, nil
		}
		tried = append(tried, dir)
	}
	return Root{}, fmt.Errorf(".NET is not here: no host/fxr/*/%s in %s; Fix: install the ASP.NET Core runtime %d, or set DOTNET_ROOT",
		hostName, cmp.Or(strings.Join(tried, ", "), "any folder that PATH or DOTNET_ROOT names"), InProcessMajor)
}

// roots returns the folders in which .NET may be, in the order of FindRoot.
func roots(command string) (out []string) {
	add := func(root string) {
		if root != "" && !slices.Contains(out, root) {
			out = append(out, root)
		}
	}
	if !isDotnet(command) {
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
	for _, dir := range []string{"/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet"} { // where packages put it
		add(dir)
	}
	return out
}

// isDotnet reports whether a program is .NET's own, and not an app.
func isDotnet(program string) bool {
	name := strings.ToLower(filepath.Base(program))
	return name == "dotnet" || name == "dotnet.exe"
}

var (
	hostVersion = regexp.MustCompile(`^(\d+)\.(\d+)\.(\d+)(-.*)?$`)
	hostName    = cmp.Or(map[string]string{"windows": "hostfxr.dll", "darwin": "libhostfxr.dylib"}[runtime.GOOS], "libhostfxr.so")
)

// HostIn returns the host in a folder, "" if none is there: a self-contained app brings its own.
func HostIn(dir string) string {
	if path := filepath.Join(dir, hostName); isFile(path) {
		return path
	}
	return ""
}

// newestHost returns the host with the highest version below root, "" if none.
func newestHost(root string) string {
	entries, err := os.ReadDir(filepath.Join(root, "host", "fxr"))
	if err != nil {
		return ""
	}
	var best []string
	for _, e := range entries {
		v := hostVersion.FindStringSubmatch(e.Name())
		if v != nil && HostIn(filepath.Join(root, "host", "fxr", e.Name())) != "" && (best == nil || compare(v, best) > 0) {
			best = v
		}
	}
	if best == nil {
		return ""
	}
	return HostIn(filepath.Join(root, "host", "fxr", best[0]))
}

// compare orders two matches of hostVersion; a preview comes before its release.
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
