package webconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Command is the command that starts the app.
type Command struct {
	// Path is found as os/exec does it: in PATH unless it has a separator.
	Path string
	// Args come after the program's name.
	Args []string
	// Name is its argument 0; empty means Path.
	Name string
	// Dir is the folder it starts in; empty means this process's.
	Dir string
	// Controlled means that the program inherits a control channel as descriptor 3, and
	// says on it when it listens. If false, the process manager looks at its port.
	Controlled bool
}

// programPath returns processPath in the form of this system. "dotnet.exe", in any
// folder, is the dotnet of this system, and ".\app.exe" is the file "app" if a publish
// for this system has made one.
func (c Config) programPath() string {
	path := slashes(c.ProcessPath)
	if runtime.GOOS == "windows" || !strings.EqualFold(filepath.Ext(path), ".exe") || isFile(c.inFolder(path)) {
		return path
	}
	if strings.EqualFold(baseName(path), "dotnet.exe") {
		return "dotnet"
	}
	if plain := path[:len(path)-len(".exe")]; isFile(c.inFolder(plain)) {
		return plain
	}
	return path
}

func (c Config) inFolder(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.PhysicalPath, path)
}

// ofWindows reports whether a path has a drive, on a system without drives.
func ofWindows(path string) bool {
	return runtime.GOOS != "windows" && len(path) > 2 && path[1] == ':' && (path[2] == '/' || path[2] == '\\')
}

func baseName(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// ProgramNote returns a sentence about how processPath is understood if it names a
// program of Windows; empty otherwise.
func (c Config) ProgramNote() string {
	if path := c.programPath(); path != slashes(c.ProcessPath) {
		return fmt.Sprintf("processPath %s: understood as %s", c.ProcessPath, path)
	}
	return ""
}

// Check fails if the program cannot be started as it is now. The error says what would
// help.
func (c Command) Check() error {
	_, err := c.Find()
	return err
}

// Find returns the path of the program's file. It fails if the program cannot be
// started as it is now; the error says what would help.
func (c Command) Find() (string, error) {
	path, err := exec.LookPath(c.Path)
	if err != nil {
		return "", fmt.Errorf("processPath %s: %w%s", c.Path, err, c.hint(err))
	}
	if len(c.Args) > 0 && baseName(path) == "dotnet" && strings.EqualFold(filepath.Ext(c.Args[0]), ".dll") {
		dll := slashes(c.Args[0])
		if !filepath.IsAbs(dll) {
			dll = filepath.Join(c.Dir, dll)
		}
		if info, err := os.Stat(dll); err == nil && !info.Mode().IsRegular() {
			return "", fmt.Errorf("arguments: %s is not a file (folder %s)", c.Args[0], filepath.Dir(dll))
		}
		if !isFile(dll) {
			return "", fmt.Errorf("arguments: %s is not there (folder %s)%s", c.Args[0], filepath.Dir(dll), otherCase(dll))
		}
	}
	return path, nil
}

// hint returns what would help a program to be found, as the end of a sentence, or
// nothing.
func (c Command) hint(err error) string {
	switch base := baseName(c.Path); {
	case ofWindows(c.Path):
		return "; this is a path of Windows: write where the program is on this system"
	case base == "dotnet":
		return "; is .NET installed, and in PATH?"
	case errors.Is(err, fs.ErrPermission):
		return "; is it executable? (chmod +x)"
	case otherCase(c.Path) != "":
		return otherCase(c.Path)
	case runtime.GOOS != "windows" && strings.EqualFold(filepath.Ext(base), ".exe"):
		return fmt.Sprintf(`; a program for Windows does not run here: publish for this system, or write processPath="dotnet" arguments=".\%s.dll"`, base[:len(base)-len(".exe")])
	}
	return ""
}

// otherCase returns a hint that names a file whose name differs from path's in case
// only.
func otherCase(path string) string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if name := filepath.Base(path); e.Name() != name && strings.EqualFold(e.Name(), name) {
			return fmt.Sprintf("; there is %s, whose case differs", e.Name())
		}
	}
	return ""
}
