//go:build unix

package models_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
)

// lifeApp is a Node program that notes in the file SAID that it is told to end, by
// the module's event or, with DEAF=event, by SIGTERM, finishes what it has begun,
// and ends. With DEAF=all it can be told nothing and does not end.
const lifeApp = `const http=require("http"),fs=require("fs");
const say=t=>fs.appendFileSync(process.env.SAID,process.pid+" "+t+"\n");
const deaf=process.env.DEAF||"";
const end=()=>{say("told");if(deaf!=="all")s.close(()=>process.exit(0))};
const s=http.createServer((q,a)=>{
  if(q.headers["ms-aspnetcore-event"]){ if(deaf){a.statusCode=404;a.end()}else{a.statusCode=202;a.end(end)}; return }
  const slow=/^\/slow\/(\d+)/.exec(q.url);
  if(slow){say("begins");a.write("begin ");setTimeout(()=>a.end("end"),+slow[1]);return}
  if(q.url==="/print"){console.log("line with pass"+"word=hunter22 in it")}
  if(q.url==="/exit"){process.exit(3)}
  a.end(String(process.pid))
});
if(deaf==="event"||deaf==="all")process.on("SIGTERM",end);
s.listen(process.env.ASPNETCORE_PORT,"127.0.0.1");
`

// deafApp is a Python program that handles no signal.
const deafApp = `
import http.server, os, time
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "9"); self.end_headers()
        self.wfile.write(b"begin "); self.wfile.flush(); time.sleep(1.5); self.wfile.write(b"end")
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["ASPNETCORE_PORT"])), H).serve_forever()
`

// lifeSite hosts lifeApp.
type lifeSite struct {
	*models.Site
	t              *testing.T
	dir, said      string
	attributes     string
	env            []string
	mu             sync.Mutex
	events         []models.Event
	front, address string
}

// hostLife starts a site for lifeApp. front is "lean" or "nethttp".
func hostLife(t *testing.T, front, attributes string, env ...string) *lifeSite {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skipf("node is not on this machine: %v", err)
	}
	l := &lifeSite{t: t, dir: t.TempDir(), front: front, attributes: attributes}
	l.said = filepath.Join(l.dir, "said.txt")
	write(t, filepath.Join(l.dir, "app.js"), lifeApp)
	l.env = append(env, "SAID", l.said)
	l.configure()
	l.Site = site(t, models.Options{Model: ancmbench.OutOfProcess, Front: front, WebConfig: filepath.Join(l.dir, "web.config"), Report: func(e models.Event) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events = append(l.events, e)
	}})
	l.address = l.Address()
	return l
}

// configure writes the web.config, as a new file that takes the place of the old.
func (l *lifeSite) configure(more ...string) {
	l.t.Helper()
	aside := l.t.TempDir()
	webConfig(l.t, aside, `processPath="node" arguments="app.js" `+l.attributes, append(l.env, more...)...)
	if err := os.Rename(filepath.Join(aside, "web.config"), filepath.Join(l.dir, "web.config")); err != nil {
		l.t.Fatal(err)
	}
}

// until waits for something.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// untilSaid waits for the line of an app's process.
func (l *lifeSite) untilSaid(line string) {
	l.t.Helper()
	until(l.t, "the app says "+line, func() bool {
		b, _ := os.ReadFile(l.said)
		return strings.Contains("\n"+string(b), "\n"+line+"\n")
	})
}

// untilEvent waits for an event with these words.
func (l *lifeSite) untilEvent(words string) models.Event {
	l.t.Helper()
	var found models.Event
	until(l.t, "event "+words, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, e := range l.events {
			if strings.Contains(e.String(), words) {
				found = e
				return true
			}
		}
		return false
	})
	return found
}

// pid returns the app's process, which answers it.
func (l *lifeSite) pid() int {
	l.t.Helper()
	pid, err := strconv.Atoi(ask(l.t, client(l.t), l.Site, "/").body)
	if err != nil {
		l.t.Fatal(err)
	}
	return pid
}

