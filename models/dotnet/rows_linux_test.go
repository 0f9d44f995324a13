package dotnet_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/internal/selfsigned"
)

// What of the module concerns the app, with ASP.NET Core and Microsoft's IIS
// Integration as the app's side. The steps of one app share it: each start costs a
// second.
func TestASPNETCore(t *testing.T) {
	t.Run("one life", func(t *testing.T) {
		t.Parallel()
		l := &appLife{}
		if _, err := publish(); !errors.As(err, new(noSDK)) {
			l = live(t)
		}
		for _, step := range []struct {
			name string
			take func(*testing.T)
		}{
			{"CF-09_CF-10_stdout_log_and_environment_ASP.NET", l.logAndEnvironment},
			{"OP-11_token_ASP.NET", l.token},
			{"OP-12_app_sees_the_client_ASP.NET", l.forwarded},
			{"OP-07_client_certificate_ASP.NET", l.clientCertificate},
			{"OP-13_killed_and_started_again_ASP.NET", l.killed},
			{"OP-16_shutdown_event_ASP.NET", l.shutdownEvent},
			{"OP-16_stop_ASP.NET", l.stop},
		} {
			t.Run(step.name, func(t *testing.T) {
				ready(t)
				step.take(t)
			})
		}
	})
	t.Run("OP-03_OP-12_path_base_and_redirection_to_HTTPS_ASP.NET", func(t *testing.T) {
		t.Parallel()
		testBelowAndHTTPS(t)
	})
}

// appLife is one hosted app with a log, a file that it says things in, and TLS.
type appLife struct {
	*models.Site
	dir, said   string
	http, https string
	plain, tls  *http.Client
	config      *tls.Config
}

func live(t *testing.T) *appLife {
	said := filepath.Join(t.TempDir(), "said.txt")
	changes := append(variables("SAID", said, "ASPNETCORE_ENVIRONMENT", "Staging", "Logging__LogLevel__Default", "Information"),
		`stdoutLogEnabled="false"`, `stdoutLogEnabled="true"`)
	config := published(t, changes...)
	l := &appLife{dir: filepath.Dir(config), said: said}
	l.Site = site(t, models.Options{WebConfig: config, Fronts: []string{models.FrontTLS}})
	l.http, l.plain = "http://"+l.Address(), client(t, nil)
	l.https, l.config = secure(t, l.Site)
	l.tls = client(t, l.config)
	return l
}

// secure returns how the TLS front of a site is reached.
func secure(t *testing.T, s *models.Site) (string, *tls.Config) {
	t.Helper()
	target, err := s.FrontTarget(models.FrontTLS)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(target.Roots) {
		t.Fatal("no certificate of the front")
	}
	return "https://" + target.Address, &tls.Config{RootCAs: roots}
}

// told returns the variables that the app's process was born with.
func (l *appLife) told(t *testing.T) map[string]string {
	t.Helper()
	get(t, l.plain, l.http+"/plaintext") // one runs
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pidOf(t, l.Site, models.RoleApp)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for kv := range strings.SplitSeq(string(b), "\x00") {
		name, value, _ := strings.Cut(kv, "=")
		out[name] = value
	}
	return out
}

func (l *appLife) logAndEnvironment(t *testing.T) {
	pid := get(t, l.plain, l.http+"/plaintext").header.Get("X-Ancm-App-Pid")
	if pid == "" || pid != strconv.Itoa(pidOf(t, l.Site, models.RoleApp)) {
		t.Errorf("the app says that it is process %q", pid)
	}
	var text string
	until(t, "the app's words in its log", func() bool {
		names, _ := filepath.Glob(filepath.Join(l.dir, "logs", "stdout_*.log"))
		if len(names) != 1 {
			return false
		}
		b, _ := os.ReadFile(names[0])
		text = string(b)
		return strings.Contains(text, "Content root path")
	})
	for _, want := range []string{"Hosting environment: Staging", "Content root path: " + l.dir,
		"Now listening on: http://127.0.0.1:" + l.told(t)["ASPNETCORE_PORT"]} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the log:\n%s", want, text)
		}
	}
}

