package models

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"ancmbench"
)

// checkPath says what is wrong with the path of an application below the root of
// its site; nil if nothing is.
func checkPath(path string) error {
	own := "/" + strings.ToLower(strings.Trim(path, "/"))
	if !strings.HasPrefix(path, "/") || own == "/" || own != strings.ToLower(filepath.ToSlash(filepath.Clean(path))) || strings.ContainsAny(path, "?#%\\;") {
		return errors.New("must be a path below the site, like /shop")
	}
	return nil
}

// checkPathBase reports what is wrong with PathBase, and takes a slash off its end.
func (o *Options) checkPathBase() error {
	if o.PathBase == "" {
		return nil
	}
	if err := checkPath(o.PathBase); err != nil {
		return &Fault{"PathBase", o.PathBase, err, fmt.Sprintf("path base %q", o.PathBase)}
	}
	switch o.Model {
	case ancmbench.Direct, ancmbench.Relay:
		return &Fault{"PathBase", o.PathBase, fmt.Errorf("model %s: knows no applications", o.Model), "path base"}
	case ancmbench.Bare:
		return &Fault{"PathBase", o.PathBase, fmt.Errorf("model %s: does not tell the app where it is", o.Model), "path base"}
	}
	o.PathBase = strings.TrimRight(o.PathBase, "/")
	return nil
}
