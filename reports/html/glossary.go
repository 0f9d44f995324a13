package html

import "strings"

// glossary are the words of the page. docs/glossary.md has these and more, and a test keeps
// the two the same.
var glossary = []Term{
	{"in-process", "The app runs inside the web server's worker process."},
	{"out-of-process", "The app runs in a process of its own, and the web server forwards each request to it over loopback HTTP."},
	{"loopback penalty", "What out-of-process costs more than in-process: time, CPU, memory or throughput. For other targets the reports say \"penalty\"."},
	{"target", "One server that is measured and compared: a bundled hosting model, or a server of yours."},
	{"baseline", "The target that all other targets are compared with: the first one."},
	{"twin, A/A", "A second copy of the baseline. What differs between the two is the instrument's own noise."},
	{"fresh start", "One measurement with new server processes. It is the unit of evidence: it gives one value per metric and target. The flag `--launches` sets how many there are."},
	{"discarded", "Measured and kept in the results file, but not counted, because the load or the server broke a rule."},
	{"response time", "From the instant when a request was due by the schedule to the last byte of its answer."},
	{"service time", "From the instant when a request was sent to the last byte of its answer."},
	{"send lag", "How late the load generator sent a request although a connection was free."},
	{"open loop", "Requests are due at a fixed rate, whatever the server does."},
	{"closed loop", "Each connection sends its next request when it has the answer to the last one."},
	{"p50, p99", "The median, and the time within which 99 % of the requests were answered."},
	{"95 % interval", "The range that contains the true value in 95 of 100 such runs (Student's t over fresh starts)."},
	{"no difference detected, `~`", "The interval includes \"no difference\". There may be a difference that is too small for this run."},
	{"smallest detectable effect", "The smallest true difference that a run of this size detects in 80 % of cases, or the interval's half-width where no twin was measured."},
	{"knee", "The rate from which requests begin to queue."},
	{"steal", "Processor time that the hypervisor gave to other virtual machines."},
	{"was", "The activation process: it holds the listening socket and starts the worker. The name is that of the Windows Process Activation Service."},
	{"worker", "The web server's process, with the module in it, and with the app where it is hosted in-process."},
	{"app", "The app's own process, where it is hosted out-of-process."},
	{"PSS, USS, RSS", "Memory of a process with shared pages split among their users, without shared pages, and with shared pages in full."},
	{"cold start", "From connecting, with no process of the target running but the activation process, to the first answer."},
}

func glossarySection() *Section {
	s := &Section{ID: "glossary", Title: "The words", Collapsed: true}
	for _, t := range glossary { // the document marks what is typed
		s.Terms = append(s.Terms, Term{strings.ReplaceAll(t.Word, "`", ""), strings.ReplaceAll(t.Meaning, "`", "")})
	}
	return s
}
