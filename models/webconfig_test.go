//go:build unix

package models_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm"
)

const nodeApp = `require("http").createServer((q,a)=>{
  console.log("asked for "+q.url)
  setTimeout(()=>a.end(q.method+" "+q.url+" "+process.env.GREETING+" "+(q.headers["ms-aspnetcore-token"]===process.env.ASPNETCORE_TOKEN)+" "+process.pid), q.url.startsWith("/slow")?700:0)
}).listen(process.env.ASPNETCORE_PORT,"127.0.0.1")
`

const pythonApp = `
import http.server, os, sys
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        b = ("%s %s %s %s %d" % (self.command, self.path, os.environ["GREETING"],
            self.headers["MS-ASPNETCORE-TOKEN"] == os.environ["ASPNETCORE_TOKEN"], os.getpid())).lower().encode()
        self.send_response(200); self.send_header("Content-Length", str(len(b))); self.end_headers(); self.wfile.write(b)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["ASPNETCORE_PORT"])), H).serve_forever()
`

// webConfig writes one and gives its path.
func webConfig(t *testing.T, dir, attributes string, env ...string) string {
	t.Helper()
	var vars strings.Builder
	for i := 0; i+1 < len(env); i += 2 {
		fmt.Fprintf(&vars, `<environmentVariable name="%s" value="%s"/>`, env[i], env[i+1])
	}
	path := filepath.Join(dir, "web.config")
	write(t, path, `<configuration><location path="."><system.webServer>
<aspNetCore `+attributes+`><environmentVariables>`+vars.String()+`</environmentVariables></aspNetCore>
</system.webServer></location></configuration>`)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// eventually asks until the answer is right.
func eventually(t *testing.T, s *models.Site, path string, right func(answer) bool) answer {
	t.Helper()
	var got answer
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		a, err := client(t).Get("http://" + s.Address() + path)
		if err != nil {
			t.Fatalf("a new connection must wait, not fail: %v", err)
		}
		b, err := io.ReadAll(a.Body)
		a.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if got = (answer{a.StatusCode, a.Header, string(b)}); right(got) {
			return got
		}
	}
	t.Fatalf("last answer: %d %q", got.status, got.body)
	return got
}

