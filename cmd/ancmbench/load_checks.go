package main

import (
	"fmt"
	"io"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

// showLoadChecks prints every check of a load with its value and its bound.
func showLoadChecks(w io.Writer, res *ancmbench.Result) error {
	var checks []figures.CheckSummary
	for _, c := range res.Checks {
		s := figures.CheckSummary{Name: c.Name, Worst: c.Value, Bound: c.Bound, AtLeast: c.AtLeast, Unsupported: c.Unsupported}
		if c.Unsupported == "" {
			s.Looked = 1
			if !c.OK() {
				s.Failed = 1
			}
		}
		checks = append(checks, s)
	}
	fmt.Fprintln(w)
	return render.ChecksText(w, checks, page.Options{Width: width(w), Color: colored(w)})
}
