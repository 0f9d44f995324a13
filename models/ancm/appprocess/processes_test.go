//go:build unix

package appprocess_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/internal/proctree"
)

func processes(t *testing.T, opt appprocess.Options) *appprocess.Processes {
	t.Helper()
	p, err := appprocess.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Shutdown(t.Context()) // cut short: the tests' own context is over
		if left := p.Instances(); len(left) > 0 {
			t.Errorf("after Shutdown %v still run", left)
		}
	})
	return p
}

// get asks the app behind b directly, with its token.
func get(t *testing.T, b *ancm.Backend, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+b.Address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("MS-ASPNETCORE-TOKEN", b.Token)
	r.Close = true
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func start(t *testing.T, p *appprocess.Processes) *ancm.Backend {
	t.Helper()
	b, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused starts a process, and returns the 502.5 in which that must end.
func refused(t *testing.T, p *appprocess.Processes) (*ancm.Failure, *appprocess.StartError) {
	t.Helper()
	_, err := p.Start(t.Context())
	var f *ancm.Failure
	var s *appprocess.StartError
	if !errors.As(err, &f) || !errors.As(err, &s) {
		t.Fatalf("want a Failure and a StartError, got %v", err)
	}
	if f.Status != 502 || f.Substatus != 5 {
		t.Fatalf("status %d.%d, want 502.5", f.Status, f.Substatus)
	}
	return f, s
}

func gone(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
}

// untilStopped waits for the manager to notice that its process has ended.
func untilStopped(t *testing.T, p *appprocess.Processes) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); p.Ready() != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the end of the process was not noticed")
		}
	}
}

func TestProcesses(t *testing.T) {
	t.Run("OP-01_start_on_first_request_under_one_lock", func(t *testing.T) {
		t.Parallel()
		p := processes(t, program("app"))
		if p.Ready() != nil || len(p.Instances()) != 0 {
			t.Fatal("a process runs before the first request")
		}
		pids := make([]string, 50)
		var wg sync.WaitGroup
		for i := range pids {
			wg.Go(func() {
				if b, err := p.Start(t.Context()); err != nil {
					t.Error(err)
				} else {
					pids[i] = get(t, b, "/")
				}
			})
		}
		wg.Wait()
		want := strconv.Itoa(p.Instances()[0].PID)
		for i, pid := range pids {
			if pid != want {
				t.Errorf("request %d was answered by %s, want %s", i, pid, want)
			}
		}
	})
	t.Run("OP-01_a_client_that_goes_away_does_not_end_the_start", func(t *testing.T) {
		t.Parallel()
		p := processes(t, program("app"))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Start(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		first := start(t, p)
		if again := start(t, p); again != first {
			t.Error("a second process was started")
		}
	})
	t.Run("OP-02_port", testPort)
	t.Run("OP-03_environment", testEnvironment)
	t.Run("OP-04_readiness", testReadiness)
	t.Run("OP-13_restart_on_demand_only", func(t *testing.T) {
		t.Parallel()
		p := processes(t, program("app"))
		start(t, p)
		first := p.Instances()[0].PID
		if n := p.Kill(); n != 1 {
			t.Fatalf("killed %d", n)
		}
		gone(t, first)
		if p.Ready() != nil || len(p.Instances()) != 0 {
			t.Error("something runs although nobody asked")
		}
		b := start(t, p)
		if now := get(t, b, "/"); now == strconv.Itoa(first) {
			t.Error("the dead process answers")
		}
	})
	t.Run("OP-14_rapid_fails", testRapidFails)
	t.Run("OP-15_page", testPage)
	t.Run("OP-16_shutdown", testShutdown)
	t.Run("OP-17_children_of_the_app_end_with_it", testChildren)
	t.Run("OP-17_group_of_the_app_ends_with_it", testGroup)
	t.Run("OP-19_wrong_port", testWrongPort)
	t.Run("CF-08_round_robin", func(t *testing.T) {
		t.Parallel()
		opt := program("app")
		opt.Config.ProcessesPerApp = 3
		p := processes(t, opt)
		seen := map[string]int{}
		for range 12 {
			b := p.Ready()
			if b == nil {
				b = start(t, p)
			}
			seen[get(t, b, "/")]++
		}
		if len(seen) != 3 || len(p.Instances()) != 3 {
			t.Errorf("answers by process: %v", seen)
		}
		for pid, n := range seen {
			if n < 3 {
				t.Errorf("process %s got %d of 12", pid, n)
			}
		}
	})
	t.Run("CF-09_stdout_log", testStdoutLog)
}

func testPort(t *testing.T) {
	t.Run("picked", func(t *testing.T) {
		t.Parallel()
		p := processes(t, program("app"))
		b := start(t, p)
		host, port, _ := net.SplitHostPort(b.Address)
		if n, _ := strconv.Atoi(port); host != "127.0.0.1" || n < 10000 || n > 48000 {
			t.Errorf("address %s", b.Address)
		}
	})
	t.Run("asked_for", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		if port > 48000 {
			port -= 20000
		}
		p := processes(t, program("app", webconfig.EnvironmentVariable{Name: "ASPNETCORE_PORT", Value: strconv.Itoa(port)}))
		if b := start(t, p); b.Address != "127.0.0.1:"+strconv.Itoa(port) {
			t.Errorf("address %s", b.Address)
		}
	})
	for _, bad := range []string{"80", "443", "1024", "48001", "0", "-1", "http", ""} {
		t.Run("refused_"+bad, func(t *testing.T) {
			p := processes(t, program("app", webconfig.EnvironmentVariable{Name: "ASPNETCORE_PORT", Value: bad}))
			if _, s := refused(t, p); !strings.Contains(s.Error(), "1025 to 48000") {
				t.Error(s)
			}
		})
	}
}

