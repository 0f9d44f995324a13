package appprocess

import (
	"strings"
	"testing"
)

// The exception that ended an app in .NET is quoted from what it printed, and nothing else.
func TestException(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for output, want := range map[string]string{
		"": "",
		"info: started\nUnhandled exception. System.InvalidOperationException: the database\n   at Program.<Main>$\n": " (unhandled exception: System.InvalidOperationException: the database)",
		"Unhandled exception. \n":              "",
		"no Unhandled exception. here\n":       "",
		"panic: runtime error\n":               "",
		"Unhandled exception. " + long + "\n ": " (unhandled exception: " + long[:mostOfException] + "...)",
	} {
		if got := exception(output); got != want {
			t.Errorf("%.60q: %q, want %q", output, got, want)
		}
	}
}