// Who has not the token gets nothing from the app, whatever it asks for.
func (l *appLife) token(t *testing.T) {
	told := l.told(t)
	base := "http://127.0.0.1:" + told["ASPNETCORE_PORT"]
	for _, tokens := range [][]string{{}, {""}, {"wrong"}, {told["ASPNETCORE_TOKEN"] + "x"}} {
		var fields []string
		for _, token := range tokens {
			fields = append(fields, "MS-ASPNETCORE-TOKEN", token)
		}
		for _, path := range []string{"/plaintext", "/iisintegration"} {
			if a := get(t, l.plain, base+path, fields...); a.status != 400 || a.body != "" {
				t.Errorf("%s with tokens %q: %d %q", path, tokens, a.status, a.body)
			}
		}
	}
	if a := get(t, l.plain, base+"/plaintext", "MS-ASPNETCORE-TOKEN", told["ASPNETCORE_TOKEN"]); a.status != 200 || a.body != "Hello, World!" {
		t.Errorf("with the token: %d %q", a.status, a.body)
	}
}

func (l *appLife) forwarded(t *testing.T) {
	for _, c := range []struct {
		client      *http.Client
		url, scheme string
	}{{l.plain, l.http, "http"}, {l.tls, l.https, "https"}} {
		got := seen(t, get(t, c.client, c.url+"/whoami", "X-Forwarded-For", "10.9.9.9", "X-Forwarded-Proto", "gopher", "MS-ASPNETCORE-TOKEN", "mine"))
		host, port, _ := strings.Cut(got.RemoteAddr, ":")
		if got.Scheme != c.scheme || host != "127.0.0.1" || port == "0" || port == "" {
			t.Errorf("%s: the app sees scheme %q and client %q", c.scheme, got.Scheme, got.RemoteAddr)
		}
		header := http.Header(got.Header)
		if got := header.Get("X-Forwarded-For") + " " + header.Get("X-Forwarded-Proto"); got != "10.9.9.9 gopher" {
			t.Errorf("%s: of what was there before the app sees %q", c.scheme, got)
		}
		if header.Get("X-Original-For") == "" || header.Get("X-Original-Proto") != "http" {
			t.Errorf("%s: the connection itself is not kept: %v", c.scheme, header)
		}
		if got.PathBase != "" || got.Path != "/whoami" || got.Host != strings.SplitN(c.url, "//", 2)[1] {
			t.Errorf("%s: path %q below %q of host %q", c.scheme, got.Path, got.PathBase, got.Host)
		}
	}
}

func (l *appLife) clientCertificate(t *testing.T) {
	own := selfsigned.Certificate(t)
	config := l.config.Clone()
	config.Certificates = []tls.Certificate{own}
	want := base64.StdEncoding.EncodeToString(own.Certificate[0])
	if got := seen(t, get(t, client(t, config), l.https+"/whoami")); got.ClientCertificate != want {
		t.Errorf("with a certificate the app sees %q, want %q", got.ClientCertificate, want)
	}
	forged := get(t, l.tls, l.https+"/whoami", "MS-ASPNETCORE-CLIENTCERT", want)
	if got := seen(t, forged); got.ClientCertificate != "" {
		t.Errorf("without one the app sees %q", got.ClientCertificate)
	}
}

// kill -9, and the next request is answered by another process.
func (l *appLife) killed(t *testing.T) {
	before := get(t, l.plain, l.http+"/plaintext").header.Get("X-Ancm-App-Pid")
	if err := l.Kill(t.Context(), models.RoleApp); err != nil {
		t.Fatal(err)
	}
	if pid := pidOf(t, l.Site, models.RoleApp); pid != 0 {
		t.Errorf("process %d was started before anybody asked", pid)
	}
	a := get(t, l.plain, l.http+"/plaintext")
	if after := a.header.Get("X-Ancm-App-Pid"); a.status != 200 || after == before || after == "" {
		t.Errorf("after the kill: %d from process %s, was %s", a.status, after, before)
	}
}

