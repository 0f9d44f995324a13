package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ancmbench"
)

// outputFile is a file that a flag, or a CI system, asks for.
type outputFile struct {
	name string // who asks for it, as it is typed: "--junit", "$GITHUB_OUTPUT"
	path string // "" if no flag asks for it
	mode int    // os.O_TRUNC or os.O_APPEND
	form func(io.Writer) error
}

// put writes the file; without a path it does nothing.
func (o outputFile) put() error {
	if o.path == "" {
		return nil
	}
	defer ancmbench.AwaitPipe(o.path)()
	file, err := os.OpenFile(o.path, os.O_CREATE|os.O_WRONLY|o.mode, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	if err := errors.Join(o.form(file), file.Close()); err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return nil
}

// try returns an error if the file cannot be written, and removes it if it was not there. It does
// not try pipes and devices: the reader of a pipe would take the attempt for the end.
func (o outputFile) try() error {
	if o.path == "" {
		return nil
	}
	info, err := os.Stat(o.path)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil
	}
	fresh := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(o.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	made := ""
	if fresh { // of a link that led nowhere, the file and not the link
		made, err = filepath.EvalSymlinks(o.path)
	}
	err = errors.Join(err, file.Close())
	if made != "" {
		err = errors.Join(err, os.Remove(made))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return nil
}

// writable tries all that a command is to write before it measures, and not minutes later:
// the folder of its run, if there is one, and the files. The folder, and files in it, need
// not exist yet, because the run creates them.
func writable(folder place, files ...outputFile) error {
	var faults []error
	if folder.dir != "" {
		faults = append(faults, folder.try())
	}
	for _, o := range files {
		if !madeWith(folder.dir, filepath.Dir(o.path)) {
			faults = append(faults, o.try())
		}
	}
	return errors.Join(faults...)
}

// madeWith reports whether a folder does not exist and will be created with that of the run.
func madeWith(run, dir string) bool {
	if _, err := os.Stat(dir); run == "" || !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	rest, err := filepath.Rel(dir, run)
	return err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator))
}

// canMake returns an error if a folder neither can be created nor exists and is writable. It
// leaves nothing behind.
func canMake(dir string) error {
	_, err := os.Stat(dir)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		_, err = os.Stat(dir)
	}
	if err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".write-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
