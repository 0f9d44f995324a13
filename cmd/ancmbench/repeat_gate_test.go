package main

import (
	"slices"
	"strings"
	"testing"
)

// A gate is repeated by the command line in its file: what was given is there, and
// the same words give the same line again.
func TestTheGatesCommandRepeatsIt(t *testing.T) {
	given := []string{"--base=./old --port {port}", "--head=./new --port {port} --cache=on", "--path=/plaintext", "--margin=3%", "--launches=7",
		"--max-time=2m0s", "--metric=p50", "--metric=cpu", "--budget=out-of-process p99 <= 2ms", "--allow-inconclusive", "--rate=300/s"}
	lineOf := func(args []string, details bool) []string {
		c := newGateCommand()
		if err := c.ParseFlags(args); err != nil {
			t.Fatal(err)
		}
		return gateCommand(c, details, 42)
	}
	line := lineOf(append(given, "--out=o", "--quiet", "--seed=1", "--junit=j.xml"), false)
	want := append([]string{"--seed=42"}, given...)
	if got := slices.Sorted(slices.Values(line[2:])); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%q, want %q", got, want)
	}
	if again := lineOf(line[2:], false); !slices.Equal(again, line) {
		t.Errorf("repeated, it is %q, and was %q", again, line)
	}
	secret := []string{"--base-rev=main", "--start=TOKEN=canary-1 /home/canary/app", "--profile=/home/canary/p.yaml", "--path=/a?canary", "--header=X: canary", "--body=canary"}
	if got := strings.Join(lineOf(secret, false), " "); strings.Contains(got, "canary") || !strings.Contains(got, "--profile=p.yaml") {
		t.Errorf("a canary flew: %s", got)
	}
	if got := lineOf(secret, true); !slices.Contains(got, secret[1]) {
		t.Errorf("with the host's details: %q", got)
	}
}

func TestRedactLine(t *testing.T) {
	for _, c := range [][2]string{
		{"./app --port {port}", "./app --port {port}"},
		{"dotnet run --project src/Web --urls http://127.0.0.1:{port}/", "dotnet run --project src/Web --urls http://127.0.0.1:{port}/"},
		{"/usr/bin/python3 server.py $PORT", "python3 server.py $PORT"},
		{"~/bin/app </etc/app/in.txt", "app <in.txt"},
		{`C:\work\app.exe --config=D:\secrets\a.json`, `app.exe --config=a.json`},
		{"GOMAXPROCS=2 DB='pass word' ./app", "GOMAXPROCS=2 DB=(withheld) ./app"},
		{"API=abcdefgh ./app; X=ijklmnop ./app", "API=(withheld) ./app; X=(withheld) ./app"},
		{"KEY=$KEY ./app", "KEY=$KEY ./app"},
		{"./app --db-password=x --token y", "./app --db-password=(withheld) --token (withheld)"},
		{"./app http://[::1]:$PORT https://web.example:{port}/a", "./app http://[::1]:$PORT (URL)"},
		{"DB=postgres://u:p@db.example/x ./app", "DB=postgres://HOST/... ./app"},
	} {
		if got := redactLine(c[0]); got != c[1] {
			t.Errorf("%q is shown as %q, want %q", c[0], got, c[1])
		}
	}
}
