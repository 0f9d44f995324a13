package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models/ancm/clr"
	"ancmbench/models/dotnet"
)

// inDotnet returns the folder of a published project, copied, with an argument for its
// program, and the environment in which dotnet is found. It skips without .NET.
func inDotnet(t *testing.T, publish func(dotnet.SDK, context.Context) (string, error), argument string) (dir string, env []string) {
	t.Helper()
	sdk, err := dotnet.Find()
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	from, err := publish(sdk, ctx)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "publish")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if argument != "" {
		path := filepath.Join(dir, "web.config")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(b), `.dll"`, `.dll `+argument+`" startupTimeLimit="60"`, 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, sdk.Environment()
}

// brief is a profile with every kind of phase in short, and settings for .NET.
const brief = `
launches: 1
rate: 200/s
connections: 2
timeout: 30s
max-errors: 5%
dotnet: {gc: workstation, tiered-pgo: false, warm-up: 1s, environment: {SHOP_NAME: corner}}
phases:
  - {kind: cold-start}
  - {kind: warm-up, duration: 200ms}
  - {kind: latency, duration: 400ms}
  - {kind: peak, duration: 200ms}
  - {kind: memory, duration: 200ms}
`

// A published app is measured unchanged in every target from one command: directly,
// out-of-process, and in-process where this build has it. Its runtime was asked in each, and
// each had the same settings.
func TestRunMeasuresASPNETCore(t *testing.T) {
	t.Parallel()
	skipShort(t)
	dir, env := inDotnet(t, dotnet.SDK.Publish, "")
	mark := newMark(t)
	c := command(t, mark, "run", "--app="+dir, "--profile=brief.yaml", "--path=/plaintext", "--out=out", "--seed=3")
	c.Env = append(c.Env, env...)
	if err := os.WriteFile(filepath.Join(c.Dir, "brief.yaml"), []byte(brief), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(); err != nil {
		stdout, stderr := output(c)
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	assertNothingLeft(t, mark)
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	hosts := map[string]ancmbench.Role{"direct": ancmbench.RoleApp, "out-of-process": ancmbench.RoleApp}
	subject := "your unchanged app, Linux. Front and module are ours. Not IIS, not Windows."
	if clr.Available() == nil {
		hosts["in-process"] = ancmbench.RoleWorker
		subject = "your unchanged app, Linux. In-process server: Microsoft's IISHttpServer; front and module are ours. Not IIS, not Windows."
	}
	stdout, _ := output(c)
	if got := string(run.Subject); !strings.HasPrefix(got, "ASP.NET Core 10.0.") || !strings.HasSuffix(got, subject) {
		t.Errorf("subject %q", got)
	}
	for _, want := range []string{"ASP.NET Core 10.0.", "methods compiled", "managed heap under load"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the summary lacks %q:\n%s", want, stdout)
		}
	}
	if len(run.Targets) != len(hosts) || len(run.Warmups) != len(hosts) {
		t.Fatalf("%d targets, %d warm-ups, want %d of each", len(run.Targets), len(run.Warmups), len(hosts))
	}
	for _, w := range run.Warmups {
		last := len(w.Windows) - 1
		if hosts[w.Target] == "" || !strings.HasPrefix(w.Runtime, "10.0.") || last < 1 || w.Windows[last].Compiled < 300 || w.Windows[last].Compiled < w.Windows[0].Compiled {
			t.Errorf("warm-up %+v", w)
		}
	}
	for _, res := range run.Results {
		if failed(res) || res.Outcomes.WrongModel > 0 {
			t.Errorf("%s, %s: %q, %d of the wrong model", res.Target, res.Phase, res.Void, res.Outcomes.WrongModel)
		}
		for _, u := range res.Usage {
			if res.PhaseKind != ancmbench.Memory || u.Role == ancmbench.GeneratorRole {
				continue
			}
			heap := u.Loaded != nil && u.Loaded.CLRHeap != nil && *u.Loaded.CLRHeap > 100_000
			if heap != (u.Role == hosts[res.Target]) {
				t.Errorf("%s: managed heap of %s: %+v", res.Target, u.Role, u.Loaded)
			}
		}
	}
}

// Every target of a run gets the settings of the profile. The app of the shape "environment"
// answers with what it has.
func TestSettingsReachEveryTarget(t *testing.T) {
	t.Parallel()
	skipShort(t)
	dir, env := inDotnet(t, dotnet.SDK.PublishShapes, "environment")
	mark := newMark(t)
	c := command(t, mark, "run", "--app="+dir, "--profile=brief.yaml", "--out=out")
	c.Env = append(c.Env, env...)
	profile := brief + `
workloads:
  - name: environment
    path: /
    expect: {body-contains: "server GC False; DOTNET_TieredPGO=0; Logging__LogLevel__Default=Warning; SHOP_NAME=corner"}
`
	if err := os.WriteFile(filepath.Join(c.Dir, "brief.yaml"), []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(); err != nil {
		stdout, stderr := output(c)
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	assertNothingLeft(t, mark)
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	for _, res := range run.Results {
		if res.Outcomes.OK == 0 || res.Outcomes.WrongAnswer > 0 {
			t.Errorf("%s, %s: %+v", res.Target, res.Phase, res.Outcomes)
		}
	}
}

// The gate measures a published app until it can decide, and judges what it has measured.
func TestGateJudgesASPNETCore(t *testing.T) {
	skipShort(t)
	dir, env := inDotnet(t, dotnet.SDK.Publish, "")
	mark := newMark(t)
	profile := "models: direct,out-of-process\nlaunches: 6\nrate: 100/s\nconnections: 2\ntimeout: 30s\nmax-errors: 5%\nphases: [{kind: latency, duration: 300ms}]\n"
	gate := func(want int, says string, arguments ...string) {
		t.Helper()
		c := command(t, mark, append([]string{"gate", "--profile=" + filepath.Join(dir, "tiny.yaml")}, arguments...)...)
		c.Env = append(c.Env, env...)
		_ = c.Run()
		stdout, stderr := output(c)
		got := c.ProcessState.ExitCode()
		// On a busy machine fresh starts are discarded, and the verdict is another.
		busy := (want == exitOK || want == exitRegression) && (got == exitInvalid || got == exitUndecided)
		if got != want && !busy || !regexp.MustCompile(says).MatchString(stdout+stderr) {
			t.Fatalf("%v: exit code %d, want %d with %q\n%s\n%s", arguments, got, want, says, stdout, stderr)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "tiny.yaml"), []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	out := "--out=" + filepath.Join(dir, "out")
	gate(exitOK, `ASP\.NET Core 10\.0\.(?s:.*)out-of-process p50 <= 20s .* (pass|inconclusive)\n`, "--app="+dir, "--path=/plaintext", "--budget=out-of-process p50 <= 20s", out)
	assertNothingLeft(t, mark)
	gate(exitRegression, `out-of-process p50 <= 1us .* (FAIL|inconclusive)\n`, "--result="+filepath.Join(dir, "out"), "--budget=out-of-process p50 <= 1us")
	gate(exitTool, "give the path to request, as --path=/health", "--app="+dir, "--path=/nowhere", "--budget=out-of-process p50 <= 20s", "--out="+filepath.Join(dir, "none"))
}

// An app that does not start ends the run with a sentence that names the cause, in every
// target.
func TestRunNamesWhyAnAppDoesNotStart(t *testing.T) {
	skipShort(t)
	dir, env := inDotnet(t, dotnet.SDK.PublishShapes, "throws")
	for models, want := range map[string]string{
		"direct,out-of-process": "direct does not start: direct: ended (signal: aborted) before it listened on ",
		"bare,out-of-process":   "gives no first answer: status 502.5 where 200 was expected: the app could not be started: it ended before it listened on port ",
		"in-process,bare":       "the app does not start: unhandled exception: System.InvalidOperationException: the connection string is missing",
	} {
		if err := clr.Available(); err != nil && strings.HasPrefix(models, "in-process") {
			continue
		}
		c := command(t, newMark(t), "run", "--app="+dir, "--model="+models, "--profile=smoke", "--launches=1", "--out=out")
		c.Env = append(c.Env, env...)
		err := c.Run()
		_, stderr := output(c)
		last := stderr[strings.LastIndex(stderr, "ancmbench: ")+1:]
		if c.ProcessState.ExitCode() != 1 || !strings.Contains(last, "System.InvalidOperationException: the connection string is missing") {
			t.Errorf("%s: %v\n%s", models, err, stderr)
		}
		if !strings.HasPrefix(models, "in-process") && !strings.Contains(stderr, want) {
			t.Errorf("%s: %q is not in\n%s", models, want, stderr)
		}
	}
}

// What an app lacks is a usage error of one line, before anything is started.
func TestAppThatIsNotWhole(t *testing.T) {
	dir := t.TempDir()
	config := `<configuration><system.webServer><aspNetCore processPath="dotnet" arguments=".\shop.dll" hostingModel="inprocess" /></system.webServer></configuration>`
	if err := os.WriteFile(filepath.Join(dir, "web.config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	lack := func(want string) {
		t.Helper()
		c := command(t, newMark(t), "run", "--app="+dir, "--profile=smoke", "--out=out")
		c.Env = slices.DeleteFunc(c.Env, func(kv string) bool { return strings.HasPrefix(kv, "PATH=") || strings.HasPrefix(kv, "DOTNET_ROOT=") })
		c.Env = append(c.Env, "PATH=/usr/bin:/bin")
		if path, err := exec.LookPath("ancmbench"); err == nil {
			c.Path = path
		}
		_ = c.Run()
		stdout, stderr := output(c)
		var faults []string
		for line := range strings.Lines(stderr) {
			if !strings.HasPrefix(line, "note:") {
				faults = append(faults, line)
			}
		}
		if c.ProcessState.ExitCode() != exitUsage || len(faults) != 1 || !strings.Contains(faults[0], want) {
			t.Errorf("exit code %d, want one line with %q:\n%s%s", c.ProcessState.ExitCode(), want, stdout, stderr)
		}
	}
	lack("shop.dll is missing, which web.config starts")
	if err := os.WriteFile(filepath.Join(dir, "shop.dll"), []byte("MZ"), 0o600); err != nil {
		t.Fatal(err)
	}
	lack("shop.dll is damaged, or no assembly")
}
