package webconfig

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Program returns the command of processPath and arguments: a file in the app's folder
// if there is one, else a program in PATH (CF-01, CF-02). On systems with another
// separator it replaces backslashes in processPath, and in an argument that names a
// file in the app's folder (".\MyApp.dll", as published), so that one web.config serves
// all systems.
func (c Config) Program() Command {
	path := c.programPath()
	local, err := localPath(path)
	if err == nil {
		path = local // else the start fails by the name that the file has
	}
	if err == nil && !filepath.IsAbs(path) && c.PhysicalPath != "" {
		local := filepath.Join(c.PhysicalPath, path)
		if isFile(local) || strings.ContainsAny(path, `/\`) {
			path = local
		}
	}
	args := SplitArguments(c.Arguments)
	for i, a := range args {
		if strings.HasPrefix(a, `.\`) && isFile(filepath.Join(c.PhysicalPath, slashes(a))) {
			args[i] = slashes(a)
		}
	}
	return Command{Path: path, Args: args, Dir: c.PhysicalPath}
}

func slashes(path string) string {
	if runtime.GOOS == "windows" {
		return path
	}
	return strings.ReplaceAll(path, `\`, "/")
}

// localPath returns a path of a web.config in the form of this system, with its
// separator and without a leading `\\?\`. It fails on drives and shares, which only
// Windows has: they would become folders with strange names.
func localPath(path string) (string, error) {
	if runtime.GOOS == "windows" {
		return path, nil
	}
	rest := slashes(path)
	whole := false
	for _, prefix := range []string{"//?/", "//./"} {
		if after, cut := strings.CutPrefix(rest, prefix); cut {
			rest, whole = after, true
		}
	}
	switch {
	case len(rest) > 1 && rest[1] == ':' && isLetter(rest[0]):
		return "", fmt.Errorf("%q: there is no drive %s on this system", short(path), rest[:2])
	case whole && !strings.HasPrefix(rest, "/"):
		return "", fmt.Errorf("%q: what follows %s must be an absolute path of this system", short(path), path[:4])
	case strings.HasPrefix(rest, "//") && strings.Contains(path, `\`):
		return "", fmt.Errorf("%q: this system has no shares", short(path))
	}
	return rest, nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// logFile returns the path of a log file that the web.config names. A relative path is
// in the app's folder. It fails as localPath does.
func (c Config) logFile(path string) (string, error) {
	path, err := localPath(path)
	if err == nil && !filepath.IsAbs(path) {
		path = filepath.Join(c.PhysicalPath, path)
	}
	return path, err
}
