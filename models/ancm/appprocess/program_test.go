//go:build unix

package appprocess_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench/models/ancm/appprocess"
	"ancmbench/models/ancm/webconfig"
)

// programEnv selects which of the programs below this test binary is.
const programEnv = "ANCM_TEST_PROGRAM"

// program returns an app under test: this binary in another part.
func program(part string, more ...webconfig.EnvironmentVariable) appprocess.Options {
	opt := appprocess.Options{Config: webconfig.Default()}
	opt.Command = webconfig.Command{Path: os.Args[0], Args: []string{"-test.run=^TestProgram$"}}
	opt.Config.Environment = append(more, webconfig.EnvironmentVariable{Name: programEnv, Value: part})
	opt.Attributes.DieWithParent = true // a test run that is killed leaves nothing
	opt.Config.StartupTimeLimit = 20 * time.Second
	opt.Config.ShutdownTimeLimit = 5 * time.Second
	return opt
}

// TestProgram is not a test: the child processes run it.
func TestProgram(t *testing.T) {
	part := os.Getenv(programEnv)
	if part == "" {
		t.Skip("only in a child process")
	}
	os.Unsetenv(programEnv)
	forever := make(chan struct{})
	switch part {
	case "app": // listens where it is told, and knows the shutdown event
		serve(os.Getenv("ASPNETCORE_PORT"), true)
	case "late": // the same, after the first look
		time.Sleep(300 * time.Millisecond)
		serve(os.Getenv("ASPNETCORE_PORT"), true)
	case "foreign": // knows nothing of the module's events, ends on SIGTERM
		serve(os.Getenv("ASPNETCORE_PORT"), false)
	case "stubborn": // ignores everything but SIGKILL
		signal.Ignore(syscall.SIGTERM)
		serve(os.Getenv("ASPNETCORE_PORT"), false)
	case "elsewhere": // as an app on HTTP.sys: not on the port it was given
		serve("0", false)
	case "exits":
		fmt.Println("cannot find the database")
		os.Exit(3)
	case "exits-well":
		os.Exit(0)
	case "chatty": // prints far more than a pipe holds before it listens
		for range 5000 {
			fmt.Println(strings.Repeat("x", 99))
		}
		serve(os.Getenv("ASPNETCORE_PORT"), true)
	case "chatty-exits": // the same, and no more
		fmt.Print(strings.Repeat("begin\n", 5000), strings.Repeat("end\n", 50_000))
		os.Exit(3)
	case "parent", "wild-parent": // its child listens, and a grandchild idles
		again := func(part string, wild bool) {
			c := exec.Command(os.Args[0], "-test.run=^TestProgram$")
			c.Env = append(os.Environ(), programEnv+"="+part)
			c.SysProcAttr = &syscall.SysProcAttr{Setpgid: wild}
			if err := c.Start(); err != nil {
				panic(err)
			}
		}
		again("app", false)
		again("idle", part == "wild-parent")
		<-forever
	case "idle":
		<-forever
	}
}

func serve(port string, knowsEvent bool) {
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/environment", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(os.Environ())
	})
	mux.HandleFunc("/exit", func(http.ResponseWriter, *http.Request) { os.Exit(0) })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, os.Getpid()) })
	if knowsEvent {
		mux.HandleFunc("POST /iisintegration", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("MS-ASPNETCORE-TOKEN") != os.Getenv("ASPNETCORE_TOKEN") ||
				r.Header.Get("MS-ASPNETCORE-EVENT") != "shutdown" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			fmt.Println("shutting down as asked")
			w.WriteHeader(http.StatusAccepted)
			w.(http.Flusher).Flush()
			os.Exit(0)
		})
	}
	panic(http.Serve(l, mux))
}
