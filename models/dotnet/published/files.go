package published

import (
	"debug/pe"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoFile is the error for a path of the app's that is there and is no file that can be read:
// a folder, a pipe, a loop of links. A reader of a pipe would wait for ever.
var ErrNoFile = errors.New("cannot be read")

// checkFile fails with fs.ErrNotExist or ErrNoFile unless path is a regular file.
func checkFile(path string) error {
	info, err := os.Stat(path)
	var cause *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return err
	case errors.As(err, &cause):
		return fmt.Errorf("%s %w: %w", path, ErrNoFile, cause.Err)
	case err != nil:
		return fmt.Errorf("%s %w: %w", path, ErrNoFile, err)
	case info.IsDir():
		return fmt.Errorf("%s %w: it is a folder; Fix: publish again", path, ErrNoFile)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s %w: it is no regular file; Fix: publish again", path, ErrNoFile)
	}
	return nil
}

// beside returns the path of a file of an assembly: app.dll has app.runtimeconfig.json.
func beside(assembly, suffix string) string {
	return strings.TrimSuffix(assembly, filepath.Ext(assembly)) + suffix
}

// CheckDependencies fails with ErrNoFile if the deps.json of an assembly is there, and no file.
// .NET does without it, and says itself if it is damaged.
func CheckDependencies(assembly string) error {
	path := beside(assembly, ".deps.json")
	if _, err := os.Stat(path); err != nil {
		return nil // .NET takes what it cannot find as missing
	}
	return checkFile(path)
}

// cliHeader is the entry of the PE header's directories that only assemblies have.
const cliHeader = 14

// CheckAssembly fails if the file is not there, which is fs.ErrNotExist, or is no .NET assembly.
func CheckAssembly(path string) error {
	switch err := checkFile(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w, which web.config starts; Fix: publish again, with dotnet publish -c Release", missing(path))
	case err != nil:
		return err
	}
	f, err := pe.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s %w: %w", path, ErrNoFile, fs.ErrPermission)
	}
	if err != nil {
		return fmt.Errorf("%s is damaged, or no assembly (%w); Fix: publish again", path, err)
	}
	defer f.Close()
	var size uint32
	switch h := f.OptionalHeader.(type) {
	case *pe.OptionalHeader32:
		size = h.DataDirectory[cliHeader].Size
	case *pe.OptionalHeader64:
		size = h.DataDirectory[cliHeader].Size
	}
	if size == 0 {
		return fmt.Errorf("%s is a program, and no .NET assembly; Fix: name the app's assembly in web.config", path)
	}
	info, err := os.Stat(path)
	for _, s := range f.Sections {
		if err == nil && int64(s.Offset)+int64(s.Size) > info.Size() {
			return fmt.Errorf("%s is damaged, or no assembly (it is cut off); Fix: publish again", path)
		}
	}
	return nil
}

// missing is the error for a file that is not there.
type missing string

func (m missing) Error() string        { return string(m) + " is missing" }
func (m missing) Is(target error) bool { return target == fs.ErrNotExist }
