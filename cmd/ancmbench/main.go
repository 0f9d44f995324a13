// Command ancmbench measures the loopback penalty: how much it costs to put a web app in
// a process of its own behind a loopback proxy instead of running it inside the server.
//
// The same binary is the experiment, the load generator and every process of
// the bundled hosting models; models.RunRole distinguishes them.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"ancmbench/internal/clean"
	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	models.RunRole(app.Handler())
	// Only net/http writes into the log, as often as a server under load makes it. What
	// matters of that is counted as a failure.
	log.SetOutput(io.Discard)
	os.Exit(run(os.Args[1:]))
}

// run carries out one command line and returns its exit code.
func run(args []string) int {
	ctx, cancel := interruptible()
	defer cancel()
	surviveClosedPipes()
	root, stdout, stderr := newRoot(), newOutlet(os.Stdout), newOutlet(os.Stderr)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if readerLeft(err) { // what the library itself prints does not go through the outlet
		err = nil
	}
	if err == nil { // help, which the library writes, has no error of its own
		err = stdout.fault()
	}
	if err != nil && !isSilent(err) {
		fmt.Fprintln(stderr, "ancmbench: "+clean.Lines(withoutSecrets(err.Error(), args)))
	}
	return exitCode(ctx, err)
}
