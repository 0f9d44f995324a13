package models

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ancmbench"
)

// checkPathBase removes a slash at the end of PathBase. It fails if that is no path
// below a site, or the model has no applications.
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

// checkApps returns every fault of the applications, and makes the paths of their files
// absolute.
func (o *Options) checkApps() (faults []error) {
	o.Apps = slices.Clone(o.Apps)
	seen := map[string]bool{"/" + strings.ToLower(strings.Trim(o.PathBase, "/")): true}
	for i := range o.Apps {
		a := &o.Apps[i]
		fault := func(err error) { faults = append(faults, fmt.Errorf("app %q: %w", a.Path, err)) }
		if !o.Model.HasPipeline() {
			fault(fmt.Errorf("model %s: tells no applications apart", o.Model))
		}
		path := "/" + strings.ToLower(strings.Trim(a.Path, "/"))
		if err := checkPath(a.Path); err != nil {
			fault(err)
		} else if seen[path] {
			fault(fmt.Errorf("given twice"))
		}
		seen[path] = true
		if abs, err := filepath.Abs(a.WebConfig); err == nil {
			a.WebConfig = abs
		}
		c, err := a.config(o.ModuleVersion)
		if err == nil {
			err = c.Check()
		}
		if err != nil {
			fault(err)
		}
	}
	return faults
}

// checkPath fails if path cannot be that of an application below the root of its site.
func checkPath(path string) error {
	own := "/" + strings.ToLower(strings.Trim(path, "/"))
	if !strings.HasPrefix(path, "/") || own == "/" || own != strings.ToLower(filepath.ToSlash(filepath.Clean(path))) || strings.ContainsAny(path, "?#%\\;") {
		return errors.New("must be a path below the site, like /shop")
	}
	return nil
}
