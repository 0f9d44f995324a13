package main

import (
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
)

// Programs of a user's that listen where the module says, and refuse what lacks the pairing
// token or the scheme that the module tells. Each request is answered with the path.
const (
	nodeProgram = `
const token = process.env.ASPNETCORE_TOKEN;
require('http').createServer((q, a) => {
  if (!token || q.headers['ms-aspnetcore-token'] !== token || q.headers['x-forwarded-proto'] !== 'http') a.statusCode = 400;
  a.end(q.url);
}).listen(Number(process.env.ASPNETCORE_PORT), '127.0.0.1');`
	pythonProgram = `
import http.server, os
token = os.environ["ASPNETCORE_TOKEN"]
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart
    def do_GET(self):
        right = self.headers["MS-ASPNETCORE-TOKEN"] == token and self.headers["X-Forwarded-Proto"] == "http"
        body = self.path.encode()
        self.send_response(200 if right else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args): pass
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
Server(("127.0.0.1", int(os.environ["ASPNETCORE_PORT"])), Handler).serve_forever()`
)

// pairedProgram is the same in Go, this binary with programEnv set to "paired".
func pairedProgram(w http.ResponseWriter, r *http.Request) {
	if token := os.Getenv("ASPNETCORE_TOKEN"); token == "" || r.Header.Get("MS-ASPNETCORE-TOKEN") != token || r.Header.Get("X-Forwarded-Proto") != "http" {
		w.WriteHeader(http.StatusBadRequest)
	}
	fmt.Fprint(w, r.URL.Path)
}

const appProfile = `name: app
launches: 1
rate: 100/s
connections: 2
workloads: [{name: items, path: /items}]
phases:
  - {kind: cold-start}
  - {kind: warm-up, duration: 200ms}
  - {kind: latency, duration: 300ms}
  - {kind: memory, duration: 200ms}
  - {kind: recovery, kill: app, duration: 900ms}
`

// A program in any language is measured directly, as the module would start it, and behind
// the module; it is started, killed and restarted in both; and the report names it.
func TestRunMeasuresAnApp(t *testing.T) {
	onUnix(t)
	skipShort(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ program, processPath, arguments, file, text string }{
		"node":   {"node", "node", "app.js", "app.js", nodeProgram},
		"python": {"python3", "python3", "-u app.py", "app.py", pythonProgram},
		"go":     {"", self, "", "unused", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(c.program); c.program != "" && err != nil {
				t.Skipf("skipped: no %s on this machine", c.program)
			}
			t.Parallel()
			mark := newMark(t)
			run := command(t, mark, "run", "--app=publish", "--profile=p.yaml", "--out=out")
			config := `<configuration><system.webServer><aspNetCore processPath="` + html.EscapeString(c.processPath) + `" arguments="` + c.arguments + `">
<environmentVariables><environmentVariable name="` + programEnv + `" value="paired"/></environmentVariables></aspNetCore></system.webServer></configuration>`
			writeFiles(t, run.Dir, map[string]string{"publish/web.config": config, "publish/" + c.file: c.text, "p.yaml": appProfile})
			stdout, result := measured(t, run)
			assertNothingLeft(t, mark, run.Process.Pid)
			line := strings.TrimSpace(filepath.Base(c.processPath) + " " + c.arguments)
			if !strings.Contains(stdout, "out-of-process against direct · your program ("+line+") behind our module (Go, not IIS)") {
				t.Errorf("the headline or the subject is another:\n%s", stdout)
			}
			if text, _ := os.ReadFile(filepath.Join(run.Dir, "out", ancmbench.ResultFile)); strings.Contains(string(text), "ASPNETCORE") {
				t.Error("the pairing token's variable, or its field, is in the results")
			}
			checkApp(t, result)
		})
	}
}

