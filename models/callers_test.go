//go:build unix

package models_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
)

// seenBy sends a request that change has completed, and returns what the app saw of it.
func seenBy(t *testing.T, s *models.Site, change func(*http.Request)) (app.Request, error) {
	r, _ := http.NewRequest(http.MethodGet, "http://"+s.Address()+"/whoami", http.NoBody)
	change(r)
	a, err := client(t).Do(r)
	if err != nil {
		return app.Request{}, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return app.Request{}, err
	}
	if a.StatusCode != http.StatusOK {
		return app.Request{}, fmt.Errorf("%s %s: %q", a.Status, a.Header.Get("X-Ancm-Error"), b)
	}
	var seen app.Request
	return seen, json.Unmarshal(b, &seen)
}

func basic(name string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(name, "secret") }
}

// user returns the user that the app sees.
func user(seen app.Request) string {
	if seen.User == nil {
		return "nobody"
	}
	return seen.User.Name + " by " + seen.User.AuthenticationType
}

var staff = models.NativeModules{Users: map[string]string{"anna": "secret", "bo": "secret"}}

// The app sees the same user under every model, unless the configuration hides the user
// or there is no module.
func TestCallerOfBothModels(t *testing.T) {
	for _, c := range []struct {
		name       string
		model      ancmbench.Model
		attributes string
		want       string
	}{
		{"WA-01_WA-02_user_in-process", ancmbench.InProcess, "", "anna by Basic"},
		{"WA-01_WA-02_user_out-of-process", ancmbench.OutOfProcess, "", "anna by Basic"},
		{"WA-02_user_over_a_Unix_socket", ancmbench.OutOfProcessUnix, "", "anna by Basic"},
		{"WA-02_user_without_reuse", ancmbench.OutOfProcessNoReuse, "", "anna by Basic"},
		{"WA-02_user_through_ReverseProxy", ancmbench.ReverseProxy, "", "anna by Basic"},
		{"WA-02_bare_passes_nobody", ancmbench.Bare, "", "nobody"},
		{"CF-11_WA-02_on_several_processes", ancmbench.OutOfProcess, `processesPerApplication="2" forwardWindowsAuthToken="true"`, "anna by Basic"},
		{"CF-11_WA-02_not_forwarded_when_off", ancmbench.OutOfProcess, `forwardWindowsAuthToken="false"`, "nobody"},
		{"CF-11_without_effect_in-process", ancmbench.InProcess, `forwardWindowsAuthToken="false"`, "anna by Basic"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := models.Options{Model: c.model, Native: staff}
			if c.attributes != "" {
				o.WebConfig = webConfig(t, t.TempDir(), `hostingModel="inprocess" `+c.attributes)
			}
			s := site(t, o)
			for range 3 {
				seen, err := seenBy(t, s, basic("anna"))
				if err != nil {
					t.Fatal(err)
				}
				if got := user(seen); got != c.want {
					t.Errorf("the app sees %s, want %s", got, c.want)
				}
				for name := range seen.Header {
					if strings.HasPrefix(name, "Ms-Aspnetcore") && c.model != ancmbench.Bare {
						t.Errorf("the app sees %s", name)
					}
				}
			}
		})
	}
}

func TestCallerWithoutIdentity(t *testing.T) {
	t.Run("WA-02_anonymous_is_nobody", func(t *testing.T) {
		for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
			s := site(t, models.Options{Model: model})
			seen, err := seenBy(t, s, func(r *http.Request) {
				r.SetBasicAuth("anna", "secret")
				r.Header.Set("MS-ASPNETCORE-WINAUTHTOKEN", "5")
			})
			if err != nil || seen.User != nil {
				t.Errorf("%s: the app sees %s, %v", model, user(seen), err)
			}
		}
	})
}

// Many users at the same time are not mixed up, and no descriptor stays open in the
// worker or in the app's process.
func TestCallersLeaveNothing(t *testing.T) {
	t.Run("WA-02_descriptors_before_and_after", testCallersLeaveNothing)
}

func testCallersLeaveNothing(t *testing.T) {
	s := site(t, models.Options{Model: ancmbench.OutOfProcess, Native: staff})
	open := func() map[string]int {
		out := map[string]int{}
		for role, pid := range pids(t, s) {
			list, err := os.ReadDir(filepath.Join("/proc", fmt.Sprint(pid), "fd"))
			if err != nil {
				t.Skip("descriptors of another process cannot be seen here: ", err)
			}
			out[role] = pipes(t, pid, list)
		}
		return out
	}
	if _, err := seenBy(t, s, basic("anna")); err != nil {
		t.Fatal(err)
	}
	before := open()
	var wg sync.WaitGroup
	for i := range 8 {
		name := []string{"anna", "bo"}[i%2]
		wg.Go(func() {
			for range 50 {
				seen, err := seenBy(t, s, basic(name))
				if err != nil || user(seen) != name+" by Basic" {
					t.Errorf("asked as %s: %s, %v", name, user(seen), err)
					return
				}
			}
		})
	}
	wg.Wait()
	// One more, after which nothing is under way: its answer comes after every
	// release before it.
	if _, err := seenBy(t, s, basic("anna")); err != nil {
		t.Fatal(err)
	}
	if after := open(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("pipes before %v, after %v", before, after)
	}
}

// pipes returns the descriptors that could be callers'; connections come and go.
func pipes(t *testing.T, pid int, list []os.DirEntry) (n int) {
	t.Helper()
	for _, d := range list {
		if to, err := os.Readlink(filepath.Join("/proc", fmt.Sprint(pid), "fd", d.Name())); err == nil && strings.HasPrefix(to, "pipe:") {
			n++
		}
	}
	return n
}

// A foreign program has no channel for users. It gets the request without the number of
// a descriptor.
func TestCallerOfForeignProgram(t *testing.T) {
	t.Run("WA-02_nothing_for_a_foreign_program", func(t *testing.T) {
		s := site(t, models.Options{Model: ancmbench.OutOfProcess, Native: staff, WebConfig: foreign(t)})
		r, _ := http.NewRequest(http.MethodGet, "http://"+s.Address()+"/", http.NoBody)
		r.SetBasicAuth("anna", "secret")
		a, err := client(t).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode != 200 {
			t.Fatalf("%s %q, %v", a.Status, b, err)
		}
		head := strings.ToLower(string(b))
		if !strings.Contains(head, "ms-aspnetcore-token: ") || strings.Contains(head, "winauthtoken") {
			t.Errorf("the program got\n%s", b)
		}
	})
}

const echoApp = `
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        b = str(self.headers).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(b))); self.end_headers(); self.wfile.write(b)
http.server.HTTPServer(("127.0.0.1", int(os.environ["ASPNETCORE_PORT"])), H).serve_forever()
`

// foreign returns the web.config of a program that answers with the fields it gets.
func foreign(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skipf("python3 is not on this machine: %v", err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "echo.py"), echoApp)
	return webConfig(t, dir, `processPath="python3" arguments=".\echo.py"`)
}