// Any program that listens where it is told is hosted unchanged.
func TestForeignProgramBehindTheModule(t *testing.T) {
	for name, file := range map[string][2]string{"node": {"app.js", nodeApp}, "python3": {"app.py", pythonApp}} {
		t.Run("OP-03_"+name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(name); err != nil {
				t.Skipf("%s is not on this machine: %v", name, err)
			}
			dir := t.TempDir()
			write(t, filepath.Join(dir, file[0]), file[1])
			s := site(t, models.Options{Model: ancmbench.OutOfProcess,
				WebConfig: webConfig(t, dir, `processPath="`+name+`" arguments=".\`+file[0]+`"`, "GREETING", "hello")})
			got := ask(t, client(t), s, "/a%20b?c=d")
			if want := "get /a%20b?c=d hello true "; !strings.HasPrefix(strings.ToLower(got.body), want) {
				t.Fatalf("%d %q, want %q", got.status, got.body, want)
			}
			p := pids(t, s)
			if !strings.HasSuffix(got.body, " "+strconv.Itoa(p[models.RoleApp])) {
				t.Errorf("answered %q, the app is %d", got.body, p[models.RoleApp])
			}
			if rt, err := s.Runtime(t.Context()); err != nil || len(rt) != 2 {
				t.Errorf("runtime of was and worker only: %v, %v", rt, err)
			}
			if err := s.Kill(t.Context(), models.RoleApp); err != nil {
				t.Fatal(err)
			}
			if again := ask(t, client(t), s, "/"); again.status != 200 {
				t.Errorf("after a crash: %d %q", again.status, again.body)
			}
		})
	}
}

func TestBoth(t *testing.T) {
	each := func(name string, f func(*testing.T, ancmbench.Model)) {
		for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
			t.Run(name+string(model), func(t *testing.T) {
				t.Parallel()
				f(t, model)
			})
		}
	}
	// Without a processPath the handler of this executable is the app; the
	// model's own check for one is for real files (CF-01).
	config := func(t *testing.T, dir, attributes string, env ...string) string {
		return webConfig(t, dir, `hostingModel="inprocess" `+attributes, env...)
	}
	each("BM-01_app_offline_", func(t *testing.T, model ancmbench.Model) {
		dir := t.TempDir()
		s := site(t, models.Options{Model: model, WebConfig: config(t, dir, "")})
		slow := inFlight(t, s, "/sleep/700000")
		before := ask(t, client(t), s, "/plaintext").header.Get("X-Ancm-App-Pid")
		page := "<h1>Back soon</h1>"
		write(t, filepath.Join(dir, ancm.OfflineFile), page)
		// The file is there before its bytes are.
		got := eventually(t, s, "/plaintext", func(a answer) bool { return a.status == 503 && a.body != "" })
		if got.body != page || got.header.Get("Content-Type") != "text/html" {
			t.Errorf("%q %s", got.body, got.header.Get("Content-Type"))
		}
		if a := <-slow; a.status != 200 {
			t.Errorf("a request that had begun: %d %q", a.status, a.body)
		}
		for range 5 { // every request, also after the app has gone
			if a := ask(t, client(t), s, "/plaintext"); a.status != 503 || a.body != page {
				t.Errorf("offline: %d %q", a.status, a.body)
			}
		}
		pid, _ := strconv.Atoi(before)
		for _, now := range pids(t, s) {
			if now == pid {
				t.Error("the app's process still runs")
			}
		}
		if err := os.Remove(filepath.Join(dir, ancm.OfflineFile)); err != nil {
			t.Fatal(err)
		}
		back := eventually(t, s, "/plaintext", func(a answer) bool { return a.status == 200 })
		if back.header.Get("X-Ancm-App-Pid") == before {
			t.Error("the same process as before")
		}
	})
	each("BM-04_environment_", func(t *testing.T, model ancmbench.Model) {
		s := site(t, models.Options{Model: model, WebConfig: config(t, t.TempDir(), "", "GREETING", "%HOME%!"), Env: []string{"FROM_OPTIONS=yes"}})
		if got := ask(t, client(t), s, "/env/GREETING").body; got != os.Getenv("HOME")+"!" {
			t.Errorf("GREETING=%q", got)
		}
		if got := ask(t, client(t), s, "/env/FROM_OPTIONS").body; got != "yes" {
			t.Errorf("FROM_OPTIONS=%q", got)
		}
	})
	each("BM-04_stdout_log_", func(t *testing.T, model ancmbench.Model) {
		dir := t.TempDir()
		s := site(t, models.Options{Model: model, WebConfig: config(t, dir, `stdoutLogEnabled="true" stdoutLogFile=".\logs\out"`)})
		ask(t, client(t), s, "/secret") // prints
		files, _ := filepath.Glob(filepath.Join(dir, "logs", "out_*.log"))
		if len(files) != 1 {
			t.Fatalf("logs: %v", files)
		}
		if b, _ := os.ReadFile(files[0]); !strings.Contains(string(b), "password") {
			t.Errorf("log: %q", b)
		}
		if strings.Contains(s.LogTail(), "password") {
			t.Error("printed twice")
		}
	})
	each("BM-05_recycle_on_change_", func(t *testing.T, model ancmbench.Model) {
		dir := t.TempDir()
		s := site(t, models.Options{Model: model, WebConfig: config(t, dir, "", "GREETING", "old")})
		slow := inFlight(t, s, "/sleep/900000")
		before := pids(t, s)
		config(t, dir, "", "GREETING", "renewed")
		eventually(t, s, "/env/GREETING", func(a answer) bool { return a.body == "renewed" })
		if a := <-slow; a.status != 200 {
			t.Errorf("a request that had begun: %d %q", a.status, a.body)
		}
		if now := pids(t, s); now[models.RoleWorker] == before[models.RoleWorker] || now[models.RoleWAS] != before[models.RoleWAS] {
			t.Errorf("before %v, now %v", before, now)
		}
		// A file with a fault is an answer that says so, until it is mended.
		write(t, filepath.Join(dir, "web.config"), "<configuration>\n<oops")
		bad := eventually(t, s, "/env/GREETING", func(a answer) bool { return a.status == http.StatusInternalServerError })
		if bad.header.Get("X-Ancm-Error") != "500.19" || strings.Contains(bad.body, "oops") {
			t.Errorf("%s %q", bad.header.Get("X-Ancm-Error"), bad.body)
		}
		untilLogged(t, s, "web.config:2: ")
		config(t, dir, "", "GREETING", "mended")
		eventually(t, s, "/env/GREETING", func(a answer) bool { return a.body == "mended" })
	})
}

func TestStartRefusesBadWebConfig(t *testing.T) {
	path := webConfig(t, t.TempDir(), `processPath="x" startupTimeLimit="-1" hostingModel="y"`)
	_, err := models.Start(t.Context(), models.Options{Model: ancmbench.OutOfProcess, WebConfig: path})
	if options := new(models.OptionsError); !errors.As(err, &options) {
		t.Errorf("%v is no OptionsError", err)
	}
	for _, want := range []string{path + ":2: startupTimeLimit: ", path + ":2: hostingModel: "} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}
