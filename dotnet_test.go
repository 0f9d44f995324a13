package ancmbench

import "testing"

// The subject of an ASP.NET Core app says which, where, and what is not the original.
func TestDotnetSubject(t *testing.T) {
	for _, c := range []struct {
		version, system string
		inProcess       bool
		want            Subject
	}{
		{"10.0.12", "linux", true, "ASP.NET Core 10.0.12, your unchanged app, Linux. In-process server: Microsoft's IISHttpServer; front and module are ours. Not IIS, not Windows."},
		{"9.0.1", "darwin", false, "ASP.NET Core 9.0.1, your unchanged app, macOS. Front and module are ours. Not IIS, not Windows."},
		{"", "freebsd", false, "ASP.NET Core, your unchanged app, freebsd. Front and module are ours. Not IIS, not Windows."},
	} {
		if got := DotnetSubject(c.version, c.system, c.inProcess); got != c.want || !got.Dotnet() {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	for _, other := range []Subject{SubjectReference, SubjectProgram, SubjectServers, SubjectBoth, SubjectIIS, ""} {
		if other.Dotnet() {
			t.Errorf("%q is no app in ASP.NET Core", other)
		}
	}
}
