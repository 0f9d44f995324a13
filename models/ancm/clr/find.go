package clr

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

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
	app := published.App{Assembly: p.dll}
	if app.Config, err = published.ReadConfig(p.dll); err != nil {
		return nil // the start says so, with its status
	}
	return app.CheckKind(instead)
}

// assembly returns the app's assembly. It fails if the program is no .NET program.
func assembly(config webconfig.Config) (program, error) {
	dll, args, err := published.Assembly(config)
	if err != nil {
		return program{}, fmt.Errorf("processPath %s: in-process only .NET programs are hosted, and this is %w; Fix: %s", config.ProcessPath, err, instead)
	}
	p := program{args: args}
	if p.dir, err = filepath.Abs(config.PhysicalPath); err != nil {
		return p, err
	}
	p.dll, err = filepath.Abs(dll)
	return p, err
}

// instead is what would help an app that cannot be hosted here.
const instead = `hostingModel="outofprocess"`

// findProgram returns the app and the .NET that it runs on. It fails with a *StartError. What
// .NET itself says of better than we could, as a runtimeconfig.json that is damaged, it leaves
// to it.
func findProgram(config webconfig.Config) (program, error) {
	p, err := assembly(config)
	if err != nil {
		return p, faultf(NotStarted, "%v", err)
	}
	if err := published.CheckAssembly(p.dll); err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, published.ErrNoFile) {
			return p, faultf(NoAssembly, "%v", err)
		}
		return p, faultf(NotStarted, "%v", err)
	}
	app := published.App{Assembly: p.dll}
	app.Config, err = published.ReadConfig(p.dll)
	known := err == nil
	if known {
		err = app.CheckKind(instead)
	}
	if known && err != nil || errors.Is(err, published.ErrNoFile) {
		return p, faultf(NotStarted, "%v", err)
	}
	if err := published.CheckDependencies(p.dll); err != nil {
		return p, faultf(NotStarted, "%v", err)
	}
	folder := filepath.Dir(p.dll)
	if own := published.HostIn(folder); own != "" { // published with its own .NET
		p.fxr, app.Root = own, folder
	} else {
		root, err := published.FindRoot(config.Program().Path)
		if err != nil {
			return p, faultf(NoRuntime, "%v", err)
		}
		p.fxr, app.Root = root.Host, root.Dir
	}
	p.root, p.host = app.Root, filepath.Join(app.Root, "dotnet")
	if known {
		if err := app.CheckServer(instead); err != nil {
			return p, faultf(NotStarted, "%v", err)
		}
	}
	return p, nil
}