// checkApp checks that both targets carried out every phase, with the processes that they
// have.
func checkApp(t *testing.T, run *ancmbench.Run) {
	t.Helper()
	if run.Subject != ancmbench.SubjectProgram || len(run.Targets) != 2 || run.Targets[0].Model != ancmbench.Direct || run.Targets[1].Model != ancmbench.OutOfProcess {
		t.Fatalf("subject %q, targets %+v", run.Subject, run.Targets)
	}
	if roles := run.Targets[0].Roles; !slices.Equal(roles, []ancmbench.Role{ancmbench.RoleApp}) {
		t.Errorf("roles of direct: %v", roles)
	}
	for _, kind := range []ancmbench.PhaseKind{ancmbench.ColdStart, ancmbench.Latency, ancmbench.Memory, ancmbench.Recovery} {
		for _, target := range []string{"direct", "out-of-process"} {
			at := slices.IndexFunc(run.Results, func(r ancmbench.Result) bool { return r.PhaseKind == kind && r.Target == target && !failed(r) })
			if at < 0 {
				t.Errorf("%s was not measured in %s", target, kind)
				continue
			}
			r := run.Results[at]
			if r.Workload != "items" && kind != ancmbench.ColdStart || r.Outcomes.OK == 0 {
				t.Errorf("%s in %s: workload %q, %+v", target, kind, r.Workload, r.Outcomes)
			}
			if times := kind == ancmbench.ColdStart || kind == ancmbench.Recovery; times && (len(r.Instants) == 0 || slices.Min(r.Instants) <= 0) {
				t.Errorf("%s in %s: %v", target, kind, r.Instants)
			}
		}
	}
}

// failed reports whether a trial is invalid by its targets: not because the machine stood
// still, for which trials are repeated, and given up if it goes on.
func failed(r ancmbench.Result) bool {
	return r.Void != "" && r.Void != ancmbench.VoidRate && r.Void != ancmbench.VoidLate
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeFiles writes files below a folder.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, text)
	}
}

// What cannot be an app is refused with one sentence that names the flag.
func TestAppIsRefused(t *testing.T) {
	onUnix(t)
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	named := `<configuration><system.webServer><aspNetCore processPath="no-such-program"/></system.webServer></configuration>`
	own := `<configuration><system.webServer><aspNetCore hostingModel="inprocess"/></system.webServer></configuration>`
	writeFiles(t, ".", map[string]string{"empty/x": "", "own/web.config": own, "gone/web.config": named})
	for _, c := range []struct{ flags, want string }{
		{"--app=nothing", "--app: "},
		{"--app=own/web.config", "--app: own/web.config is not a folder"},
		{"--app=empty", "--app: "},
		{"--app=own", "names no program (processPath of <aspNetCore>)"},
		{"--app=gone", "processPath no-such-program"},
		{"--app=own --web-config=own", "--app and --web-config exclude each other"},
		{"--app=gone --model=both", "--model=in-process: "},
		{"--app=gone --model=direct,nginx", "no-such-program"},
	} {
		for _, verb := range []string{"run", "gate --against=r"} {
			if strings.HasPrefix(verb, "gate") && !strings.Contains(c.want, "--app") {
				continue // needs the stored run
			}
			err := refusal(t, verb+" "+c.flags)
			if exitCode(t.Context(), err) != exitUsage || err == nil || !strings.Contains(err.Error(), c.want) && verb == "run" {
				t.Errorf("%s %s: %v, want %q", verb, c.flags, err, c.want)
			}
		}
	}
	if left, err := filepath.Glob("results*"); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What dotnet publish writes asks for in-process hosting: a build without CoreCLR measures
// the program directly and out-of-process and says what is missing; one with it makes the
// headline out-of-process against in-process.
func TestPublishedAppAsksForInProcess(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"Shop.dll": "MZ", "Shop.runtimeconfig.json": "{}",
		"web.config": `<configuration><system.webServer><aspNetCore processPath="dotnet" arguments=".\Shop.dll" hostingModel="inprocess"/></system.webServer></configuration>`})
	config, _, err := webconfig.Reader{}.ReadFile(filepath.Join(dir, "web.config"))
	if err != nil {
		t.Fatal(err)
	}
	note, which := notInProcess("web.config", config), programModels(config, false)
	if models.HostsProgram(ancmbench.InProcess, config) == nil {
		if note != "" || which[0] != ancmbench.InProcess || which[1] != ancmbench.OutOfProcess {
			t.Errorf("%q, models %v", note, which)
		}
		return
	}
	if !slices.Equal(which, []ancmbench.Model{ancmbench.Direct, ancmbench.OutOfProcess}) || !strings.Contains(note, "clr") || !strings.Contains(note, "dotnet is hosted out-of-process") {
		t.Errorf("%q, models %v", note, which)
	}
}
