package main

import (
	"io"
	"os"
	"time"

	"ancmbench"
	"ancmbench/reports/html"
)

// pageOutput returns the output file of --html, which receives the page of a load.
func pageOutput(path string, l html.Loaded) outputFile {
	return outputFile{"--html", path, os.O_TRUNC, func(w io.Writer) error {
		return html.Load(w, l, html.File{Name: "response.hgrm", Type: "text/plain", Write: l.Result.Response.WritePercentiles})
	}}
}

// loadedPage returns what the page of a load shows.
func loadedPage(load ancmbench.Load, res *ancmbench.Result, held []holding, took time.Duration) html.Loaded {
	l := html.Loaded{Load: load, Result: res, Loop: loopOf(load), Took: took}
	if res.Target == "" {
		res.Target = load.Targets[0].Address
	}
	for _, h := range held {
		l.Held = append(l.Held, html.Held{Said: h.String(), Kept: h.Kept})
	}
	return l
}
