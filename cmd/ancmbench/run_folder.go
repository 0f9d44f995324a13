package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ancmbench"
)

// place is where a run goes. The zero place is nowhere.
type place struct {
	dir string
	// given says that --out names it. Any other is named by the time, and makes way
	// for a run that was begun in the same second.
	given bool
}

// runPlace returns the place of a run: the given folder, or one named by the time in UTC and
// the profile.
func runPlace(out, profile string) place {
	if out != "" {
		return place{dir: out, given: true}
	}
	return place{dir: filepath.Join("results", time.Now().UTC().Format("20060102-150405")+"-"+profile)}
}

// fault returns an error of the place, under the name that a user knows it by.
func (p place) fault(what string, err error) error {
	name := p.dir
	if p.given {
		name = "--out " + p.dir
	}
	if err == nil {
		return fmt.Errorf("%s: %s", name, what)
	}
	return fmt.Errorf("%s: %s: %w", name, what, err)
}

// try returns an error if a run cannot be written there; the folder need not exist yet.
func (p place) try() error {
	if p.given {
		if err := p.isFree(); err != nil {
			return err
		}
	}
	if err := canMake(p.dir); err != nil {
		return p.fault("the run's folder cannot be made or written", err)
	}
	return nil
}

// isFree returns an error if the folder holds a run.
func (p place) isFree() error {
	if _, err := os.Stat(filepath.Join(p.dir, ancmbench.ResultFile)); err == nil {
		return p.fault("already contains a run: give another folder", nil)
	}
	return nil
}

// mostSuffix bounds the runs that can begin in one second.
const mostSuffix = 10000

// make creates the folder and returns its path. A folder that --out names may exist, without
// a run in it. One that is named by the time is always new, with a suffix where another run
// has the name.
func (p place) make() (string, error) {
	if err := p.try(); err != nil {
		return "", err
	}
	_, there := os.Stat(p.dir)
	err := os.MkdirAll(filepath.Dir(p.dir), 0o755)
	dir := p.dir
	for n := 2; err == nil; n++ {
		// os.Mkdir makes the last folder or fails: of two runs one alone has it.
		err = os.Mkdir(dir, 0o755)
		switch {
		case err == nil:
			return dir, nil
		case !errors.Is(err, fs.ErrExist):
		case p.given && there == nil:
			return dir, nil
		case p.given:
			return "", p.fault("another run has just made it: give another folder", nil)
		case n <= mostSuffix:
			dir, err = fmt.Sprintf("%s-%d", p.dir, n), nil
		}
	}
	return "", p.fault("the run's folder cannot be made", err)
}

// reportFile is the name of the report in a run's folder.
const reportFile = "report.html"
