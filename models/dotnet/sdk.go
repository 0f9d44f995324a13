package dotnet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// SDK is a .NET SDK of this machine that builds and runs ASP.NET Core apps.
type SDK struct {
	// Root is the folder of .NET, as DOTNET_ROOT names it.
	Root string
	// Version is that of the SDK, "10.0.401".
	Version string
}

// major is the version of .NET that the app is written for.
const major = "10"

// Find returns the .NET that DOTNET_ROOT names, else the one on PATH. It fails in one
// sentence that says what is missing: .NET itself, its SDK, or ASP.NET Core.
func Find() (SDK, error) {
	root := os.Getenv("DOTNET_ROOT")
	if root == "" {
		command, err := exec.LookPath("dotnet")
		if err != nil {
			return SDK{}, fmt.Errorf(".NET is not here: neither DOTNET_ROOT is set nor dotnet on PATH; Fix: install the SDK of .NET %s", major)
		}
		if command, err = filepath.EvalSymlinks(command); err != nil {
			return SDK{}, fmt.Errorf("dotnet on PATH: %w", err)
		}
		root = filepath.Dir(command)
	}
	s := SDK{Root: root}
	if info, err := os.Stat(s.Command()); err != nil || info.IsDir() {
		return SDK{}, fmt.Errorf("there is no dotnet in %s, which DOTNET_ROOT names", root)
	}
	if s.Version = newest(filepath.Join(root, "sdk")); s.Version == "" {
		return SDK{}, fmt.Errorf(".NET in %s has no SDK %s, only what runs apps; Fix: install the SDK of .NET %s", root, major, major)
	}
	if newest(filepath.Join(root, "shared", "Microsoft.AspNetCore.App")) == "" {
		return SDK{}, fmt.Errorf(".NET in %s has no ASP.NET Core %s; Fix: install the ASP.NET Core runtime", root, major)
	}
	return s, nil
}

// Command returns the path of dotnet itself.
func (s SDK) Command() string { return filepath.Join(s.Root, "dotnet"+exeSuffix) }

var release = regexp.MustCompile(`^` + major + `\.(\d+)\.(\d+)$`)

// newest returns the highest released version of which dir has a folder, "" if none.
func newest(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		if release.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.MaxFunc(names, func(a, b string) int {
		va, vb := release.FindStringSubmatch(a), release.FindStringSubmatch(b)
		return cmp.Or(cmp.Compare(number(va[1]), number(vb[1])), cmp.Compare(number(va[2]), number(vb[2])))
	})
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits) // digits alone, as the pattern has it
	return n
}

// Environment returns what a process of this .NET needs, NAME=value: where .NET is,
// and that nothing is sent to its makers.
func (s SDK) Environment() []string {
	return []string{
		"DOTNET_ROOT=" + s.Root,
		"PATH=" + s.Root + string(os.PathListSeparator) + os.Getenv("PATH"),
		"DOTNET_CLI_TELEMETRY_OPTOUT=1",
		"DOTNET_NOLOGO=1",
		"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", // libicu may be absent
	}
}

// run runs dotnet in dir; its output is in the error. Nothing of it stays behind.
func (s SDK) run(ctx context.Context, dir string, arguments ...string) error {
	cmd := exec.CommandContext(ctx, s.Command(), arguments...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), s.Environment()...),
		"DOTNET_CLI_HOME="+dir, // HOME may be unset
		"NUGET_PACKAGES="+filepath.Join(dir, "packages"),
		"MSBUILDDISABLENODEREUSE=1",
		"DOTNET_CLI_USE_MSBUILD_SERVER=0",
	)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	said := strings.TrimSpace(string(out))
	if len(said) > mostSaid {
		said = "..." + said[len(said)-mostSaid:]
	}
	return errors.Join(fmt.Errorf("dotnet %s: %w", arguments[0], cmp.Or(ctx.Err(), err)), errors.New(said))
}

// mostSaid bounds what an error quotes of dotnet, in bytes.
const mostSaid = 2000
