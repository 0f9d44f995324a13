//go:build unix

package dotnet_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
	"ancmbench/models/dotnet"
)

func TestMain(m *testing.M) {
	// The race detector sleeps for a second when a process ends.
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	if os.Getenv("ANCMBENCH_ROLE") == models.RoleWorker {
		tellCounts()
	}
	models.RunRole(app.Handler()) // this binary is its own was, worker and app
	if sdk, err := dotnet.Find(); err == nil {
		for _, kv := range sdk.Environment() { // the worker finds dotnet where its PATH says
			name, value, _ := strings.Cut(kv, "=")
			os.Setenv(name, value)
		}
	}
	code := m.Run()
	for _, dir := range removeAtEnd {
		_ = os.RemoveAll(dir) // what stays is in a temporary folder
	}
	os.Exit(code)
}

// removeAtEnd are the folders that tests share.
var removeAtEnd []string

// publish is the folder of the published app, built once for all tests.
var publish = sync.OnceValues(func() (string, error) {
	sdk, err := dotnet.Find()
	if err != nil {
		return "", noSDK{err}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	return sdk.Publish(ctx)
})

// noSDK is what this machine lacks.
type noSDK struct{ error }

// ready returns the folder of the published app. It skips without .NET.
func ready(t *testing.T) string {
	t.Helper()
	dir, err := publish()
	if lacks := (noSDK{}); errors.As(err, &lacks) {
		t.Skip(lacks)
	} else if err != nil {
		t.Fatal(err)
	}
	return dir
}

// published copies the app to a folder of the test's own, with its web.config
// changed: each pair is what is replaced and by what. It skips without .NET.
func published(t *testing.T, changes ...string) (webConfig string) {
	t.Helper()
	return copied(t, ready(t), changes...)
}

// copied copies a published folder, and changes its web.config as published does.
func copied(t *testing.T, from string, changes ...string) (webConfig string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "app")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	webConfig = filepath.Join(dir, "web.config")
	b, err := os.ReadFile(webConfig)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			t.Fatalf("no %s in the SDK's web.config:\n%s", changes[i], text)
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	if err := os.WriteFile(webConfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return webConfig
}

// variables returns changes of the SDK's web.config: name and value in turn.
func variables(pairs ...string) []string {
	const end = `hostingModel="inprocess" />`
	var b strings.Builder
	b.WriteString(`hostingModel="inprocess"><environmentVariables>`)
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString(`<environmentVariable name="` + pairs[i] + `" value="` + pairs[i+1] + `" />`)
	}
	b.WriteString(`</environmentVariables></aspNetCore>`)
	return []string{end, b.String()}
}

func site(t *testing.T, o models.Options) *models.Site {
	t.Helper()
	if o.Model == "" {
		o.Model = ancmbench.OutOfProcess
	}
	s, err := models.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("Stop: %v", err)
		}
		if t.Failed() {
			t.Logf("log:\n%s", s.LogTail())
		}
	})
	return s
}

// client makes connections of the test's own, and follows no redirect.
func client(t *testing.T, config *tls.Config) *http.Client {
	tr := &http.Transport{TLSClientConfig: config, DisableCompression: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type answer struct {
	status          int
	header, trailer http.Header
	body            string
}

func send(t *testing.T, c *http.Client, r *http.Request) answer {
	t.Helper()
	a, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return answer{a.StatusCode, a.Header, a.Trailer, string(b)}
}

func get(t *testing.T, c *http.Client, url string, fields ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header.Add(fields[i], fields[i+1])
	}
	return send(t, c, r)
}

// seen returns what the app says of a request.
func seen(t *testing.T, a answer) (r app.Request) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != 200 {
		t.Fatalf("%d %q: %v", a.status, a.body, err)
	}
	return r
}

// until waits for something.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func pidOf(t *testing.T, s *models.Site, role string) int {
	t.Helper()
	ps, err := s.Processes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		if p.Role == role {
			return p.PID
		}
	}
	return 0
}
