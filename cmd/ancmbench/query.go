package main

import (
	"strings"

	"ancmbench/experiment"
)

// withoutQuery returns a path without its query, which has the token of many a service.
func withoutQuery(path string) string {
	before, _, found := strings.Cut(path, "?")
	if !found {
		return path
	}
	return before + "?" + experiment.Withheld
}
