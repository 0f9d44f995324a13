//go:build clr && linux && amd64 && cgo

package dotnet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/dotnet"
	"ancmbench/models/leftovers"
)

// faulty is the folder of the published app that fails as it is told.
var faulty = sync.OnceValues(func() (string, error) {
	sdk, err := dotnet.Find()
	if err != nil {
		return "", noSDK{err}
	}
	work, err := os.MkdirTemp("", "faults-")
	if err != nil {
		return "", err
	}
	removeAtEnd = append(removeAtEnd, work)
	if err := os.CopyFS(work, os.DirFS("testdata/faults")); err != nil {
		return "", err
	}
	out := filepath.Join(work, "out")
	cmd := exec.Command(sdk.Command(), "publish", "-c", "Release", "-o", out, "--source", filepath.Join(work, "none"), "-nodeReuse:false", "-p:UseSharedCompilation=false", "-p:NuGetAudit=false")
	cmd.Dir = work
	cmd.Env = append(append(os.Environ(), sdk.Environment()...), "DOTNET_CLI_HOME="+work, "NUGET_PACKAGES="+filepath.Join(work, "packages"), "MSBUILDDISABLENODEREUSE=1", "DOTNET_CLI_USE_MSBUILD_SERVER=0")
	if err := os.Mkdir(filepath.Join(work, "none"), 0o700); err != nil {
		return "", err
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return out, nil
})

// inProcess is a site whose worker hosts an app of .NET.
type inProcess struct {
	*models.Site
	url    string
	config string
	counts string // the file in which the worker counts
	client *http.Client
	mu     sync.Mutex
	events []models.Event
}

// hostFaulty hosts the app in-process, with variables for it: name and value in turn. change
// may alter the folder before.
func hostFaulty(t *testing.T, change func(dir string), pairs ...string) *inProcess {
	t.Helper()
	from, err := faulty()
	if lacks := (noSDK{}); errors.As(err, &lacks) {
		t.Skip(lacks)
	} else if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "app")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "web.config")
	b, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	pairs = append(pairs, "ASPNETCORE_DETAILEDERRORS", "true", "Logging__LogLevel__Default", "Warning")
	ch := variables(pairs...)
	text := strings.Replace(string(b), ch[0], ch[1], 1)
	if text == string(b) {
		t.Fatalf("no %s in\n%s", ch[0], b)
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(dir)
	}
	return host(t, models.Options{WebConfig: config})
}

func host(t *testing.T, o models.Options) *inProcess {
	p := &inProcess{client: client(t, nil), config: o.WebConfig, counts: filepath.Join(t.TempDir(), "counts")}
	o.Env = append(o.Env, leftovers.EnvCounts+"="+p.counts)
	o.Model = ancmbench.InProcess
	o.Report = func(e models.Event) {
		p.mu.Lock()
		p.events = append(p.events, e)
		p.mu.Unlock()
	}
	p.Site = site(t, o)
	p.url = "http://" + p.Address()
	return p
}

func (p *inProcess) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all strings.Builder
	for _, e := range p.events {
		all.WriteString(e.String() + "\n")
	}
	return all.String()
}

// ask asks once; an error is its text.
func (p *inProcess) ask(path string) (int, string, http.Header) {
	a, err := p.client.Get(p.url + path)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return a.StatusCode, err.Error(), a.Header
	}
	return a.StatusCode, string(b), a.Header
}

// again asks until the app answers, as after the end of a worker.
func (p *inProcess) again(t *testing.T) string {
	t.Helper()
	body := ""
	until(t, "the app answers", func() bool {
		var status int
		status, body, _ = p.ask("/hello")
		return status == 200
	})
	return body
}

// A published app, unchanged, shows in-process what the rows say.
func TestInProcessHostsASPNETCore(t *testing.T) {
	for name, run := range map[string]func(*testing.T){
		"IP-01_no_second_process_and_no_socket_ASP.NET":      inAlone,
		"IP-02_what_keeps_an_app_from_its_start_ASP.NET":     inFailures,
		"IP-02_other_runtimes_ASP.NET":                       inOtherRuntimes,
		"IP-03_BM-04_app_sees_the_client_in_process_ASP.NET": inClient,
		"IP-04_clients_that_go_ASP.NET":                      inGone,
		"IP-05_crashes_of_the_app_ASP.NET":                   inCrashes,
		"IP-05_the_app_stops_by_itself_ASP.NET":              inStops,
		"IP-05_signals_at_any_moment_ASP.NET":                inSignals,
		"IP-05_signals_during_a_request_ASP.NET":             inSignalsInFlight,
		"IP-05_signals_by_threads_ASP.NET":                   inMasks,
		"IP-06_two_apps_in_one_worker_ASP.NET":               inTwoApps,
		"IP-06_two_web_servers_in_one_app_ASP.NET":           inTwoServers,
		"BM-01_BM-05_offline_and_changed_in_process_ASP.NET": inFolder,
		"BM-06_limit_of_a_body_in_process_ASP.NET":           inLimit,
		"OP-16_end_of_an_app_in_process_ASP.NET":             inEnd,
	} {
		t.Run(name, run)
	}
}

