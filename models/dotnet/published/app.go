package published

import (
	"errors"
	"fmt"
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
	if err := CheckAssembly(a.Assembly); err != nil {
		return App{}, err
	}
	if err := CheckDependencies(a.Assembly); err != nil {
		return App{}, err
	}
	if a.Config, err = ReadConfig(a.Assembly); err != nil {
		return App{}, err
	}
	if a.Config.SelfContained() {
		a.Root = filepath.Dir(a.Assembly)
		return a, nil
	}
	command := c.Program()
	if isDotnet(command.Path) {
		if _, err := command.Find(); err != nil {
			return a, fmt.Errorf(".NET is not here: %w", err) // with what would help
		}
	}
	root, err := FindRoot(command.Path)
	a.Root = root.Dir
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
	if isDotnet(command.Path) {
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
