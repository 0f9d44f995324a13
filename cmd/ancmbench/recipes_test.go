package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"ancmbench"
	"ancmbench/profiles"
)

// recipe is an embedded profile of servers of the machine.
type recipe struct {
	profile string
	needs   []string
	// targets maps each target to the roles of its processes.
	targets map[string][]ancmbench.Role
}

var (
	appOnly   = []ancmbench.Role{ancmbench.RoleServer}
	behindHop = []ancmbench.Role{ancmbench.RoleProxy, ancmbench.RoleServer}
	inFront   = []ancmbench.Role{ancmbench.RoleProxy, ancmbench.RoleWorker} // the model direct has its app in the worker
)

var recipes = []recipe{
	{"nginx-node", []string{"nginx", "node"}, map[string][]ancmbench.Role{"node": appOnly, "nginx": behindHop}},
	{"haproxy-node", []string{"haproxy", "node"}, map[string][]ancmbench.Role{"node": appOnly, "haproxy": behindHop}},
	{"apache-node", []string{"apache2", "node"}, map[string][]ancmbench.Role{"node": appOnly, "apache": behindHop}},
	{"caddy-node", []string{"caddy", "node"}, map[string][]ancmbench.Role{"node": appOnly, "caddy": behindHop}},
	{"nginx-unix-node", []string{"nginx", "node"}, map[string][]ancmbench.Role{"node": appOnly, "nginx": behindHop, "nginx over a socket": behindHop}},
	{"nginx-gunicorn", []string{"nginx", "gunicorn"}, map[string][]ancmbench.Role{"gunicorn": appOnly, "nginx": behindHop}},
	{"hops", []string{"nginx", "haproxy", "apache2", "caddy"}, map[string][]ancmbench.Role{
		"direct": {ancmbench.RoleWorker}, "out-of-process": {ancmbench.RoleWorker, ancmbench.RoleApp},
		"nginx": inFront, "haproxy": inFront, "apache": inFront, "caddy": inFront}},
}

// TestRecipes runs every embedded profile of servers of the machine against the real programs,
// with one fresh start and short phases: all targets answer rightly, the CPU of the hop and of
// the app stand apart, and no process is left.
func TestRecipes(t *testing.T) {
	skipShort(t)
	for _, r := range recipes {
		t.Run(r.profile, func(t *testing.T) {
			for _, program := range r.needs {
				if _, err := exec.LookPath(program); err != nil {
					t.Skipf("skipped: no %s on this machine", program)
				}
			}
			t.Parallel()
			checkRecipe(t, r)
		})
	}
}

func checkRecipe(t *testing.T, r recipe) {
	mark := newMark(t)
	c := command(t, mark, "run", "--profile="+quickened(t, r.profile), "--quiet", "--out=out")
	err := c.Run()
	stdout, stderr := output(c)
	assertNothingLeft(t, mark, c.Process.Pid)
	run, readErr := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if readErr != nil {
		t.Fatalf("%v, %v\n%s\n%s", err, readErr, stdout, stderr)
	}
	var busy int
	latency := map[string]ancmbench.Result{}
	for _, res := range run.Results {
		o := res.Outcomes
		if o.OK == 0 || o.OK != o.Sent {
			t.Errorf("%s, %s: %d of %d answers are right: %v", res.Phase, res.Target, o.OK, o.Sent, res.Failures)
		}
		switch res.Void {
		case "":
		case ancmbench.VoidRate, ancmbench.VoidLate: // the machine was busy
			busy++
		default:
			t.Errorf("%s, %s is invalid: %s", res.Phase, res.Target, res.Void)
		}
		if reconnects(res) {
			t.Errorf("%s, %s opens a connection per request: %+v", res.Phase, res.Target, res.Checks)
		}
		if res.PhaseKind == ancmbench.Latency {
			latency[res.Target] = res
		}
	}
	if err != nil && (exitStatus(err) != "3" || busy == 0) {
		t.Errorf("%v, and the machine was busy in %d results\n%s\n%s", err, busy, stdout, stderr)
	}
	if len(latency) != len(r.targets) {
		t.Errorf("%d targets have latency, want %d", len(latency), len(r.targets))
	}
	for name, roles := range r.targets {
		checkCosts(t, name, latency[name], roles)
	}
}

func reconnects(res ancmbench.Result) bool {
	return slices.ContainsFunc(res.Warnings, func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnHopReconnects })
}

// TestHopThatReconnectsIsReported takes the recipe nginx-node without nginx's keepalive, and so
// with a connection to Node per request. TestRecipes shows that with it there is no warning.
func TestHopThatReconnectsIsReported(t *testing.T) {
	t.Parallel()
	skipShort(t)
	for _, program := range []string{"nginx", "node"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("skipped: no %s on this machine", program)
		}
	}
	file := quickened(t, "nginx-node")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	without := regexp.MustCompile(`(?m)^ +keepalive 64;.*\n`).ReplaceAll(text, nil)
	if len(without) == len(text) {
		t.Fatal("the profile has no keepalive")
	}
	if err := os.WriteFile(file, without, 0o600); err != nil {
		t.Fatal(err)
	}
	c := command(t, newMark(t), "run", "--profile="+file, "--quiet", "--out=out")
	err = c.Run()
	run, readErr := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if readErr != nil {
		stdout, stderr := output(c)
		t.Fatalf("%v, %v\n%s\n%s", err, readErr, stdout, stderr)
	}
	found := map[string]int{}
	for _, res := range run.Results {
		if reconnects(res) {
			found[res.Target]++
		}
	}
	if found["nginx"] == 0 || len(found) != 1 {
		t.Errorf("targets with the warning: %v, want nginx alone", found)
	}
}

// checkCosts checks that every role of a target, and the generator, has CPU time of its own.
func checkCosts(t *testing.T, target string, res ancmbench.Result, roles []ancmbench.Role) {
	t.Helper()
	if res.Response == nil || res.Response.Count() == 0 {
		t.Errorf("%s: no latency", target)
	}
	for _, role := range roles {
		i := slices.IndexFunc(res.Usage, func(u ancmbench.RoleUsage) bool { return u.Role == role })
		if i < 0 {
			t.Errorf("%s: nothing of its %s: %+v", target, role, res.Usage)
			continue
		}
		if u := res.Usage[i]; u.CPU == nil || u.CPU.Own <= 0 || u.Processes == 0 {
			t.Errorf("%s: its %s has %d processes with CPU %+v: %v", target, role, u.Processes, u.CPU, u.Unsupported)
		}
	}
}

// quickened writes an embedded profile with one fresh start, a low rate and short phases to a
// file, and returns its path.
func quickened(t *testing.T, profile string) string {
	t.Helper()
	text, err := profiles.Source(profile)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ key, to string }{
		{`(?m)^launches: \d+$`, "launches: 1"},
		{`(?m)^rate: \d+/s$`, "rate: 200/s"},
		{`(?m)^    duration: [0-9.]+m?s$`, "    duration: 300ms"},
	} {
		key := regexp.MustCompile(change.key)
		if !key.Match(text) {
			t.Fatalf("%s: nothing matches %s", profile, key)
		}
		text = key.ReplaceAll(text, []byte(change.to))
	}
	file := filepath.Join(t.TempDir(), profile+".yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