// An app that does not come to the point at which it takes requests is answered for: with
// the module's status, and with what it said. The answer stays.
func inFailures(t *testing.T) {
	t.Parallel()
	rename := func(from, to string) func(string) {
		return func(dir string) {
			if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(name, from, to string) func(string) {
		return func(dir string) {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || !strings.Contains(string(b), from) {
				t.Fatalf("no %s in %s: %s %v", from, name, b, err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(string(b), from, to)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name, fault string
		change      func(dir string)
		code, says  string
	}{
		{"throws in Main", "thr", nil, "500.30", "thrown in Main"},
		{"throws in a service", "svc", nil, "500.30", "thrown in a service"},
		{"ends at once", "ret", nil, "500.30", "Main has returned 7"},
		{"exits", "ext", nil, "500.30", "exit code 3"},
		{"never starts its server", "hng", edit("web.config", `hostingModel=`, `startupTimeLimit="2" hostingModel=`), "500.37", "startupTimeLimit"},
		{"fails fast", "fast", nil, "500.30", "in the worker"},
		{"app.dll is missing", "", rename("faults.dll", "other.dll"), "500.38", "faults.dll is missing"},
		{"app.dll is damaged", "", func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, "faults.dll"), []byte("no assembly"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "500.30", "faults.dll is damaged"},
		{"runtimeconfig.json is missing", "", rename("faults.runtimeconfig.json", "x"), "500.31", "hostpolicy"},
		{"runtimeconfig.json is damaged", "", func(dir string) {
			if err := os.WriteFile(filepath.Join(dir, "faults.runtimeconfig.json"), []byte("{"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "500.30", "Invalid runtimeconfig.json"},
		{"the framework is missing", "", edit("faults.runtimeconfig.json", `"version": "10.0.0"`, `"version": "10.9.0"`), "500.31", "You must install or update .NET"},
		{"built for .NET 9", "", edit("faults.runtimeconfig.json", `"version": "10.0.0"`, `"version": "9.0.0"`), "500.30", "built for ASP.NET Core 9.0.0"},
		{"app.dll is a folder", "", func(dir string) {
			path := filepath.Join(dir, "faults.dll")
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, "500.38", "faults.dll cannot be read: it is a folder"},
		{"runtimeconfig.json is a pipe", "", func(dir string) {
			path := filepath.Join(dir, "faults.runtimeconfig.json")
			if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
				t.Fatal(err)
			}
		}, "500.30", "faults.runtimeconfig.json cannot be read: it is no regular file"},
		{"deps.json is damaged", "", edit("faults.deps.json", `"runtimeTarget"`, `runtimeTarget`), "500.30", "faults.deps.json"},
		{"hooks are switched off", "", edit("faults.runtimeconfig.json", `"configProperties": {`, `"configProperties": { "System.StartupHookProvider.IsSupported": false,`), "500.30", "startup hooks off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := hostFaulty(t, c.change, "FAULT", c.fault)
			status, body, header := p.ask("/hello")
			if got := header.Get("X-Ancm-Error"); status != 500 || got != c.code || !strings.Contains(body, c.says) {
				t.Fatalf("%d %s %s, want %s with %q", status, got, body, c.code, c.says)
			}
			worker := pidOf(t, p.Site, models.RoleWorker)
			if status, _, header := p.ask("/hello"); status != 500 || header.Get("X-Ancm-Error") != c.code || pidOf(t, p.Site, models.RoleWorker) != worker {
				t.Errorf("the second time: %d %s", status, header.Get("X-Ancm-Error"))
			}
			says := "the app does not start"
			if c.fault == "fast" { // the page cannot say it
				says = "; its last words: process terminated: failed fast in Main"
			}
			until(t, "an event says so", func() bool { return strings.Contains(p.said(), says) })
		})
	}
}

// An app whose second web server is refused while its first serves gets 500.30 from then on,
// and its worker lives and ends as others do.
func inTwoServers(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil, "FAULT", "two")
	var status int
	var header http.Header
	until(t, "the second server is refused", func() bool {
		status, _, header = p.ask("/hello")
		return status != 200 // which its first server may give before
	})
	worker := pidOf(t, p.Site, models.RoleWorker)
	if header.Get("X-Ancm-Error") != "500.30" {
		t.Errorf("%d %v", status, header)
	}
	until(t, "an event says so", func() bool {
		return strings.Contains(p.said(), "the app starts a second web server in this process, and in-process there can be one; requests get 500.30")
	})
	if status, _, header := p.ask("/hello"); status != 500 || header.Get("X-Ancm-Error") != "500.30" || pidOf(t, p.Site, models.RoleWorker) != worker {
		t.Errorf("the second time: %d %s", status, header.Get("X-Ancm-Error"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// The end of the app is the end of its worker; the socket stays open, and another worker
// serves.
func inCrashes(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil, "DOTNET_GCHeapHardLimit", "10000000") // 256 MB
	for path, says := range map[string]string{"/exit": "has ended unasked: exit status 3;", "/failfast": "process terminated: failed fast in a request", "/thread": "unhandled exception: System.InvalidOperationException: thrown on a thread", "/overflow": "stack overflow", "/memory": ""} {
		before := p.again(t)
		status, body, _ := p.ask(path)
		if path == "/memory" && status == 500 {
			continue // an exception like another: the app lives on
		}
		if status != 0 {
			t.Errorf("%s: %d %s", path, status, body)
		}
		if after := p.again(t); after == before {
			t.Errorf("%s: the same worker %s", path, after)
		}
		until(t, path+": an event says "+says, func() bool { return strings.Contains(p.said(), says) })
	}
	if status, _, _ := p.ask("/null"); status != 500 {
		t.Errorf("a null reference in the app: %d", status)
	}
	if status, body, _ := p.ask("/hello"); status != 200 {
		t.Errorf("after it: %d %s", status, body)
	}
}

// An app that stops by itself gives way to another worker, without a lost request.
func inStops(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil)
	before := p.again(t)
	slow := make(chan string, 1)
	go func() {
		status, body, _ := p.ask("/sleep/500")
		slow <- fmt.Sprint(status, body)
	}()
	if status, body, _ := p.ask("/stop"); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if got := <-slow; got != "200slept" {
		t.Errorf("in flight: %s", got)
	}
	until(t, "another worker serves", func() bool {
		status, body, _ := p.ask("/hello")
		return status == 200 && body != before
	})
	if !strings.Contains(p.said(), "has ended unasked") {
		t.Errorf("events: %s", p.said())
	}
}

// kill -9, TERM and INT at any moment of a worker's life leave a site that serves, and no
// process.
func inSignals(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil)
	for i, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL, syscall.SIGQUIT} {
		asked := make(chan struct{})
		go func() {
			p.ask("/hello") // its start, or itself, may be hit
			close(asked)
		}()
		var worker int
		until(t, "a worker", func() bool { worker = pidOf(t, p.Site, models.RoleWorker); return worker != 0 })
		time.Sleep(time.Duration(i) * 60 * time.Millisecond) // no event: any moment will do
		if err := syscall.Kill(worker, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
		<-asked
		if body := p.again(t); sig != syscall.SIGINT && body == "hello from "+strconv.Itoa(worker) {
			until(t, fmt.Sprint(sig, " ends the worker"), func() bool { return p.again(t) != body })
		}
	}
}

// The app is one with its worker: no second process, and no socket of its own.
func inAlone(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, nil)
	p.again(t)
	ps, err := p.Processes(t.Context())
	if err != nil || len(ps) != 2 {
		t.Errorf("processes %v %v", ps, err)
	}
	worker := pidOf(t, p.Site, models.RoleWorker)
	if children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", worker)); len(children) > 0 {
		t.Errorf("children %s", children)
	}
	for _, file := range []string{"tcp", "tcp6"} {
		mine := listening(t, worker, file)
		if len(mine) > 1 || file == "tcp6" && len(mine) > 0 {
			t.Errorf("the worker listens on %v (%s)", mine, file)
		}
	}
}

// listening returns the local addresses on which a process listens.
func listening(t *testing.T, pid int, file string) (out []string) {
	t.Helper()
	inodes := map[string]bool{}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", pid, fd.Name())); err == nil {
			inodes[strings.TrimSuffix(strings.TrimPrefix(to, "socket:["), "]")] = true
		}
	}
	b, err := os.ReadFile("/proc/net/" + file)
	if err != nil {
		return nil // no IPv6
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && inodes[f[9]] {
			out = append(out, f[1])
		}
	}
	return out
}

// A worker that is stopped while requests are in flight ends them and itself, and one
// whose app does not end is killed when its grace is over.
func inEnd(t *testing.T) {
	t.Parallel()
	p := hostFaulty(t, func(dir string) {
		config := filepath.Join(dir, "web.config")
		b, _ := os.ReadFile(config)
		if err := os.WriteFile(config, []byte(strings.Replace(string(b), "hostingModel=", `shutdownTimeLimit="3" hostingModel=`, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	p.again(t)
	slow, stuck := make(chan string, 1), make(chan int, 1)
	go func() {
		status, body, _ := p.ask("/sleep/700")
		slow <- fmt.Sprint(status, body)
	}()
	go func() {
		status, _, _ := p.ask("/wait") // never ends by itself
		stuck <- status
	}()
	until(t, "one waits", func() bool { _, body, _ := p.ask("/counts"); return strings.HasPrefix(body, "waiting 1 ") })
	worker := pidOf(t, p.Site, models.RoleWorker)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	if got := <-slow; got != "200slept" {
		t.Errorf("in flight: %s", got)
	}
	if status := <-stuck; status == 200 {
		t.Errorf("what never ends: %d", status)
	}
	if err := syscall.Kill(worker, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", worker, err)
	}
}