// lines returns what the processes of the app have said.
func (l *appLife) lines() []string {
	b, _ := os.ReadFile(l.said)
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

// The event that the module sends is accepted, and the app's own code is told.
func (l *appLife) shutdownEvent(t *testing.T) {
	told := l.told(t)
	pid := pidOf(t, l.Site, models.RoleApp)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:"+told["ASPNETCORE_PORT"]+"/iisintegration", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("MS-ASPNETCORE-TOKEN", told["ASPNETCORE_TOKEN"])
	r.Header.Set("MS-ASPNETCORE-EVENT", "shutdown")
	if a := send(t, l.plain, r); a.status != 202 {
		t.Errorf("the shutdown event is answered %d", a.status)
	}
	until(t, "the app is told and ends", func() bool {
		return slices.Contains(l.lines(), fmt.Sprint(pid, " told")) && pidOf(t, l.Site, models.RoleApp) != pid
	})
	if a := get(t, l.plain, l.http+"/plaintext"); a.status != 200 {
		t.Errorf("after its end: %d", a.status)
	}
}

// The end of the site tells the app, and nothing of it is left.
func (l *appLife) stop(t *testing.T) {
	ended := talk(t, l.Address())
	pid := pidOf(t, l.Site, models.RoleApp)
	if err := l.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	for range cap(ended) {
		if err := <-ended; websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("a WebSocket in full use ends with %v, want StatusGoingAway", err)
		}
	}
	if !slices.Contains(l.lines(), fmt.Sprint(pid, " told")) {
		t.Errorf("process %d was not told to end: %q", pid, l.lines())
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
		t.Errorf("process %d is still there", pid)
	}
}

// talk keeps WebSockets in use in both directions, and gives how each ends.
func talk(t *testing.T, address string) <-chan error {
	t.Helper()
	const sockets = 8
	ended := make(chan error, sockets)
	for range sockets {
		ws, _, err := websocket.Dial(t.Context(), "ws://"+address+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.CloseNow() })
		begun := make(chan struct{})
		go func() { // does not wait for what comes back: messages are always under way
			for ws.Write(t.Context(), websocket.MessageText, []byte("hello")) == nil {
			}
		}()
		go func() {
			_, _, err := ws.Read(t.Context())
			close(begun)
			for err == nil {
				_, _, err = ws.Read(t.Context())
			}
			ended <- err
		}()
		<-begun
	}
	return ended
}

// An app below a path that wants HTTPS sends clients where the TLS front is.
func testBelowAndHTTPS(t *testing.T) {
	s := site(t, models.Options{WebConfig: published(t, variables("HTTPS_REDIRECTION", "true")...), Fronts: []string{models.FrontTLS}, PathBase: "/shop"})
	https, config := secure(t, s)
	a := get(t, client(t, nil), "http://"+s.Address()+"/shop/whoami?a=b")
	want := https + "/shop/whoami?a=b"
	if got := a.header.Get("Location"); a.status != 307 || got != want {
		t.Fatalf("over HTTP: %d %q, want %q", a.status, got, want)
	}
	tls := client(t, config)
	got := seen(t, get(t, tls, want))
	if got.PathBase != "/shop" || got.Path != "/whoami" || got.URI != "/shop/whoami?a=b" || got.Scheme != "https" {
		t.Errorf("the app sees %+v", got)
	}
	for _, path := range []string{"/whoami", "/shopping"} {
		if a := get(t, tls, https+path); a.status != 404 || a.header.Get("X-Ancm-App-Pid") != "" {
			t.Errorf("%s: %d from process %q", path, a.status, a.header.Get("X-Ancm-App-Pid"))
		}
	}
}

// Without a token the app listens where the module says all the same, and shows
// nothing of the module.
func TestBareHostsASPNETCore(t *testing.T) {
	t.Parallel()
	s := site(t, models.Options{Model: ancmbench.Bare, WebConfig: published(t)})
	got := seen(t, get(t, client(t, nil), "http://"+s.Address()+"/whoami"))
	if header := http.Header(got.Header); got.PathBase != "" || header.Get("MS-ASPNETCORE-TOKEN") != "" || header.Get("X-Original-For") != "" {
		t.Errorf("the app sees %+v", got)
	}
	if got.PID != pidOf(t, s, models.RoleApp) {
		t.Errorf("process %d answered, and the app is %d", got.PID, pidOf(t, s, models.RoleApp))
	}
}
