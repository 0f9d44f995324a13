package main

import (
	"runtime/debug"
	"strings"
)

// release is the version of a release, which scripts/release.sh sets when it links.
var release string

// version returns the version of a release, or what the build knows: the module's version, or
// the commit.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:min(12, len(s.Value))]):
			v += "+" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true" && !strings.Contains(v, "dirty"):
			v += "+dirty"
		}
	}
	return v
}

// toolModules are the libraries whose version can move a number.
var toolModules = []string{"github.com/tsenart/vegeta/v12", "github.com/montanaflynn/stats",
	"github.com/HdrHistogram/hdrhistogram-go", "gonum.org/v1/gonum", "golang.org/x/perf"}

func moduleVersions() map[string]string {
	versions := map[string]string{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return versions
	}
	for _, dep := range info.Deps {
		for _, m := range toolModules {
			if dep.Path == m {
				versions[m] = dep.Version
			}
		}
	}
	return versions
}
