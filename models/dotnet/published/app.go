package published

import (
	"debug/pe"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ancmbench/models/ancm/webconfig"
)

// App is a published app.
type App struct {
	// Dir is the folder of web.config.
	Dir string
	// Assembly is the path of the assembly that is started, app.dll.
	Assembly string
	// Root is the folder of the .NET that runs the app; its own folder if it is
	// self-contained.
	Root string
	// Config is what is read of its runtimeconfig.json.
	Config RuntimeConfig
}

// ErrOtherProgram is the error of Read for a program that is no app in .NET.
var ErrOtherProgram = errors.New("not an app in .NET")

// Read returns the app that a web.config starts: "dotnet app.dll", or the app's own
// executable with app.dll beside it. It fails with ErrOtherProgram for any other program,
// and in one sentence for an app that is not whole.
func Read(c webconfig.Config) (App, error) {
	if c.ProcessPath == "" {
		return App{}, ErrOtherProgram
	}
	command := c.Program()
	a := App{Dir: c.PhysicalPath}
	if name := strings.ToLower(filepath.Base(command.Path)); name == "dotnet" || name == "dotnet.exe" {
		i := slices.IndexFunc(command.Args, func(arg string) bool { return strings.EqualFold(filepath.Ext(arg), ".dll") })
		if i < 0 {
			return App{}, ErrOtherProgram
		}
		a.Assembly = strings.ReplaceAll(command.Args[i], `\`, "/")
	} else {
		a.Assembly = strings.TrimSuffix(command.Path, ".exe") + ".dll"
		if _, err := os.Stat(a.Assembly); errors.Is(err, fs.ErrNotExist) {
			return App{}, ErrOtherProgram
		}
	}
	if !filepath.IsAbs(a.Assembly) {
		a.Assembly = filepath.Join(a.Dir, a.Assembly)
	}
	if err := checkAssembly(a.Assembly); err != nil {
		return App{}, err
	}
	var err error
	if a.Config, err = readConfig(strings.TrimSuffix(a.Assembly, ".dll") + ".runtimeconfig.json"); err != nil {
		return App{}, err
	}
	if a.Config.SelfContained() {
		a.Root = filepath.Dir(a.Assembly)
		return a, nil
	}
	a.Root, err = root(command)
	return a, err
}

// root returns the folder of the .NET that a command names, else the one of DOTNET_ROOT.
func root(command webconfig.Command) (string, error) {
	if strings.HasPrefix(strings.ToLower(filepath.Base(command.Path)), "dotnet") {
		path, err := command.Find()
		if err != nil {
			return "", fmt.Errorf(".NET is not here: %w", err) // with what would help
		}
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", fmt.Errorf("dotnet: %w", err)
		}
		return filepath.Dir(path), nil
	}
	if dir := os.Getenv("DOTNET_ROOT"); dir != "" {
		return dir, nil
	}
	for _, dir := range []string{"/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet"} { // where packages put it
		if _, err := os.Stat(filepath.Join(dir, "shared")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New(".NET is not here: DOTNET_ROOT is not set, and it is in no usual folder; Fix: install .NET with the ASP.NET Core runtime, and set DOTNET_ROOT")
}

// cliHeader is the entry of the PE header's directories that only assemblies have.
const cliHeader = 14

// checkAssembly fails if the file is not there or is no .NET assembly.
func checkAssembly(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing, which web.config starts; Fix: publish again, with dotnet publish -c Release", path)
	}
	f, err := pe.Open(path)
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
	return nil
}
