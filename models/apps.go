package models

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ancmbench/models/ancm/webconfig"
)

// App is another application of a site: one more web.config, whose folder is the
// app's, in the same worker (IP-06). Its hosting model is the file's.
// In-process it is this program's app again, with Path as its path base;
// out-of-process the program that the file names. It starts with the first
// request below Path; while an app is in-process no other is in its worker, and
// the other way round, and whoever is asked first is there first.
type App struct {
	// Path is where it is, "/shop"; not the root, which is the site's own app's.
	Path      string
	WebConfig string
}

// checkApps reports every fault of the applications, and makes their paths absolute.
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
			fault(fmt.Errorf("is there already"))
		}
		seen[path] = true
		if abs, err := filepath.Abs(a.WebConfig); err == nil {
			a.WebConfig = abs
		}
		c, err := o.appConfig(*a)
		if err == nil {
			err = c.Check()
		}
		if err != nil {
			fault(err)
		}
	}
	return faults
}

// appConfig is the configuration of an application as it is now.
func (o Options) appConfig(a App) (webconfig.Config, error) {
	c, _, err := webconfig.Reader{Module: o.ModuleVersion}.ReadFile(a.WebConfig)
	c.AppPath = strings.TrimRight(a.Path, "/")
	return c, err
}
