package targets

import (
	"strings"
	"testing"

	"ancmbench"
)

// Every target gets the settings of the profile, and a level of logging where a program is
// hosted, unless somebody has said another.
func TestDotnetEnvironment(t *testing.T) {
	on, off := true, false
	settings := func(s ancmbench.DotnetSettings) *ancmbench.Dotnet { return &ancmbench.Dotnet{Settings: s} }
	for _, c := range []struct {
		dotnet  *ancmbench.Dotnet
		program string
		own     string
		want    string
	}{
		{nil, "", "", ""},
		{nil, "dotnet app.dll", "", "Logging__LogLevel__Default=Warning"},
		{nil, "dotnet app.dll", "Debug", ""},
		{settings(ancmbench.DotnetSettings{GC: "server", TieredPGO: &off, TieredCompilation: &on, ReadyToRun: &off}), "", "",
			"DOTNET_gcServer=1 DOTNET_TieredPGO=0 DOTNET_TieredCompilation=1 DOTNET_ReadyToRun=0"},
		{settings(ancmbench.DotnetSettings{GC: "workstation", Environment: []ancmbench.Field{{Name: "A", Value: "before"}, {Name: "A", Value: "b=c"}, {Name: "logging__loglevel__DEFAULT", Value: "Error"}}}), "x", "",
			"DOTNET_gcServer=0 A=b=c logging__loglevel__DEFAULT=Error"},
	} {
		got := strings.Join(DotnetEnvironment(c.dotnet, c.program != "", func(string) (string, bool) { return c.own, c.own != "" }), " ")
		if got != c.want {
			t.Errorf("%+v, program %q, own level %q:\n got %s\nwant %s", c.dotnet, c.program, c.own, got, c.want)
		}
	}
}
