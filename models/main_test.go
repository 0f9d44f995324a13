//go:build unix

package models_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"ancmbench"
	"ancmbench/models"
	"ancmbench/models/app"
)

// parentEnv makes this binary a program that starts a site and is then killed;
// its value is the model and the cgroups' folder.
const parentEnv = "MODELS_TEST_PARENT"

func TestMain(m *testing.M) {
	// The race detector sleeps for a second when a process ends.
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	models.RunRole(startingApp{testApp()}) // this binary is its own was, worker and app
	if what := os.Getenv(parentEnv); what != "" {
		os.Exit(parent(what))
	}
	os.Exit(m.Run())
}

// startingApp is an app that is initialised as TEST_START says.
type startingApp struct{ http.Handler }

func (startingApp) Start(ctx context.Context) error {
	switch os.Getenv("TEST_START") {
	case "fail":
		return errors.New("no database")
	case "hang":
		<-ctx.Done()
		return ctx.Err()
	}
	if thief := os.Getenv("TEST_THIEF"); thief != "" {
		return tell(thief, os.Getenv("ASPNETCORE_PORT"))
	}
	return nil
}

// testApp returns the app, and what tests need of one that misbehaves.
func testApp() http.Handler {
	usual := app.Handler()
	var busy atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		busy.Add(1)
		defer busy.Add(-1)
		usual.ServeHTTP(w, r)
	})
	mux.HandleFunc("/busy-now", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, busy.Load()) })
	mux.HandleFunc("/spawn", func(w http.ResponseWriter, _ *http.Request) {
		c := exec.Command("sleep", "600")
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // leaves group and session
		if err := c.Start(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, c.Process.Pid)
	})
	mux.HandleFunc("/env/{name}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, os.Getenv(r.PathValue("name"))) })
	mux.HandleFunc("/user", func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := r.BasicAuth()
		fmt.Fprint(w, name)
	})
	mux.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(7) })
	mux.HandleFunc("/secret", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(os.Stderr, "token", os.Getenv("ASPNETCORE_TOKEN"), "password", os.Getenv("TEST_PASSWORD"))
	})
	numbered := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Id", r.PathValue("id"))
		fmt.Fprint(w, r.PathValue("id"))
	}
	mux.HandleFunc("/id/{id}", numbered)
	mux.HandleFunc("/half/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		numbered(w, r)
		_ = http.NewResponseController(w).Flush() // the head is out before it breaks off
	})
	mux.HandleFunc("/log/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(os.Stderr, r.PathValue("id"), strings.Repeat("x", 1000)) // a full disk is not the request's concern
		numbered(w, r)
	})
	mux.HandleFunc("/hang/{id}", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	return mux
}

// parent starts a site, says where it is and who is in it, and waits to be killed.
func parent(what string) int {
	model, cgroup, _ := strings.Cut(what, " ")
	opt := models.Options{Model: ancmbench.Model(model)}
	if cgroup != "" {
		opt.Cgroups = leaves(cgroup)
	}
	s, err := models.Start(context.Background(), opt)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.Address())
	<-s.Done()
	return 1
}

var roles = []string{models.RoleWAS, models.RoleWorker, models.RoleApp}

// leaves returns the cgroups of one target's roles.
func leaves(dir string) map[string]string {
	out := map[string]string{}
	for _, r := range roles {
		out[r] = filepath.Join(dir, r)
	}
	return out
}
