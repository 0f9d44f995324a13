package eventlog

import (
	"strings"
	"testing"
)

func TestDeath(t *testing.T) {
	long := strings.Repeat("x", 2*mostOfCause)
	for output, want := range map[string]string{
		"": "", "Unhandled": "", "Unhandled exception. \n": "", "no Unhandled exception. here\n": "", "the Stack overflow.\n": "",
		"info: started\nUnhandled exception. System.InvalidOperationException: the database\n   at Program.<Main>$\n": "unhandled exception: System.InvalidOperationException: the database",
		"Unhandled exception. A\n ---> B\nUnhandled exception. C\n":                                                   "unhandled exception: A",
		"Unhandled exception. " + long + "\n ":                                                                        "unhandled exception: " + long[:mostOfCause] + "...",
		"info\nProcess terminated.\nfailed fast in a request\n   at System.Environment.FailFast()\n":                  "process terminated: failed fast in a request",
		"Process terminated.\n   at System.Environment.FailFast()\n":                                                  "process terminated",
		"Process terminated.":                       "process terminated",
		"Stack overflow.\nRepeated 261893 times:\n": "stack overflow",
		"Out of memory.\n":                          "out of memory",
		"  Stack overflow.\r\n":                     "stack overflow",
		"You must install or update .NET to run this application.\n\nApp: /a/dotnet\nFramework: 'Microsoft.AspNetCore.App', version '10.0.0' (x64)\n": ".NET lacks 'Microsoft.AspNetCore.App', version '10.0.0' (x64)",
	} {
		if got := Death(output); got != want {
			t.Errorf("%q: %q, want %q", output, got, want)
		}
	}
}
