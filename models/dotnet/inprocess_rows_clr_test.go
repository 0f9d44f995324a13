//go:build clr && linux && amd64 && cgo

package dotnet_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/ancm/clr"
)

// hostTwin hosts the C# twin of the reference app in-process.
func hostTwin(t *testing.T, o models.Options, pairs ...string) *inProcess {
	t.Helper()
	o.WebConfig = published(t, variables(append(pairs, "Logging__LogLevel__Default", "Warning")...)...)
	return host(t, o)
}

// The app sees the client itself, on a connection with TLS too, and its environment, and
// nothing of the module.
func inClient(t *testing.T) {
	t.Parallel()
	p := hostTwin(t, models.Options{Fronts: []string{models.FrontTLS}, PathBase: "/shop"}, "FROM_WEB_CONFIG", "yes")
	got := seen(t, get(t, p.client, p.url+"/shop/whoami?a=%20b&c=1", "X-Forwarded-For", "1.2.3.4"))
	header := http.Header(got.Header)
	if !strings.HasPrefix(got.RemoteAddr, "127.0.0.1:") || got.Scheme != "http" || got.PathBase != "/shop" || got.Path != "/whoami" || got.URI != "/shop/whoami?a=%20b&c=1" ||
		header.Get("X-Forwarded-For") != "1.2.3.4" || header.Get("MS-ASPNETCORE-TOKEN") != "" || got.PID != pidOf(t, p.Site, models.RoleWorker) {
		t.Errorf("the app sees %+v", got)
	}
	https, config := secure(t, p.Site)
	if got := seen(t, get(t, client(t, config), https+"/shop/whoami")); got.Scheme != "https" || !strings.HasPrefix(got.RemoteAddr, "127.0.0.1:") {
		t.Errorf("with TLS the app sees %+v", got)
	}
	for _, path := range []string{"/whoami", "/shopping", "/"} {
		if a := get(t, p.client, p.url+path); a.status != 404 || a.header.Get("X-Ancm-App-Pid") != "" {
			t.Errorf("%s: %d from process %q", path, a.status, a.header.Get("X-Ancm-App-Pid"))
		}
	}
}

// inProcessDifferences are those of IISHttpServer.
var inProcessDifferences = []difference{
	{"echo with a trailer", "trailers", "map[X-Sum:[sum]]", "map[]", "over HTTP/1.1 ASP.NET Core sends no trailers"},
	{"whoami", "app sees X-Odd-Case", "2\",\n      \"1", "2, 1", "IISHttpServer keeps one value of a field, so the native half joins them"},
	{"whoami in chunks", "app sees Transfer-Encoding", "", "chunked", "net/http takes it out of the fields"},
	{"two slashes", "all", "307", "404", "net/http sends clients to the shortest form of a path, ASP.NET Core takes it as it is"},
	{"dots", "all", "307", "200", "net/http sends clients to the shortest form of a path, IISHttpServer resolves it"},
	{"/stream/0", "Content-Length", "0", "", "nobody says the length of an answer that was flushed before its end"},
}

// In-process the C# app answers what the Go app answers, over each transport.
func TestInProcessSameAsTheGoApp(t *testing.T) {
	for _, transport := range []string{clr.Rings, clr.Direct, clr.Send} {
		t.Run(transport, func(t *testing.T) {
			sameAsTheGoApp(t, ancmbench.InProcess, inProcessDifferences, models.EnvTransport+"="+transport)
		})
	}
}

// The first app that is asked has the worker: the other gets 500.35.
func inTwoApps(t *testing.T) {
	t.Parallel()
	p := hostTwin(t, models.Options{Apps: []models.App{{Path: "/other", WebConfig: published(t)}}})
	first, second := get(t, p.client, p.url+"/plaintext"), get(t, p.client, p.url+"/other/plaintext")
	if errors := []string{first.header.Get("X-Ancm-Error"), second.header.Get("X-Ancm-Error")}; fmt.Sprint(errors) != "[500.35 ]" && fmt.Sprint(errors) != "[ 500.35]" {
		t.Errorf("%d and %d, X-Ancm-Error %q", first.status, second.status, errors)
	}
}

// app_offline.htm ends the app, and a changed web.config replaces it, while requests come.
func inFolder(t *testing.T) {
	t.Parallel()
	p := hostTwin(t, models.Options{}, "GENERATION", "one")
	worker := func() int { return pidOf(t, p.Site, models.RoleWorker) }
	ask := func() (int, string) {
		a := get(t, p.client, p.url+"/plaintext")
		return a.status, a.body
	}
	if status, _ := ask(); status != 200 {
		t.Fatal(status)
	}
	first, dir := worker(), filepath.Dir(p.config)
	b, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.config, []byte(strings.Replace(string(b), `"one"`, `"two"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "another worker has the changed file", func() bool {
		if status, body := ask(); status != 200 {
			t.Fatalf("%d %s while the worker is replaced", status, body)
		}
		return worker() != first
	})
	offline := filepath.Join(dir, "app_offline.htm")
	if err := os.WriteFile(offline, []byte("back soon"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the site is offline", func() bool { status, body := ask(); return status == 503 && body == "back soon" })
	if err := os.Remove(offline); err != nil {
		t.Fatal(err)
	}
	until(t, "the site is back", func() bool { status, _ := ask(); return status == 200 })
}

// A body beyond the limit is refused, and one at the limit is not.
func inLimit(t *testing.T) {
	t.Parallel()
	p := hostTwin(t, models.Options{})
	for size, want := range map[int]int{30_000_000: 200, 30_000_001: 413} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/sink", strings.NewReader(strings.Repeat("s", size)))
		if err != nil {
			t.Fatal(err)
		}
		if a := send(t, p.client, r); a.status != want {
			t.Errorf("%d bytes: %d %s, want %d", size, a.status, a.body, want)
		}
	}
}
