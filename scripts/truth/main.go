//go:build linux

// Command truth compares the wire engine's results with a server whose delays are known: the
// server's own log is the reference. scripts/truth.sh prints its tables. The bounds are for a
// machine that does nothing else.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	var err error
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		err = serve(os.Args[2])
	} else {
		err = tables()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "truth:", err)
		os.Exit(1)
	}
}

func tables() error {
	fmt.Printf("%s, server on core 0, generators on core 1, %s\n", time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.Version())
	for _, table := range []func() error{stall, services, rate} {
		if err := table(); err != nil {
			return err
		}
	}
	return nil
}

// row prints one quantile beside its reference.
func row(what string, got, want, bound time.Duration) {
	verdict := "holds"
	if d := got - want; d > bound || -d > bound {
		verdict = "MISSED"
	}
	fmt.Printf("  %-14s %12s %12s %+12s  within %-9s %s\n", what, us(got), us(want), us(got-want), us(bound), verdict)
}

func us(d time.Duration) string { return fmt.Sprintf("%.1f us", float64(d)/1e3) }

func head(title string) {
	fmt.Printf("\n%s\n  %-14s %12s %12s %12s\n", title, "", "wire", "reference", "difference")
}
