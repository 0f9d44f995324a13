package html

import (
	"slices"

	"ancmbench"
	"ancmbench/reports/page"
)

// published are figures that others gave for the loopback penalty, with their
// sources; nothing here was reproduced.
var published = page.Grid{
	Class: "prose",
	Head:  []string{"who, when", "in-process against out-of-process"},
	Rows: [][]string{
		{"Microsoft, announcement of ASP.NET Core 2.1 preview 1, 2018-02-28", "4.4x the throughput, preliminary"},
		{"Microsoft, feature list of ASP.NET Core 2.2, 2018-12", "up to 400 % more throughput"},
		{"Rick Strahl, 2019-03-16, a laptop with 12 threads", "19,024.52 against 8,203.53 req/s (2.32x); mean 0.34 against 0.97 ms; Kestrel alone 14,034.85 req/s"},
		{"aspnet/IISIntegration#220, 2016 (Kestrel alone against IIS + Kestrel)", "9,806 against 3,865 req/s at 1 connection; 38,828 against 17,408 at 10"},
		{"aspnet/IISIntegration#747, 2018 (Kestrel alone against IIS + ANCM)", "33,300 against 4,700 req/s"},
	},
}

// showsPublished reports whether a run compares what those figures are about.
func showsPublished(run *ancmbench.Run) bool {
	if run.Subject == ancmbench.SubjectIIS {
		return true
	}
	has := func(m ancmbench.Model) bool {
		return slices.ContainsFunc(run.Targets, func(t ancmbench.TargetInfo) bool { return t.Model == m })
	}
	return has(ancmbench.InProcess) && has(ancmbench.OutOfProcess)
}

func publishedSection(run *ancmbench.Run) *Section {
	if !showsPublished(run) {
		return nil
	}
	return &Section{ID: "published", Title: "What others published", Collapsed: true, Tables: []Table{{"", published}}, Notes: []string{
		"Not ours. Figures of others for the same question, on .NET, Windows and trivial handlers. Nothing here was reproduced, and they do not compare with the figures above."}}
}

// filesSection hands out the files that are in the page.
func filesSection() *Section {
	return &Section{ID: "files", Title: "The data, from inside this file", Collapsed: true, Files: true}
}
