package models

import (
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

// config reads the configuration of the application as it is now, for the module
// moduleVersion (Options.ModuleVersion). It fails as webconfig.Reader does.
func (a App) config(moduleVersion string) (webconfig.Config, error) {
	c, _, err := webconfig.Reader{Module: moduleVersion}.ReadFile(a.WebConfig)
	c.AppPath = strings.TrimRight(a.Path, "/")
	return c, err
}
