//go:build unix

package models_test

import (
	"bufio"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"ancmbench"
	"ancmbench/models"
)

// What the app is told, and what it is not to be asked.
func TestSettingsReachTheApp(t *testing.T) {
	t.Setenv("GREETING", "inherited") // by every process of the sites below
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run("OP-03_HTTPS_port_"+string(model), func(t *testing.T) {
			s := site(t, models.Options{Model: model, Fronts: []string{models.FrontTLS}})
			target, err := s.FrontTarget(models.FrontTLS)
			if err != nil {
				t.Fatal(err)
			}
			if got := "127.0.0.1:" + ask(t, client(t), s, "/env/ASPNETCORE_ANCM_HTTPS_PORT").body; got != target.Address {
				t.Errorf("told %s, it is %s", got, target.Address)
			}
			plain := site(t, models.Options{Model: model})
			if got := ask(t, client(t), plain, "/env/ASPNETCORE_ANCM_HTTPS_PORT").body; got != "" {
				t.Errorf("told %s without a listener", got)
			}
		})
		t.Run("CF-10_without_case_"+string(model), func(t *testing.T) {
			s := site(t, models.Options{Model: model, WebConfig: webConfig(t, t.TempDir(), `hostingModel="inprocess"`, "Greeting", "configured")})
			for _, name := range []string{"GREETING", "Greeting"} {
				if got := ask(t, client(t), s, "/env/"+name).body; got != "configured" {
					t.Errorf("%s=%q", name, got)
				}
			}
		})
		for _, enabled := range []bool{true, false} {
			t.Run(fmt.Sprintf("OP-10_webSocket_enabled_%v_%s", enabled, model), func(t *testing.T) {
				dir := t.TempDir()
				file := filepath.Join(dir, "web.config")
				write(t, file, fmt.Sprintf(`<configuration><system.webServer><webSocket enabled="%v"/><aspNetCore hostingModel="inprocess"/></system.webServer></configuration>`, enabled))
				for _, front := range []string{"lean", "nethttp"} {
					s := site(t, models.Options{Model: model, Front: front, WebConfig: file})
					k := dial(t, s.Address())
					fmt.Fprint(k, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
					a, err := http.ReadResponse(bufio.NewReader(k), nil)
					if err != nil {
						t.Fatal(err)
					}
					if (a.StatusCode == http.StatusSwitchingProtocols) != enabled {
						t.Errorf("%s: %s", front, a.Status)
					}
					k.Close()
					if model == ancmbench.OutOfProcess || !enabled {
						if got := ask(t, client(t), s, "/env/ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED").body; got != fmt.Sprint(enabled) {
							t.Errorf("the app is told %q", got)
						}
					}
				}
			})
		}
	}
}
