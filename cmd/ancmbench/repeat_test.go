package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"ancmbench/experiment"
)

// repeatOf is the line that repeats a run of the flags, without its seed.
func repeatOf(t *testing.T, args ...string) []string {
	t.Helper()
	c := newRunCommand()
	if err := c.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	f := &runFlags{profile: c.Flags().Lookup("profile").Value.String(), model: c.Flags().Lookup("model").Value.String()}
	f.details, _ = c.Flags().GetBool("with-host-details")
	f.targets, _ = c.Flags().GetStringArray("target")
	f.processes, _ = c.Flags().GetStringArray("processes")
	line := repeatCommand(c, f, experiment.Config{Seed: 42})
	if line[len(line)-1] != "--seed=42" {
		t.Errorf("%q does not end with the seed", line)
	}
	return line[2 : len(line)-1]
}

// The line repeats the run: what was given is in it, with the paths of files and of
// URLs, and gives the same line again.
func TestTheRunsCommandRepeatsIt(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	if err := os.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	given := []string{"--target", "a=https://127.0.0.1:5000/api/items%20new", "--target", "b=http://localhost:8080/", "--profile=sub/p.yaml", "--rate=300", "--cacert=../certs/ca.pem", "--processes=a.proxy=port:5000", "--processes=a.app=unit:x",
		"--web-config=sub/web.config", "--request-log=log", "--static-files=sub", "--tls", "--launches=7"}
	line := repeatOf(t, append(given, "--out=o", "--quiet", "--json", "--metrics=all")...)
	if got, want := slices.Sorted(slices.Values(line)), slices.Sorted(slices.Values(given)); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if again := repeatOf(t, line...); !slices.Equal(again, line) {
		t.Errorf("repeated, it is %q, and was %q", again, line)
	}
	// From the root on: below the folder that we are in, and somewhere else.
	if got := repeatOf(t, "--profile="+filepath.Join(here, "sub", "p.yaml")); !slices.Contains(got, "--profile="+filepath.Join("sub", "p.yaml")) {
		t.Errorf("%q", got)
	}
	secret := []string{"--target", "a=http://user:canary@127.0.0.1:1/x", "--target", "b=http://127.0.0.1:1/x?token=canary", "--target", "c=http://canary.example/canary",
		"--profile=/home/canary/p.yaml", "--cacert=/home/canary/ca.pem", "--header=Authorization: Bearer canary", "-H", "@/home/canary/head", "--body=canary", "--path=/x?canary",
		"--request=POST /a?canary 3", "--vars=/home/canary/v.csv", "--expect-body-contains=canary", "--expect-body-sha256=@/home/canary/b"}
	if got := strings.Join(repeatOf(t, secret...), " "); strings.Contains(got, "canary") || !strings.Contains(got, "b=http://127.0.0.1:1/x?"+experiment.Withheld) || !strings.Contains(got, "--cacert=ca.pem") {
		t.Errorf("a canary flew, or too much is gone: %s", got)
	}
	for _, kept := range []string{"--header=Authorization: " + experiment.Withheld, "--header=@head", "--body=" + experiment.Withheld, "--request=POST /a?" + experiment.Withheld + " 3", "--vars=v.csv", "--expect-body-sha256=@b"} {
		if got := repeatOf(t, secret...); !slices.Contains(got, kept) {
			t.Errorf("%q lacks %q", got, kept)
		}
	}
	if got := repeatOf(t, append(secret, "--with-host-details")...); !slices.Contains(got, "--cacert=/home/canary/ca.pem") || !slices.Contains(got, "--with-host-details") {
		t.Errorf("with the host's details: %q", got)
	}
}

// The folder of an app is repeated, and not the file that was found in it.
func TestTheAppIsRepeated(t *testing.T) {
	for _, c := range []struct{ app, want string }{{"publish", "--app=publish"}, {".", "--app=."}, {"/home/canary/publish/", "--app=publish"}} {
		got := repeatOf(t, "--app="+c.app, "--web-config="+filepath.Join(c.app, "web.config"))
		if !slices.Contains(got, c.want) || strings.Contains(strings.Join(got, " "), "--web-config") {
			t.Errorf("%s: %q, want %s and no --web-config", c.app, got, c.want)
		}
	}
}

// Every flag of run is repeated, or says where things go and what is shown.
func TestEveryFlagOfARunIsRepeatedOrNot(t *testing.T) {
	not := []string{"out", "append-history", "vegeta-results", "quiet", "verbose", "json", "metrics", "help",
		"apply", "agent-image", "agents-within", "creds", "nats"}
	own := []string{"model", "target", "profile", "seed", "app", "start-agents", "listen", "token-file", "agent-join", "processes"}
	newRunCommand().Flags().VisitAll(func(f *pflag.Flag) {
		n := 0
		if _, ok := showAsked(f.Name, ""); ok {
			n++
		}
		for _, list := range [][]string{not, own, repeatedFlags, repeatedFiles} {
			if slices.Contains(list, f.Name) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("--%s is in %d of the lists of what repeats a run", f.Name, n)
		}
	})
}
