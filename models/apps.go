package models

import (
	"strings"

	"ancmbench/models/ancm/webconfig"
)

// App is another application of a site, with a web.config of its own, in the same
// worker (IP-06). The file sets its hosting model, and the file's folder is the app's.
// In-process it is this program's app again, with Path as its path base. Out-of-process
// it is the program that the file names. It starts with the first request below Path.
// An in-process app has its worker to itself: the application that gets the first
// request decides (ancm.Applications).
type App struct {
	// Path is the application's path, such as "/shop". The root belongs to the site's
	// own app.
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
