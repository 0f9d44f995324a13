package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ancmbench"
)

// runFolder is where a run goes: as it was told, or named by the time in UTC and the
// profile.
func runFolder(out, profile string) string {
	if out != "" {
		return out
	}
	return filepath.Join("results", time.Now().UTC().Format("20060102-150405")+"-"+profile)
}

// makeRunDir makes the folder of a run.
func makeRunDir(out, profile string) (string, error) {
	dir := runFolder(out, profile)
	if err := tryFolder(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("--out %s: the run's folder cannot be made: %w", dir, err)
	}
	return dir, nil
}

// unused tells that no run lies in a folder.
func unused(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, ancmbench.ResultFile)); err == nil {
		return fmt.Errorf("--out %s: holds a run already: give another folder", dir)
	}
	return nil
}
