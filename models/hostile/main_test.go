package hostile_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"testing"

	"ancmbench/models"
	"ancmbench/models/app"
)

// The binary is its own was, worker and app, for the tests that start real processes.
func TestMain(m *testing.M) {
	// The race detector sleeps for a second when a process ends.
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	models.RunRole(numbered())
	os.Exit(m.Run())
}

// numbered returns the app, with answers that prove whose they are.
func numbered() http.Handler {
	usual := app.Handler()
	mux := http.NewServeMux()
	mux.Handle("/", usual)
	mux.HandleFunc("/id/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Id", r.PathValue("id"))
		fmt.Fprint(w, r.PathValue("id"))
	})
	return mux
}

// long returns how much of something a run has: few in CI, and what the variable says
// where scripts/hostile.sh sets it.
func long(variable string, few int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return few
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
