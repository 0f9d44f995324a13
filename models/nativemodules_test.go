//go:build unix

package models_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/models"
)

// The same modules in front of either model: same user, same file, same lines.
func TestNativeModules(t *testing.T) {
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run("BM-03_WA-01_in_front_of_"+string(model), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, filepath.Join(dir, "site.css"), "p{}")
			log := filepath.Join(t.TempDir(), "requests.log")
			s := site(t, models.Options{Model: model, Native: models.NativeModules{
				RequestLog: log, Users: map[string]string{"anna": "secret"}, StaticFiles: dir}})
			get := func(path, user string) (int, string, string) {
				r, _ := http.NewRequest(http.MethodGet, "http://"+s.Address()+path, http.NoBody)
				if user != "" {
					r.SetBasicAuth(user, "secret")
				}
				a, err := client(t).Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer a.Body.Close()
				b, err := io.ReadAll(a.Body)
				if err != nil {
					t.Fatal(err)
				}
				return a.StatusCode, a.Header.Get("X-Ancm-Error") + string(b), a.Header.Get("X-Ancm-App-Pid")
			}
			for _, c := range []struct {
				path, user, want string
				app              bool // answered by the app
			}{
				{"/user", "", "401 401.2", false},
				{"/user", "eve", "401 401.1", false},
				{"/site.css", "", "401 401.2", false},
				{"/site.css", "anna", "200 p{}", false},
				{"/user", "anna", "200 anna", true},
			} {
				status, body, pid := get(c.path, c.user)
				if got := fmt.Sprint(status, " ", body); got != c.want || (pid != "") != c.app {
					t.Errorf("%s as %q: %s from app %q, want %s", c.path, c.user, got, pid, c.want)
				}
			}
			if _, told, _ := get("/env/ASPNETCORE_IIS_HTTPAUTH", "anna"); (told == "basic;") != (model == ancmbench.OutOfProcess) {
				t.Errorf("the app is told of authentication %q", told)
			}
			if err := s.Recycle(t.Context()); err != nil { // the next worker adds to the log
				t.Fatal(err)
			}
			get("/user", "anna")
			if err := s.Stop(t.Context()); err != nil { // all that was served is written
				t.Fatal(err)
			}
			b, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(string(b)) {
				if f := strings.Fields(line); f[0] != "#Fields:" {
					got = append(got, strings.Join(append(f[3:6:6], f[7:9]...), " "))
				} else if len(got) > 0 {
					t.Error("columns named again")
				}
			}
			want := []string{"- GET /user 401 2", "- GET /user 401 1", "- GET /site.css 401 2",
				"anna GET /site.css 200 0", "anna GET /user 200 0", "anna GET /env/ASPNETCORE_IIS_HTTPAUTH 200 0", "anna GET /user 200 0"}
			slices.Sort(got) // a line is written after the answer, which the next request need not wait for
			slices.Sort(want)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("logged %q\nwant %q", got, want)
			}
		})
	}
}

func TestNativeModulesRefused(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "a", "b")
	_, err := models.Start(t.Context(), models.Options{Model: ancmbench.Relay, Native: models.NativeModules{
		RequestLog: missing, Users: map[string]string{"a:b": "geheim"}, StaticFiles: missing, Keytab: missing}})
	for _, want := range []string{"model relay: ", "request log: ", "static files: ", "keytab: ", `user "a:b": `} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if options := new(models.OptionsError); !errors.As(err, &options) {
		t.Errorf("%v is no OptionsError", err)
	}
	if _, err := models.Start(t.Context(), models.Options{Model: ancmbench.InProcess,
		Native: models.NativeModules{Principal: "HTTP/a"}}); !strings.Contains(fmt.Sprint(err), "principal HTTP/a: needs a keytab") {
		t.Errorf("a principal without a keytab: %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "geheim") {
		t.Errorf("a password is shown: %v", err)
	}
}

// Reports name what stands in front of a measured model.
func TestNativeModulesNames(t *testing.T) {
	all := models.NativeModules{RequestLog: "a", Users: map[string]string{"b": "c"}, Keytab: "d", StaticFiles: "e"}
	if got, want := all.Names(), []string{"request-log", "basic-auth", "negotiate", "static-files"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (models.NativeModules{}).Names(); got != nil {
		t.Errorf("%q for no modules", got)
	}
}
