package html

import (
	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/sentences"
)

// methodSection says in short how the figures are made.
func methodSection(run *ancmbench.Run, a *figures.Analysis) *Section {
	return &Section{ID: "method", Title: "The method in short", Collapsed: true, List: method(run, a),
		After: []string{"The whole method: docs/method.md in the repository of ancmbench. What a breakdown and a curve are: docs/breakdown.md and docs/curve.md. How the load generator was checked against others: docs/generators.md. The words: docs/glossary.md."}}
}

// method returns in short how the figures are made.
func method(run *ancmbench.Run, a *figures.Analysis) []string {
	out := []string{
		sentences.FreshStarts(run),
		"Response time starts when a request is due by the schedule, so waiting behind a slow answer counts. Service time starts when the request is sent. Latency is measured at a fixed rate (open loop), and peak throughput with connections that send the next request after each answer (closed loop).",
		"Targets are loaded in turns, a short slice each, and drained in between, so that both are measured in the same minutes. Requests that are due at the start of a slice are counted separately.",
		"The ratio is the mean over fresh starts of the logarithm of target over baseline, with a Student t interval of 95 %. The values of a target are geometric means, so the ratio is their quotient, and the difference is that of the two values. No outlier is removed. Mann-Whitney is a second test, which does not use the pairs.",
		"The smallest detectable effect is the one that a run of this size detects in 80 % of cases, where an A/A twin was measured; otherwise it is the half-width of the interval.",
		"CPU is that of the target's processes in its own slices, per request, without the generator. Cores are CPU per request times the rate. Memory is PSS: pages shared by several processes are split among them. kB, MB and GB are powers of 1000.",
		"Context switches and system calls are counted in the memory phase, where each target is alone; counting system calls slows each, so it is off in the timed phases. User and system are the exact CPU of the target's own slices, divided as the kernel's tick divides the whole phase.",
		"A percentile is printed only with at least 10 samples beyond it.",
	}
	if sentences.SLONote(a) != "" {
		out = append(out, "Throughput at an SLO is the rate from which on p99 stays above the bound in a sweep of rising rates. Each fresh start gives one, on a straight line between the logarithms of the two neighbouring rates. Nothing is extrapolated beyond the rates swept: there is only a bound.")
	}
	if a.Latency == ancmbench.Service {
		out = append(out, "The headline is service time, because the generator's own send lag would show in the response times.")
	}
	if run.Subject == ancmbench.SubjectProgram {
		out = append(out, "The module is a reference implementation in Go of the ASP.NET Core Module; it is not IIS. The program behind it is yours.")
	}
	if run.Subject.Dotnet() {
		out = append(out, "The app is yours, unchanged, and runs in Microsoft's ASP.NET Core. Front and module are reference implementations in Go: the figures are not those of IIS, nor of Windows. An app in .NET is warmed up until its runtime compiles no more; the runtime itself is asked, in the same way for every target.")
	}
	if run.Subject == ancmbench.SubjectReference || run.Subject == ancmbench.SubjectBoth {
		out = append(out, "The hosting models are reference implementations in Go. They are not IIS and not .NET; the figures say what the models cost on this machine, not what a particular product does.")
	}
	return out
}