func testEnvironment(t *testing.T) {
	t.Parallel()
	opt := program("app",
		webconfig.EnvironmentVariable{Name: "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", Value: "Mine"},
		webconfig.EnvironmentVariable{Name: "HOME", Value: "/nowhere"})
	opt.HTTPSPort = 8443
	opt.Authentication = "basic;anonymous;"
	p := processes(t, opt)
	environment := func(b *ancm.Backend) map[string]string {
		var list []string
		if err := json.Unmarshal([]byte(get(t, b, "/environment")), &list); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, kv := range list {
			n, v, _ := strings.Cut(kv, "=")
			if _, twice := got[n]; twice {
				t.Errorf("%s is set twice", n)
			}
			got[n] = v
		}
		return got
	}
	b := start(t, p)
	got := environment(b)
	_, port, _ := net.SplitHostPort(b.Address)
	folder, _ := os.Getwd()
	for name, want := range map[string]string{
		"ASPNETCORE_PORT":                     port,
		"ASPNETCORE_TOKEN":                    b.Token,
		"ASPNETCORE_APPL_PATH":                "/",
		"ASPNETCORE_IIS_HTTPAUTH":             "basic;anonymous;",
		"ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED": "true",
		"ASPNETCORE_IIS_PHYSICAL_PATH":        folder,
		"ASPNETCORE_ANCM_HTTPS_PORT":          "8443",
		"ASPNETCORE_HOSTINGSTARTUPASSEMBLIES": "Mine;Microsoft.AspNetCore.Server.IISIntegration",
		"HOME":                                "/nowhere",
		"PATH":                                os.Getenv("PATH"),
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	id, err := uuid.Parse(b.Token)
	if err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 {
		t.Errorf("token %q: %v", b.Token, err)
	}
	p.Kill()
	if again := start(t, p); again.Token == b.Token || environment(again)["ASPNETCORE_TOKEN"] != again.Token {
		t.Error("the token outlived its process")
	}
}

func testReadiness(t *testing.T) {
	for name, every := range map[string]time.Duration{"quick": 0, "as_the_original": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := program("app")
			if every > 0 {
				opt = program("late") // one that listens at once may be as quick as the first look
			}
			opt.PollEvery = every
			begun := time.Now()
			get(t, start(t, processes(t, opt)), "/")
			if took := time.Since(begun); took < every {
				t.Errorf("ready after %v: the port was not polled every %v", took, every)
			}
		})
	}
	t.Run("a_descendant_may_listen", func(t *testing.T) {
		t.Parallel()
		p := processes(t, program("parent"))
		b := start(t, p)
		if pid := get(t, b, "/"); pid == strconv.Itoa(p.Instances()[0].PID) {
			t.Error("this tests nothing: the process itself listens")
		}
	})
	t.Run("a_stranger_is_refused", func(t *testing.T) {
		t.Parallel()
		if _, err := proctree.Descendants(os.Getpid()); err != nil {
			t.Skip(err)
		}
		port := 0
		for port == 0 || port > 48000 { // what the system gives goes up to 60999
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			port = l.Addr().(*net.TCPAddr).Port
		}
		p := processes(t, program("idle", webconfig.EnvironmentVariable{Name: "ASPNETCORE_PORT", Value: strconv.Itoa(port)}))
		if _, s := refused(t, p); !strings.Contains(s.Error(), "does not belong to the app") {
			t.Error(s)
		}
	})
	t.Run("startupTimeLimit_0_is_one_look", func(t *testing.T) {
		t.Parallel()
		opt := program("idle") // one that listens might be as quick as the look
		opt.Config.StartupTimeLimit = 0
		if _, s := refused(t, processes(t, opt)); !strings.Contains(s.Error(), "startupTimeLimit") {
			t.Error(s)
		}
	})
}

