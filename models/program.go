//go:build unix || windows

package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"ancmbench"
	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/ancm/clr"
	"ancmbench/models/ancm/webconfig"
)

// Program is the program of a web.config as it is started and asked without a module in
// front of it: in the environment that the module would make, and with the fields that the
// module would send, so that the program does the same work.
type Program struct {
	// Args are its file and its arguments.
	Args []string
	Dir  string
	// Environment is whole. PortVariable is for the caller to add: where it must listen.
	Environment  []string
	PortVariable string
	// Header has the pairing token, without which many programs refuse a request.
	Header []ancmbench.Field
	// StartLimit is how long it may take to listen.
	StartLimit time.Duration
}

// Program returns the program of o.WebConfig, with a new pairing token. It fails if the file
// cannot be read, names no program, or the program cannot be started as it is now.
func (o Options) Program() (Program, error) {
	config, _, err := o.module()
	if err != nil {
		return Program{}, err
	}
	if config.ProcessPath == "" {
		return Program{}, fmt.Errorf("%s has no processPath", o.WebConfig)
	}
	command := config.Program()
	path, err := command.Find()
	if err != nil {
		return Program{}, err
	}
	token := uuid.New().String()
	p := Program{Args: append([]string{path}, command.Args...), Dir: command.Dir, PortVariable: appprocess.EnvPort, StartLimit: config.StartupTimeLimit,
		Environment: appprocess.Options{Config: config, Command: command, Authentication: o.Native.authentication()}.Standalone(token),
		Header: []ancmbench.Field{{Name: "MS-ASPNETCORE-TOKEN", Value: token},
			{Name: "X-Forwarded-For", Value: "127.0.0.1"}, {Name: "X-Forwarded-Proto", Value: "http"}}}
	set := func(name string) bool {
		return slices.ContainsFunc(config.Environment, func(v webconfig.EnvironmentVariable) bool { return v.Name == name })
	}
	// Those of a site's processes are none of the program's; GOMAXPROCS is the site's.
	p.Environment = slices.DeleteFunc(p.Environment, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return (strings.HasPrefix(name, envPrefix) || name == "GOMAXPROCS") && !set(name)
	})
	return p, nil
}

// ErrNotBuilt is HostsProgram's error for a .NET app that other builds of ancmbench host
// in-process, and this one does not.
var ErrNotBuilt = clr.ErrNotBuilt

// HostsProgram returns nil if a site of this model can host the program of a web.config,
// and else why it cannot. The model direct is that program itself, started by the caller.
func HostsProgram(m ancmbench.Model, c webconfig.Config) error {
	switch {
	case m == ancmbench.OutOfProcessUnix:
		return fmt.Errorf("model %s: cannot give a Unix socket to a program of processPath", m)
	case m.Forwards(), m == ancmbench.Direct:
		return nil
	case m == ancmbench.InProcess:
		return cmp.Or(clr.Hostable(c), clr.Available())
	}
	return fmt.Errorf("model %s hosts ancmbench's own app and not the program of processPath", m)
}
