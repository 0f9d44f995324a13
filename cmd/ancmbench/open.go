package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
)

// opened is what open prints as JSON.
type opened struct {
	Report  string `json:"report"`
	URL     string `json:"url"`
	Browser string `json:"browser"`
}

func newOpenCommand() *cobra.Command {
	var v verbosity
	c := &cobra.Command{
		Use:   "open [DIR]",
		Short: "Open the newest report in the browser",
		Long: `Opens the report of a run, or the newest report of the runs in a folder (` + resultsDir + `/ if none
is given), in the browser. The variable BROWSER names the browser: commands that are
separated by colons and tried in turn, with %s where the address goes.`,
		Example: `  ancmbench open
  ancmbench open results/20260102-150405-quick`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeRuns,
		RunE:              func(c *cobra.Command, args []string) error { return openReport(c, append(args, resultsDir)[0], v) },
	}
	addVerbosity(c, &v, verbosityHelp{"print nothing", "print the command that opened it as well", "print one JSON object"})
	return c
}

func openReport(c *cobra.Command, dir string, v verbosity) error {
	file, err := newestReport(dir)
	if err != nil {
		return err
	}
	address, err := fileURL(file)
	if err != nil {
		return err
	}
	browser, err := browse(address, browsers())
	if err != nil {
		return fmt.Errorf("open: %w. Fix: open %s by hand, or name a browser in BROWSER", err, file)
	}
	w := c.OutOrStdout()
	switch {
	case v.asJSON:
		return writeJSON(w, opened{file, address, browser})
	case v.quiet:
		return nil
	}
	if _, err = fmt.Fprintln(w, clean.Terminal(file)); err == nil && v.verbose {
		_, err = fmt.Fprintln(w, clean.Terminal(browser))
	}
	return err
}

// newestReport returns the report of a run, given as its folder or as one of its files, or the
// report among those of the runs in a folder that was written last.
func newestReport(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		if dir == resultsDir && errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("open: there is no folder %s: 'ancmbench run' makes the first report", resultsDir)
		}
		return "", fmt.Errorf("open: %w", err)
	}
	if !info.IsDir() {
		if filepath.Ext(dir) == ".html" {
			return dir, nil
		}
		if own := filepath.Join(filepath.Dir(dir), reportFile); isThere(own) {
			return own, nil
		}
		return "", fmt.Errorf("open: %s is neither a report nor a file of a run that has one", dir)
	}
	own := filepath.Join(dir, reportFile)
	if isThere(own) {
		return own, nil
	}
	if isThere(filepath.Join(dir, ancmbench.ResultFile)) {
		return "", fmt.Errorf("open: %s has no %s: 'ancmbench report %[1]s' makes it", dir, reportFile)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("open: %w", err)
	}
	newest, when := "", time.Time{}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name(), reportFile)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && !info.ModTime().Before(when) {
			newest, when = file, info.ModTime()
		}
	}
	if newest == "" {
		return "", fmt.Errorf("open: %s has no report: 'ancmbench run' makes one", dir)
	}
	return newest, nil
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func fileURL(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("open: %w", err)
	}
	path := filepath.ToSlash(abs)
	if !strings.HasPrefix(path, "/") { // C:/...
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String(), nil
}

// browsers returns the commands that may open an address: those of BROWSER, else the system's.
func browsers() []string {
	if own := os.Getenv("BROWSER"); own != "" {
		return strings.Split(own, string(filepath.ListSeparator))
	}
	switch runtime.GOOS {
	case "windows":
		return []string{"rundll32 url.dll,FileProtocolHandler"}
	case "darwin":
		return []string{"open"}
	}
	return []string{"xdg-open", "wslview", "sensible-browser"}
}

// browserStart is how long a browser has to fail. One that still runs then has opened it.
const browserStart = 2 * time.Second

// browse opens an address with the first command that does not fail, and returns it.
func browse(address string, commands []string) (string, error) {
	var faults []string
	for _, command := range commands {
		words := strings.Fields(command)
		if len(words) == 0 {
			continue
		}
		if !strings.Contains(command, "%s") {
			words = append(words, "%s")
		}
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "%s", address)
		}
		err := begun(exec.Command(words[0], words[1:]...))
		if err == nil {
			return command, nil
		}
		faults = append(faults, fmt.Sprintf("%s: %v", words[0], err))
	}
	if len(faults) == 0 {
		return "", errors.New("BROWSER names no command")
	}
	return "", fmt.Errorf("no browser opens it (%s)", strings.Join(faults, "; "))
}

// begun starts a command and returns an error if it cannot be started or fails at once.
func begun(c *exec.Cmd) error {
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	timer := time.NewTimer(browserStart)
	defer timer.Stop()
	select {
	case err := <-ended:
		return err
	case <-timer.C:
		return nil
	}
}
