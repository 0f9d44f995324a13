package main

import (
	"slices"
	"strings"
	"testing"

	"ancmbench"
)

// The flag names processes of a target by its name, even one with dots, and replaces what the
// profile says of the same place.
func TestProcessesFlag(t *testing.T) {
	servers := []ancmbench.Server{
		{Name: "direct", URL: "http://127.0.0.1:1/"},
		{Name: "v1.2", URL: "http://127.0.0.1:2/", Processes: []ancmbench.ProcessRule{{Role: "server", By: "pid", Value: "9"}, {Role: "upstream", By: "pid", Value: "8"}}},
		{Name: "own", Command: "node app.js"},
	}
	got, err := withProcesses(servers, []string{"v1.2.proxy=port:8080", "v1.2.proxy=name:nginx", "direct.server=unit:app"})
	want := []ancmbench.ProcessRule{{Role: "upstream", By: "pid", Value: "8"}, {Role: "proxy", By: "port", Value: "8080"}, {Role: "proxy", By: "name", Value: "nginx"}}
	if err != nil || !slices.Equal(got[1].Processes, want) || len(got[0].Processes) != 1 || got[0].Processes[0].String() != "unit:app" {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if len(servers[1].Processes) != 2 || servers[0].Processes != nil {
		t.Errorf("the caller's servers were changed: %+v", servers)
	}
	for text, says := range map[string]string{
		"":                             "want NAME.ROLE=RULE",
		"direct=port:80":               "want NAME.ROLE=RULE",
		"nobody.server=port:80":        "no target of this name: there are direct, v1.2",
		"own.server=port:80":           "own is started by a command",
		"direct.worker=port:80":        `role "worker"`,
		"direct.server=80":             "want port:N, pid:N, name:NAME, cgroup:PATH or unit:NAME",
		"direct.server=port:0":         "the port must be 1 to 65535",
		"direct.server=cgroup:":        "nothing follows cgroup:",
		"nobody.server=cgroup:/canary": "--processes nobody.server=cgroup:...:",
	} {
		if _, err := withProcesses(servers, []string{text}); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
	if _, err := withProcesses(servers, []string{"direct.server=pid:1", "direct.proxy=pid:2"}); err == nil || !strings.Contains(err.Error(), "two names for the same place") {
		t.Errorf("server and proxy of one target: %v", err)
	}
	_, err = withProcesses(servers, []string{"x", "y"})
	if n := len(oneByOne(err)); n != 2 {
		t.Errorf("%d faults are said at once, want 2: %v", n, err)
	}
	if _, err := withProcesses(nil, []string{"direct.server=pid:1"}); err == nil || !strings.Contains(err.Error(), "no target is a server that runs already") {
		t.Errorf("beside bundled models: %v", err)
	}
}

// A process that is not there is one sentence, before anything is measured.
func TestProcessesThatAreNotThere(t *testing.T) {
	node, _ := startNode(t)
	c := command(t, newMark(t), "run", "--rate=100", "--profile=smoke", "--target", "a=http://127.0.0.1:"+node+"/", "--target", "b=http://127.0.0.1:"+node+"/",
		"--processes", "a.server=name:ancmbench-none")
	err := c.Run()
	_, stderr := output(c)
	if want := "target a: processes name:ancmbench-none: there is no such process on this machine"; err == nil || strings.Count(stderr, "ancmbench-none") != 1 || !strings.Contains(stderr, want) {
		t.Errorf("%v: %s; want %q", err, stderr, want)
	}
}