// begin asks for a slow answer and returns once the app has begun it.
func (l *lifeSite) begin(milliseconds int) <-chan answer {
	l.t.Helper()
	pid := l.pid()
	out := make(chan answer, 1)
	go func() {
		a, err := client(l.t).Get(fmt.Sprintf("http://%s/slow/%d", l.address, milliseconds))
		if err != nil {
			out <- answer{body: err.Error()}
			return
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil {
			b = []byte(err.Error())
		}
		out <- answer{a.StatusCode, a.Header, string(b)}
	}()
	l.untilSaid(fmt.Sprintf("%d begins", pid))
	return out
}

// running: a process that has ended and that nobody has asked how is not.
func running(pid int) bool {
	if st, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		return !strings.Contains(string(st), ") Z ")
	}
	return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// keepAlive is a connection that is kept.
type keepAlive struct {
	net.Conn
	in       *bufio.Reader
	answered time.Time // when the last answer came, or it was opened
}

func newKeepAlive(c net.Conn) *keepAlive {
	_ = c.SetDeadline(time.Now().Add(60 * time.Second))
	return &keepAlive{c, bufio.NewReader(c), time.Now()}
}

func dial(t *testing.T, address string) *keepAlive {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return newKeepAlive(c)
}

// errEnded is the error of ask on a connection that ends before a byte of the answer.
var errEnded = errors.New("no byte of an answer")

// ask sends a request and reads its answer.
func (k *keepAlive) ask(path string) (*http.Response, string, error) {
	if _, err := fmt.Fprintf(k, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path); err != nil {
		return nil, "", fmt.Errorf("%w: %w", errEnded, err)
	}
	if _, err := k.in.Peek(1); err != nil {
		return nil, "", fmt.Errorf("%w: %w", errEnded, err)
	}
	a, err := http.ReadResponse(k.in, nil)
	if err != nil {
		return nil, "", err
	}
	b, err := io.ReadAll(a.Body)
	return a, string(b), err
}

func TestLife(t *testing.T) {
	for _, front := range []string{"lean", "nethttp"} {
		for deaf, how := range map[string]string{"": "event", "event": "signal"} {
			t.Run("OP-16_stop_with_an_answer_in_flight_"+front+"_"+how, func(t *testing.T) {
				t.Parallel()
				testStopInFlight(t, front, deaf)
			})
		}
		t.Run("OP-16_stop_at_the_limit_"+front, func(t *testing.T) {
			t.Parallel()
			l := hostLife(t, front, `shutdownTimeLimit="1"`)
			slow := l.begin(60_000)
			pid := l.pid()
			if err := l.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if got := <-slow; strings.HasSuffix(got.body, "end") {
				t.Error("it took the request's 60 s")
			}
			if running(pid) {
				t.Error("the app is still there")
			}
			l.untilSaid(fmt.Sprintf("%d told", pid))
			if e := l.untilEvent("is killed"); !strings.Contains(e.Text, strconv.Itoa(pid)) || !e.Fault() {
				t.Errorf("event %v", e)
			}
		})
		t.Run("BM-05_recycle_with_an_answer_in_flight_"+front, func(t *testing.T) {
			t.Parallel()
			testRecycleInFlight(t, front)
		})
	}
	for _, front := range []string{"lean", "nethttp"} {
		t.Run("BM-05_recycle_closes_idle_connections_"+front, func(t *testing.T) {
			t.Parallel()
			testRecycleIdle(t, front)
		})
	}
	t.Run("OP-16_deaf_app_finishes", func(t *testing.T) {
		t.Parallel()
		if _, err := exec.LookPath("python3"); err != nil {
			t.Skipf("python3 is not on this machine: %v", err)
		}
		if runtime.GOOS != "linux" {
			t.Skip("only Linux tells who handles a signal")
		}
		// It knows neither the event nor SIGTERM, which would end it in the middle.
		dir := t.TempDir()
		write(t, filepath.Join(dir, "app.py"), deafApp)
		s := site(t, models.Options{Model: ancmbench.OutOfProcess, WebConfig: webConfig(t, dir, `processPath="python3" arguments="app.py"`)})
		a, err := client(t).Get("http://" + s.Address() + "/")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		if err := s.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		if b, err := io.ReadAll(a.Body); string(b) != "begin end" {
			t.Errorf("what was begun: %q %v", b, err)
		}
	})
	t.Run("OP-16_second_Stop_is_at_once", func(t *testing.T) {
		t.Parallel()
		l := hostLife(t, "lean", `shutdownTimeLimit="60"`)
		slow := l.begin(50_000)
		pid := l.pid()
		first := make(chan error, 1)
		go func() { first <- l.Stop(t.Context()) }()
		l.untilSaid(fmt.Sprintf("%d told", pid))
		now, cancel := context.WithCancel(t.Context())
		cancel()
		_ = l.Stop(now)
		if got := <-slow; strings.HasSuffix(got.body, "end") {
			t.Error("it was not at once")
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		until(t, "the app is gone", func() bool { return !running(pid) }) // it was killed; the kernel may still be at it
	})
}

// The app is told at once and finishes; new requests get 503, or are refused.
func testStopInFlight(t *testing.T, front, deaf string) {
	l := hostLife(t, front, "", "DEAF", deaf)
	slow := l.begin(3000)
	pid := l.pid()
	kept := dial(t, l.address)
	if _, _, err := kept.ask("/"); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- l.Stop(t.Context()) }()
	l.untilSaid(fmt.Sprintf("%d told", pid))
	select {
	case <-slow:
		t.Error("the app was told only when its answer was over")
	default:
	}
	if a, _, err := kept.ask("/"); err != nil || a.StatusCode != 503 || !a.Close {
		t.Errorf("a kept connection: %v %v", a, err)
	}
	a, err := client(t).Get("http://" + l.address + "/")
	if err == nil {
		a.Body.Close()
	}
	if err != nil && !errors.Is(err, syscall.ECONNREFUSED) || err == nil && a.StatusCode != 503 {
		t.Errorf("a new connection: %v %v", a, err)
	}
	if got := <-slow; got.status != 200 || got.body != "begin end" {
		t.Errorf("what was begun: %d %q", got.status, got.body)
	}
	if err := <-stopped; err != nil || running(pid) {
		t.Errorf("Stop: %v, the app lives: %v", err, running(pid))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if e.Fault() {
			t.Errorf("event of an ordinary life: %v", e)
		}
	}
}

// Without any request coming the old app is told, a new one serves beside it, and
// the old one finishes or is killed at the limit.
func testRecycleInFlight(t *testing.T, front string) {
	l := hostLife(t, front, `shutdownTimeLimit="6"`)
	soon, never := l.begin(3500), l.begin(60_000)
	old := l.pid()
	worker := pids(t, l.Site)[models.RoleWorker]
	l.configure("CHANGED", "yes")
	l.untilSaid(fmt.Sprintf("%d told", old))
	began := l.pid()
	if began == old {
		t.Error("the old app answers after it was told")
	}
	if !running(old) {
		t.Error("the old app is gone in the middle of its answers")
	}
	if now := pids(t, l.Site)[models.RoleWorker]; now == worker {
		t.Error("the worker is the same")
	}
	if got := <-soon; got.body != "begin end" {
		t.Errorf("what ends within the limit: %q", got.body)
	}
	if got := <-never; strings.HasSuffix(got.body, "end") {
		t.Error("the old app had 60 s")
	}
	until(t, "the old app and worker end", func() bool { return !running(old) && !running(worker) })
	l.untilEvent("web.config has changed")
	l.untilEvent("is killed")
}

// A connection that has nothing to say is closed before the old app is told: its client goes
// to the new worker, and does not get 503 for its next request.
func testRecycleIdle(t *testing.T, front string) {
	l := hostLife(t, front, "")
	k := dial(t, l.address)
	a, body, err := k.ask("/")
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatal(a, err)
	}
	l.configure("CHANGED", "yes")
	l.untilSaid(body + " told")
	if a, _, err := k.ask("/"); err == nil {
		t.Errorf("an idle connection answers %s behind a recycle, want its end", a.Status)
	}
}

// A relay knows no requests; it still lets the app finish, and does not wait for
// clients that keep their connections.
func TestStopOfARelay(t *testing.T) {
	s := site(t, models.Options{Model: ancmbench.Relay, Grace: time.Minute})
	kept := dial(t, s.Address())
	if _, _, err := kept.ask("/plaintext"); err != nil {
		t.Fatal(err)
	}
	slow := inFlight(t, s, "/sleep/700000")
	began := time.Now()
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if got := <-slow; got.status != 200 {
		t.Errorf("what was begun: %d %q", got.status, got.body)
	}
	if took := time.Since(began); took > 40*time.Second { // it did not wait for the minute
		t.Errorf("took %v", took)
	}
}
