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
	a := App{Dir: c.PhysicalPath}
	var err error
	if a.Assembly, _, err = Assembly(c); err != nil {
		return App{}, err
	}
	if err := checkAssembly(a.Assembly); err != nil {
		return App{}, err
	}
	if a.Config, err = ReadConfig(a.Assembly); err != nil {
		return App{}, err
	}
	if a.Config.SelfContained() {
		a.Root = filepath.Dir(a.Assembly)
		return a, nil
	}
	a.Root, err = root(c.Program())
	return a, err
}

// Assembly returns the path of the assembly that a web.config starts, and the arguments for
// the app: the first .dll among the arguments of dotnet, or what lies beside a program that
// dotnet publish has made. It fails with ErrOtherProgram for any other program; whether the
// file is there is not looked at.
func Assembly(c webconfig.Config) (path string, args []string, err error) {
	if c.ProcessPath == "" {
		return "", nil, ErrOtherProgram
	}
	command := c.Program()
	args = command.Args
	if name := strings.ToLower(filepath.Base(command.Path)); name == "dotnet" || name == "dotnet.exe" {
		i := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(filepath.Ext(arg), ".dll") })
		if i < 0 {
			return "", nil, fmt.Errorf("%w: dotnet has no .dll among its arguments, %q", ErrOtherProgram, c.Arguments)
		}
		path, args = strings.ReplaceAll(args[i], `\`, "/"), args[i+1:]
	} else {
		plain := strings.TrimSuffix(strings.ReplaceAll(command.Path, `\`, "/"), ".exe")
		path = plain + ".dll"
		if !isThere(c, path) && !isThere(c, plain+".runtimeconfig.json") {
			return "", nil, fmt.Errorf("%w: there is no %s.runtimeconfig.json", ErrOtherProgram, filepath.Base(plain))
		}
	}
	return within(c, path), args, nil
}

// within returns a path of the app's folder.
func within(c webconfig.Config, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.PhysicalPath, path)
}

func isThere(c webconfig.Config, path string) bool {
	_, err := os.Stat(within(c, path))
	return err == nil
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
