package targets

import (
	"slices"
	"strings"

	"ancmbench"
)

// logLevel is the level of logging of every app in ASP.NET Core, unless the user says
// otherwise. By default such an app writes two lines for each request, which would be most of
// what is measured.
const logLevel = "Logging__LogLevel__Default"

// DotnetEnvironment returns the variables that every target gets, for Place.Env, so that an
// app in .NET has the same settings in all of them. hosted says that the models host a program
// of the user's. lookup finds a variable of our own environment, which the targets inherit.
func DotnetEnvironment(d *ancmbench.Dotnet, hosted bool, lookup func(string) (string, bool)) []string {
	var s ancmbench.DotnetSettings
	if d != nil {
		s = d.Settings
	}
	var env []string
	if _, said := lookup(logLevel); hosted && !said {
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
	for _, v := range s.Environment { // each name once: whoever reads two may take either
		env = slices.DeleteFunc(env, func(kv string) bool {
			name, _, _ := strings.Cut(kv, "=")
			return name == v.Name || strings.EqualFold(name, logLevel) && strings.EqualFold(v.Name, logLevel)
		})
		env = append(env, v.Name+"="+v.Value)
	}
	return env
}
