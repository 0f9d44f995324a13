package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What cannot be measured is refused with one sentence that says what to change, before
// anything starts.
func TestServersAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	const phases = "\nphases: [{kind: latency, duration: 1s}]\n"
	for name, text := range map[string]string{
		"needs":    "name: hop\nneeds: [no-such-program]\ntargets: [{name: a, command: x}, {name: b, command: x}]",
		"several":  "name: hop\nneeds: [no-such-program, nor-this]\ntargets: [{name: a, command: x}, {name: b, command: x}]",
		"before":   "targets: [{name: a, command: x}, {name: b, command: 'x {upstream}', before: c}]",
		"circle":   "targets: [{name: a, command: 'x {upstream}', before: b}, {name: b, command: 'x {upstream}', before: a}]",
		"twice":    "targets: [{name: a, command: x}, {name: a, command: x}]",
		"template": "targets: [{name: a, command: x}, {name: b, command: x, files: {c: {template: gone.conf}}}]",
		"url":      "targets: [{name: a, command: x}, {name: b, url: 'http://127.0.0.1:1/'}]",
		"rated":    "rate: 5/s",
		"good":     "targets: [{name: a, command: x}, {name: b, command: x}]",
	} {
		if err := os.WriteFile(name+".yaml", []byte(text+phases), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const two = " --target a=http://127.0.0.1:1/ --target b=http://127.0.0.1:2/"
	for _, c := range []struct{ line, want string }{
		{"run --profile needs.yaml", "profile hop needs the program no-such-program, which is not installed, or not on PATH"},
		{"gate --against=r --profile needs.yaml", ""},
		{"run --profile several.yaml", "profile hop needs programs that are not installed, or not on PATH: no-such-program, nor-this"},
		{"run --profile before.yaml", `before.yaml:1: targets[1].before: unknown target "c"`},
		{"run --profile circle.yaml", "targets[0].before: a stands before itself: a -> b -> a"},
		{"run --profile twice.yaml", `targets[1].name: "a" names two targets`},
		{"run --profile template.yaml", "gone.conf: no such file"},
		{"run --profile url.yaml", "--target needs --rate"},
		{"run" + two, "--target needs --rate"},
		{"run --target a=cmd: --target b=cmd:x", "--target a=cmd:: cmd: is followed by no command"},
		{"run --target a=cmd:x --target a=cmd:y", "--target a: the name is taken by another target"},
		{"run --target a=cmd:x", "--target: give two or more"},
		{"run --target a=unix: --target b=cmd:y", "the path of the socket is missing"},
		{"run --rate=5 --front=lean" + two, "--front is for bundled models"},
		{"run --rate=5 --module=v1" + two, "--module is for bundled models"},
		{"run --profile good.yaml --front=lean", "--front is for bundled models"},
		{"run --profile good.yaml --tls", "--tls is for bundled models"},
		{"run --profile good.yaml --app=x", "--app is for bundled models"},
		{"run --target a=cmd:x --target b=cmd:y --cacert=x", "--cacert is for servers that run already"},
		{"gate --target a --target b", "one target is judged, and two are named"},
		{"gate --base=x --head=y --target a=cmd:x", "take no --target NAME=..., --app or --web-config"},
		{"gate --app=x --target a=cmd:x --against=r", "exclude each other"},
	} {
		err := refusal(t, c.line)
		if exitCode(t.Context(), err) != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.line, err, c.want)
		}
	}
	// A rate that the user's own profile has is the user's.
	if err := refusal(t, "run --profile rated.yaml"+two); err == nil || strings.Contains(err.Error(), "--rate") {
		t.Errorf("rated.yaml: %v", err)
	}
	if left, err := filepath.Glob("results*"); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
