//go:build unix

package models_test

import (
	"path/filepath"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/models"
)

// An app that cannot be initialised is 500.30 or 500.37 of its worker, or 502.5
// of the module before it, until a worker whose app can takes over.
func TestAppThatDoesNotStart(t *testing.T) {
	for _, c := range []struct {
		name       string
		model      ancmbench.Model
		start      string
		code, page string
	}{
		{"IP-02_failed", ancmbench.InProcess, "fail", "500.30", "no database"},
		{"IP-02_slow", ancmbench.InProcess, "hang", "500.37", "startupTimeLimit of 1s"},
		{"OP-15_app_fails_at_start", ancmbench.OutOfProcess, "fail", "502.5", "no database"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			config := func(env ...string) string {
				return webConfig(t, dir, `hostingModel="inprocess" startupTimeLimit="1"`, env...)
			}
			s := site(t, models.Options{Model: c.model, WebConfig: config("TEST_START", c.start, "ASPNETCORE_DETAILEDERRORS", "true")})
			for range 2 {
				got := ask(t, client(t), s, "/plaintext")
				if code := got.header.Get("X-Ancm-Error"); code != c.code || !strings.Contains(got.body, c.page) {
					t.Errorf("%d, X-Ancm-Error %q, %q", got.status, code, got.body)
				}
			}
			if c.model == ancmbench.InProcess {
				untilLogged(t, s, "the app does not start: ")
			}
			config("TEST_START", "well")
			eventually(t, s, "/plaintext", func(a answer) bool { return a.status == 200 })
		})
	}
}

// A second app of the same web.config cannot be in the worker too; the first
// one's requests are not touched by that.
func TestSecondApp(t *testing.T) {
	for model, want := range map[ancmbench.Model]string{ancmbench.InProcess: "500.35", ancmbench.OutOfProcess: "500.34"} {
		t.Run("IP-06_"+string(model), func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "web.config")
			write(t, file, `<configuration><system.webServer><aspNetCore hostingModel="inprocess"/></system.webServer>
<location path="shop"><system.webServer><aspNetCore hostingModel="inprocess"/></system.webServer></location></configuration>`)
			s := site(t, models.Options{Model: model, WebConfig: file})
			if got := ask(t, client(t), s, "/shop/1"); got.status != 500 || got.header.Get("X-Ancm-Error") != want {
				t.Errorf("%d, X-Ancm-Error %q, want %s", got.status, got.header.Get("X-Ancm-Error"), want)
			}
			if got := ask(t, client(t), s, "/plaintext"); got.status != 200 {
				t.Errorf("the first app: %d %q", got.status, got.body)
			}
			untilLogged(t, s, "location shop: another application")
		})
	}
}
