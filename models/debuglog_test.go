//go:build unix

package models_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/models"
)

// The module's own log says what happened to the app and its requests, under
// either model, in the app's folder.
func TestDebugLogOfAWorker(t *testing.T) {
	for _, c := range []struct {
		name  string
		model ancmbench.Model
		want  []string
	}{
		{"CF-13_debugFile_in-process", ancmbench.InProcess, []string{
			`INFO\] debug log of the module v2`, `INFO\] the app is ready in this process`,
			`TRACE\] GET "/plaintext": begins`, `TRACE\] GET "/plaintext": 200, 13 bytes`,
			`INFO\] .*app_offline.htm is there`, `ERROR\] GET "/plaintext": 503\.0: app_offline`}},
		{"CF-13_debugFile_out-of-process", ancmbench.OutOfProcess, []string{
			`INFO\] debug log of the module v2`, `INFO\] starting ".*" \[\] in "", to listen on port \d+`,
			`INFO\] process \d+ listens on port \d+`, `TRACE\] GET "/plaintext": 200, 13 bytes`,
			`ERROR\] GET "/crash": 502\.3: `, `WARNING\] process \d+ has ended unasked: exit status 7`,
			`INFO\] .*app_offline.htm is there`, `INFO\] process \d+ is asked to end`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "web.config")
			write(t, file, `<configuration><system.webServer><aspNetCore hostingModel="inprocess"><handlerSettings>
<handlerSetting name="debugFile" value=".\logs\debug.log"/><handlerSetting name="debugLevel" value="FILE,TRACE"/>
</handlerSettings></aspNetCore></system.webServer></configuration>`)
			s := site(t, models.Options{Model: c.model, WebConfig: file})
			cl := client(t)
			if got := ask(t, cl, s, "/plaintext?secret"); got.status != 200 {
				t.Fatalf("%d %q", got.status, got.body)
			}
			if c.model == ancmbench.OutOfProcess {
				if got := ask(t, cl, s, "/crash"); got.status != 502 {
					t.Errorf("/crash: %d", got.status)
				}
				eventually(t, s, "/plaintext", func(a answer) bool { return a.status == 200 }) // there is a process to be ended
			}
			write(t, filepath.Join(dir, "app_offline.htm"), "closed")
			eventually(t, s, "/plaintext", func(a answer) bool { return a.status == 503 })
			if err := s.Stop(t.Context()); err != nil { // what was to be told is told
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(dir, "logs", "debug.log"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !regexp.MustCompile(want).Match(b) {
					t.Errorf("no line %s in\n%s", want, b)
				}
			}
			if strings.Contains(string(b), "secret") {
				t.Errorf("a query is told:\n%s", b)
			}
		})
	}
	t.Run("CF-13_environment_of_the_worker", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "debug.log")
		s := site(t, models.Options{Model: ancmbench.InProcess,
			Env: []string{"ASPNETCORE_MODULE_DEBUG=trace", "ASPNETCORE_MODULE_DEBUG_FILE=" + file}})
		ask(t, client(t), s, "/plaintext")
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(file); !strings.Contains(string(b), `GET "/plaintext": 200`) {
			t.Errorf("%s, %v", b, err)
		}
	})
}

const shopConfig = `<configuration><system.webServer><aspNetCore %s/></system.webServer></configuration>`

// Two applications, each with a web.config of its own, really share a worker, as
// far as their hosting models let them.
func TestSecondAppThatIsThere(t *testing.T) {
	const in, out = `hostingModel="inprocess"`, `hostingModel="outofprocess" processPath="python3" arguments=".\echo.py"`
	for _, c := range []struct {
		name  string
		model ancmbench.Model
		shop  string
		asked []string
		want  []string // sub-status, or what serves: this program or another
	}{
		{"IP-06_two_apps_in-process", ancmbench.InProcess, in, []string{"/whoami", "/shop/whoami", "/whoami"}, []string{"ours /", "500.35", "ours /"}},
		{"IP-06_the_second_is_asked_first", ancmbench.InProcess, in, []string{"/shop/whoami", "/whoami", "/SHOP/whoami"}, []string{"ours /shop", "500.35", "ours /SHOP"}},
		{"IP-06_mixed_in-process_first", ancmbench.InProcess, out, []string{"/whoami", "/shop/whoami"}, []string{"ours /", "500.34"}},
		{"IP-06_mixed_out-of-process_first", ancmbench.InProcess, out, []string{"/shop/whoami", "/whoami", "/shop/x"}, []string{"echo", "500.34", "echo"}},
		{"IP-06_mixed_the_other_way", ancmbench.OutOfProcess, in, []string{"/whoami", "/shop/whoami"}, []string{"ours /", "500.34"}},
		{"IP-06_two_apps_out-of-process", ancmbench.OutOfProcess, out, []string{"/whoami", "/shop/whoami", "/whoami"}, []string{"ours /", "echo", "ours /"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "web.config")
			if c.shop == out {
				file = foreign(t)
			}
			write(t, file, fmt.Sprintf(shopConfig, c.shop))
			s := site(t, models.Options{Model: c.model, Apps: []models.App{{Path: "/shop", WebConfig: file}}})
			check := func(when string) {
				t.Helper()
				for i, target := range c.asked {
					got := ask(t, client(t), s, target)
					what := got.header.Get("X-Ancm-Error")
					if m := regexp.MustCompile(`"path": "/whoami",\s+"path_base": "(.*)"`).FindStringSubmatch(got.body); m != nil {
						what = "ours " + orRoot(m[1])
					} else if strings.Contains(got.body, "MS-ASPNETCORE-TOKEN") {
						what = "echo"
					}
					if what != c.want[i] {
						t.Errorf("%s: %s after %v: %s (%d %.300q), want %s", when, target, c.asked[:i], what, got.status, got.body, c.want[i])
					}
				}
			}
			check("first")
			if err := s.Recycle(t.Context()); err != nil {
				t.Fatal(err)
			}
			check("in the next worker")
		})
	}
	t.Run("IP-06_refused_paths", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "web.config")
		write(t, file, fmt.Sprintf(shopConfig, in))
		_, err := models.Start(t.Context(), models.Options{Model: ancmbench.Relay, Apps: []models.App{
			{Path: "/", WebConfig: file}, {Path: "shop", WebConfig: file}, {Path: "/a/../b", WebConfig: file},
			{Path: "/x", WebConfig: file}, {Path: "/X", WebConfig: file}, {Path: "/y", WebConfig: file + ".not"}}})
		for _, want := range []string{`app "/": `, `app "shop": must be`, `app "/a/../b": must be`, `app "/X": given twice`, `app "/y": open`, "model relay: tells no"} {
			if !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("%v lacks %q", err, want)
			}
		}
	})
}

func orRoot(base string) string {
	if base == "" {
		return "/"
	}
	return base
}
