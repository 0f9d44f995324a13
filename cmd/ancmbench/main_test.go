package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ancmbench/models"
	"ancmbench/models/app"
)

// TestMain makes the test binary the command itself and every role of its
// processes, so that the tests run what a user runs.
func TestMain(m *testing.M) {
	models.RunRole(app.Handler())
	if os.Getenv(programEnv) != "" {
		program()
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == "agent" { // a command within this process starts its own executable
		main()
	}
	testscript.Main(m, map[string]func(){"ancmbench": main, "slowrelay": slowRelay, "natsserver": natsServer})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
	})
}

// exits runs a command line and wants its exit code: "exits 2 ancmbench run ...".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = exitStatus(err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s", code, args[0])
	}
}

// exitStatus reads the code out of an error such as "exit status 2".
func exitStatus(err error) string {
	const prefix = "exit status "
	if text := err.Error(); len(text) > len(prefix) && text[:len(prefix)] == prefix {
		return text[len(prefix):]
	}
	return err.Error()
}

// skipShort leaves out what takes long and shows no more with the race detector:
// processes that are killed.
func skipShort(t *testing.T) {
	t.Helper()
	if testing.Short() || underRace {
		t.Skip("skipped: long; a run without -short and -race has it")
	}
}
