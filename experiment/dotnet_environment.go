package experiment

import (
	"strings"

	"ancmbench"
)

// logLevel is the level of logging of every app in ASP.NET Core, unless the user says
// otherwise. By default such an app writes two lines for each request, which would be most of
// what is measured.
const logLevel = "Logging__LogLevel__Default"

// dotnetEnvironment returns the variables that every target gets, so that an app in .NET has
// the same settings in all of them. lookup finds a variable of our own environment, which the
// targets inherit.
func dotnetEnvironment(cfg Config, lookup func(string) (string, bool)) []string {
	var s ancmbench.DotnetSettings
	if cfg.Profile.Dotnet != nil {
		s = cfg.Profile.Dotnet.Settings
	}
	var env []string
	if _, said := lookup(logLevel); cfg.Program != "" && !said {
		env = append(env, logLevel+"=Warning")
	}
	switch s.GC {
	case "server":
		env = append(env, "DOTNET_gcServer=1")
	case "workstation":
		env = append(env, "DOTNET_gcServer=0")
	}
	for _, of := range []struct {
		name string
		on   *bool
	}{
		{"DOTNET_TieredPGO", s.TieredPGO},
		{"DOTNET_TieredCompilation", s.TieredCompilation},
		{"DOTNET_ReadyToRun", s.ReadyToRun},
	} {
		switch {
		case of.on == nil:
		case *of.on:
			env = append(env, of.name+"=1")
		default:
			env = append(env, of.name+"=0")
		}
	}
	for _, v := range s.Environment {
		if strings.EqualFold(v.Name, logLevel) && len(env) > 0 && env[0] == logLevel+"=Warning" {
			env = env[1:]
		}
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}
