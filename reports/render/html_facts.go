package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// marks explains the signs in the headline table.
func marks(a *figures.Analysis) []string {
	var out []string
	for _, m := range a.HeadlineMetrics() {
		for _, t := range a.Targets {
			s, ok := a.Statement(m, t)
			if !ok || s.Note == "" {
				continue
			}
			if line := s.Title + ": " + s.Note + "."; !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	for _, more := range []string{sentences.SLONote(a), a.FewColdStarts()} {
		if more != "" {
			out = append(out, more+".")
		}
	}
	return out
}

// trustWords returns the parts of the trust line, one by one.
func trustWords(run *ancmbench.Run, a *figures.Analysis) []string {
	return strings.Split(sentences.TrustLine(run, a), "; ")
}

func noiseGrid(a *figures.Analysis) page.Grid {
	g := page.Grid{Head: []string{"metric", "twin", "ratio to its original", "reading"}, Class: "words"}
	for _, s := range a.Noise {
		g.Rows = append(g.Rows, []string{figures.Title(s), words.Plain(s.Target), stats.Ratio(s.Ratio), figures.Judgement(s)})
	}
	return g
}

func checkGrid(checks []figures.CheckSummary) page.Grid {
	g := page.Grid{Head: []string{"check", "worst", "bound", "kept"}, Class: "words"}
	for _, c := range checks {
		row := []string{words.WordsOf(words.Plain(c.Name)), words.Absent, words.Absent, "not checked: " + words.Plain(c.Unsupported)}
		if c.Looked > 0 {
			word := "at most "
			if c.AtLeast {
				word = "at least "
			}
			row[1], row[2] = words.ByUnitSuffix(c.Name, c.Worst), word+words.ByUnitSuffix(c.Name, c.Bound)
			row[3] = fmt.Sprintf("%d of %d", c.Looked-c.Failed, c.Looked)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// hostGrid returns the table of the host. It has name and details only if the run kept
// them.
func hostGrid(h ancmbench.Host) page.Grid {
	g := page.Grid{Class: "prose"}
	add := func(name, value string) {
		if value != "" {
			g.Rows = append(g.Rows, []string{name, words.Plain(value)})
		}
	}
	add("name", h.Name)
	add("system", strings.TrimSpace(h.OS+" "+h.Arch))
	add("kernel", h.Kernel)
	add("processor", h.CPUModel)
	if h.Cores > 0 {
		cores := fmt.Sprint(h.Cores)
		if h.CoresAllowed > 0 && h.CoresAllowed != float64(h.Cores) {
			cores += ", of which " + words.Digits(h.CoresAllowed) + " may be used"
		}
		add("cores", cores)
	}
	add("cores of the generator", coreSet(h.GeneratorCores))
	add("cores of the servers", coreSet(h.ServerCores))
	if h.MemoryBytes > 0 {
		add("memory", words.Amount(float64(h.MemoryBytes), "bytes"))
	}
	if h.SwapBytes > 0 {
		add("swap in use", words.Amount(float64(h.SwapBytes), "bytes"))
	}
	add("CPU governor", h.Governor)
	add("clock source", h.ClockSource)
	add("virtualization", h.Virtual)
	add("Go", h.GoVersion)
	for _, k := range slices.Sorted(maps.Keys(h.Details)) {
		add(words.Plain(k), h.Details[k])
	}
	for _, k := range slices.Sorted(maps.Keys(h.Unsupported)) {
		add(words.Plain(k), "not known: "+h.Unsupported[k])
	}
	return g
}

func coreSet(cores []int) string {
	said := make([]string, len(cores))
	for i, c := range cores {
		said[i] = fmt.Sprint(c)
	}
	return words.List(said)
}

// missingParts returns what could not be read of the servers, and why.
func missingParts(run *ancmbench.Run, a *figures.Analysis) []string {
	var out []string
	for _, c := range a.Costs {
		for _, field := range slices.Sorted(maps.Keys(c.Why)) {
			out = append(out, words.Plain(fmt.Sprintf("%s, %s, %s: %s", c.Target, c.Role, field, c.Why[field])))
		}
	}
	for _, t := range run.Targets {
		if !t.Local {
			out = append(out, words.Plain(t.Name)+": its processes were not found on this machine, so its CPU and memory are missing")
		}
	}
	if len(a.Series) > 0 {
		out = append(out, a.Unmeasured()...)
	}
	return out
}

func toolLine(t ancmbench.Tool) string {
	said := []string{"ancmbench " + words.Plain(t.Version)}
	if t.Go != "" {
		said = append(said, words.Plain(t.Go))
	}
	for _, m := range slices.Sorted(maps.Keys(t.Modules)) {
		said = append(said, words.Plain(m+" "+t.Modules[m]))
	}
	return strings.Join(said, ", ")
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