func testRapidFails(t *testing.T) {
	t.Parallel()
	// A window that the fails and the refusal fit in, whatever the machine does
	// meanwhile, is found by trying: one that they did not fit in shows nothing.
	for window := 1500 * time.Millisecond; !failRapidly(t, window); window *= 4 {
		if window > time.Minute {
			t.Fatalf("nothing fails rapidly enough for a window of %v", window)
		}
	}
}

// failRapidly tests rapid fails, and reports whether everything happened within the
// window.
func failRapidly(t *testing.T, window time.Duration) bool {
	const limit = 2
	opt := program("app")
	opt.Config.RapidFailsPerMinute = limit
	opt.FailWindow = window
	p := processes(t, opt)
	begun := time.Now()
	for i := range limit + 1 { // so many ends are tolerated; exit code 0 counts
		b := start(t, p)
		if i == 0 {
			begun = time.Now() // the window begins at the earliest now, with the first end
		}
		a, err := http.Get("http://" + b.Address + "/exit")
		if err == nil {
			a.Body.Close()
		}
		untilStopped(t, p)
	}
	_, err := p.Start(t.Context())
	if time.Since(begun) >= window {
		return false
	}
	var s *appprocess.StartError
	if !errors.As(err, &s) || !strings.Contains(s.Error(), "rapidFailsPerMinute") {
		t.Error(err)
	}
	time.Sleep(window - time.Since(begun)) // the window is a length of time
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		_, err := p.Start(t.Context())
		if err == nil {
			return true
		}
		if !strings.Contains(err.Error(), "rapidFailsPerMinute") || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func testPage(t *testing.T) {
	check := func(name string, want []string, not []string, change func(*appprocess.Options)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := program("exits")
			change(&opt)
			f, s := refused(t, processes(t, opt))
			for _, w := range want {
				if !strings.Contains(string(f.Body), w) {
					t.Errorf("page lacks %q:\n%s", w, f.Body)
				}
			}
			for _, w := range not {
				if strings.Contains(string(f.Body), w) {
					t.Errorf("page has %q:\n%s", w, f.Body)
				}
			}
			if !strings.Contains(s.Output, "cannot find the database") || !strings.Contains(s.Error(), "exit status 3") {
				t.Errorf("%v, output %q", s, s.Output)
			}
		})
	}
	setenv := func(name, value string) func(*appprocess.Options) {
		return func(o *appprocess.Options) {
			o.Config.Environment = append(o.Config.Environment, webconfig.EnvironmentVariable{Name: name, Value: value})
		}
	}
	causes := []string{"502.5", "could not be started", "started and then ended", "does not listen"}
	check("three_causes", causes, []string{"database", "exit status"}, func(*appprocess.Options) {})
	check("details", append(causes, "database", "exit status 3"), nil, setenv("ASPNETCORE_DETAILEDERRORS", "true"))
	check("development", append(causes, "database"), nil, setenv("ASPNETCORE_ENVIRONMENT", "Development"))
	t.Run("CF-12_disabled", func(t *testing.T) {
		t.Parallel()
		opt := program("exits")
		opt.Config.DisableStartUpError = true
		if f, _ := refused(t, processes(t, opt)); len(f.Body) > 0 {
			t.Errorf("page: %s", f.Body)
		}
	})
	t.Run("program_missing", func(t *testing.T) {
		t.Parallel()
		opt := program("app")
		opt.Command.Path = filepath.Join(t.TempDir(), "absent")
		if _, s := refused(t, processes(t, opt)); !errors.Is(s, os.ErrNotExist) {
			t.Error(s)
		}
	})
}

// Programs in other languages work as apps if they listen on ASPNETCORE_PORT.
func TestForeignPrograms(t *testing.T) {
	const node = `require("http").createServer((q,a)=>a.end("node "+process.pid)).listen(process.env.ASPNETCORE_PORT,"127.0.0.1")`
	const python = `
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        b = b"python %d" % os.getpid()
        self.send_response(200); self.send_header("Content-Length", str(len(b))); self.end_headers(); self.wfile.write(b)
http.server.HTTPServer(("127.0.0.1", int(os.environ["ASPNETCORE_PORT"])), H).serve_forever()`
	for name, args := range map[string][]string{"node": {"-e", node}, "python3": {"-c", python}} {
		t.Run("OP-03_"+name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(name); err != nil {
				t.Skipf("%s is not on this machine: %v", name, err)
			}
			opt := program("")
			opt.Command = webconfig.Command{Path: name, Args: args}
			p := processes(t, opt)
			if got := get(t, start(t, p), "/"); !strings.HasPrefix(got, name[:4]) {
				t.Errorf("answer %q", got)
			}
			pid := p.Instances()[0].PID
			p.Shutdown(t.Context())
			gone(t, pid)
		})
	}
}
