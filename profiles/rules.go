package profiles

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"ancmbench"
)

// The limits. A value beyond them is a mistake rather than intended.
const (
	maxLaunches    = ancmbench.MaxLaunches
	maxConnections = 20000 // one address has about 28,000 ephemeral ports
	maxRate        = 1e6   // requests/s
	maxDuration    = 24 * time.Hour
	minTimeout     = time.Millisecond
	maxTimeout     = ancmbench.HistogramMax // a timeout is recorded at its age
	minSlice       = time.Millisecond
	maxSettle      = 0.5
	maxBody        = 1 << 20 // bytes; the body is kept in the results file
)

var engines = []string{"auto", "wire", "vegeta"}

// profileName matches a legal name, which is also part of a folder's name.
var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// check collects the faults of the rules by key.
type check struct{ faults Faults }

func (c *check) must(ok bool, key, format string, args ...any) {
	if !ok {
		c.faults = append(c.faults, Fault{Key: key, Problem: fmt.Sprintf(format, args...)})
	}
}

// none records a problem, unless it is empty.
func (c *check) none(problem, key string) { c.must(problem == "", key, "%s", problem) }

// rules returns the faults of a profile, wherever its values come from.
func rules(p ancmbench.Profile) Faults {
	c := new(check)
	c.must(profileName.MatchString(p.Name), "name",
		"%q: a name is 1 to 64 letters, digits, dots, dashes or underscores, since it names a folder", short(p.Name))
	for i, m := range p.Models {
		c.must(slices.Contains(ancmbench.Models, m), fmt.Sprintf("models[%d]", i), "unknown model %q%s", m, meant(string(m), words(ancmbench.Models)))
		c.must(!slices.Contains(p.Models[:i], m), fmt.Sprintf("models[%d]", i), "%s is named twice", m)
	}
	c.none(launchesProblem(p.Launches), "launches")
	if p.Rate != 0 {
		c.none(rateProblem(p.Rate), "rate")
	}
	c.none(connectionsProblem(p.Connections), "connections")
	c.must(slices.Contains(engines, p.Engine), "engine", "unknown engine %q%s", short(p.Engine), meant(p.Engine, engines))
	c.must(p.Timeout.D() >= minTimeout && p.Timeout.D() <= maxTimeout, "timeout",
		"%v: must lie between %v and %v", p.Timeout, minTimeout, maxTimeout)
	c.must(p.MaxErrorShare > 0 && p.MaxErrorShare <= 1, "max-errors", "%s: must be above 0%% and at most 100%%", percent(p.MaxErrorShare))
	c.must(p.Precision >= 0 && p.Precision < 1, "precision", "%s: must be above 0%% and below 100%%", percent(p.Precision))
	c.must(p.SLO == 0 || p.SLO.D() > 0 && p.SLO.D() <= maxTimeout, "slo-p99", "%v: must be above 0 and at most %v", p.SLO, maxTimeout)
	c.targets(p)
	names := c.workloads(p.Workloads)
	c.phases(p, names)
	c.dotnet(p.Dotnet)
	c.maxTime(p)
	return c.faults
}

func launchesProblem(n int) string {
	if n >= 1 && n <= maxLaunches {
		return ""
	}
	return fmt.Sprintf("%d: there must be 1 to %d fresh starts", n, maxLaunches)
}

func connectionsProblem(n int) string {
	if n >= 1 && n <= maxConnections {
		return ""
	}
	return fmt.Sprintf("%d: there must be 1 to %d connections per target", n, maxConnections)
}

func rateProblem(v float64) string {
	if v > 0 && v <= maxRate {
		return ""
	}
	return fmt.Sprintf("%v/s: a rate must be above 0/s and at most %d/s", v, int64(maxRate))
}

func durationProblem(d ancmbench.Seconds) string {
	if d > 0 && d.D() <= maxDuration {
		return ""
	}
	return fmt.Sprintf("%v: must be above 0 and at most %v", d, maxDuration)
}

func percent(share float64) string { return fmt.Sprintf("%.4g%%", share*100) }

func words[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func (c *check) workloads(ws []ancmbench.Workload) (names []string) {
	c.must(len(ws) > 0, "workloads", "there must be at least one")
	c.must(len(ws) <= ancmbench.MaxWorkloads, "workloads", "%d: there may be at most %d", len(ws), ancmbench.MaxWorkloads)
	for i, w := range ws {
		key := fmt.Sprintf("workloads[%d]", i)
		c.must(w.Name != "", key+".name", "a workload needs a name")
		c.must(len(w.Name) <= ancmbench.MaxName, key+".name", "%q: a name has at most %d bytes", short(w.Name), ancmbench.MaxName)
		c.must(w.Name == "" || !slices.Contains(names, w.Name), key+".name", "%q names two workloads", short(w.Name))
		names = append(names, w.Name)
		c.must(len(w.Requests) > 0, key+".requests", "there must be at least one")
		for j, q := range w.Requests {
			at := key // a single request is written into its workload
			if len(w.Requests) > 1 {
				at = fmt.Sprintf("%s.requests[%d]", key, j)
			}
			c.request(q, at)
		}
		if err := w.CheckVars(); err != nil {
			c.must(false, key+".vars", "%v", err)
		}
	}
	return names
}

var (
	method    = regexp.MustCompile(`^[A-Z]{1,32}$`)
	pathForm  = regexp.MustCompile(`^(/|\{\{)[!-"$-~]*$`) // RFC 9112 3.2.1; no blank, no fragment; or a variable
	sha256    = regexp.MustCompile(`^[0-9A-Fa-f]{64}$`)
	fieldName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") // token, RFC 9110 5.6.2
	fieldText = regexp.MustCompile(`^([!-~]([\t -~]*[!-~])?)?$`)
)

// ours lists the header fields that come from the target and the body, or belong to the
// connection.
var ours = []string{"host", "content-length", "transfer-encoding", "connection"}

func (c *check) request(q ancmbench.Request, key string) {
	c.must(pathForm.MatchString(q.Path), key+".path", "%q: a path begins with / and has neither blanks nor #, such as /plaintext", short(q.Path))
	c.must(q.Method == "" || method.MatchString(q.Method), key+".method", "%q: a method is upper-case letters, such as GET", short(q.Method))
	c.must(q.Method != "CONNECT", key+".method", "CONNECT makes a tunnel, not an answer; take another method")
	c.must(q.Weight >= 0 && q.Weight <= 1e6, key+".weight", "%v: a weight must be above 0 and at most 1000000", q.Weight)
	c.must(len(q.Body) <= maxBody, key+".body", "%d bytes: a body has at most %d", len(q.Body), maxBody)
	for _, f := range q.Header {
		at := key + ".header." + f.Name
		c.must(fieldName.MatchString(f.Name), at, "%q is not a name of a header field", short(f.Name))
		c.must(fieldText.MatchString(f.Value), at, "%q: a value is printable ASCII on one line", short(f.Value))
		c.must(!reservedField(f), at, "is set by ancmbench; leave it out")
		c.must(!f.GRPC(), at, "%s", ancmbench.GRPCUnsupported)
	}
	if q.Expect != nil {
		c.expect(*q.Expect, key+".expect")
	}
}

func (c *check) expect(e ancmbench.Expect, key string) {
	for _, word := range e.Statuses {
		_, _, err := ancmbench.StatusRange(word)
		c.must(err == nil, key+".status", "%v", err)
	}
	c.must(e.BodySHA256 == "" || sha256.MatchString(e.BodySHA256), key+".body-sha256", "%q: must be 64 hexadecimal digits", short(e.BodySHA256))
	c.must(len(e.BodyContains) <= maxBody, key+".body-contains", "%d bytes: at most %d", len(e.BodyContains), maxBody)
	c.must(e.BodyBytes == nil || *e.BodyBytes >= 0, key+".body-size", "must not be negative")
	for _, f := range e.Header {
		c.must(fieldName.MatchString(f.Name), key+".header."+f.Name, "%q is not a name of a header field", short(f.Name))
		c.must(fieldText.MatchString(f.Value), key+".header."+f.Name, "%q: a value is printable ASCII on one line", short(f.Value))
	}
}

// maxTime checks that max-time is enough for one fresh start: with none, there would be no
// result.
func (c *check) maxTime(p ancmbench.Profile) {
	if p.MaxTime == 0 {
		return
	}
	if problem := durationProblem(p.MaxTime); problem != "" {
		c.none(problem, "max-time")
		return
	}
	targets := max(len(p.Models)+len(measured(p.Targets)), 1)
	if p.Twin {
		targets++
	}
	var launch time.Duration
	for _, ph := range p.Phases {
		if ph.Kind == ancmbench.ColdStart {
			continue // ends with the first answer
		}
		if ph.Duration <= 0 || ph.Duration.D() > maxDuration {
			return // has its own fault, and the sum would mean nothing
		}
		launch += time.Duration(targets) * min(ph.Duration.D(), maxDuration)
	}
	c.must(p.MaxTime.D() >= launch, "max-time", "%v: one fresh start alone loads its %d targets for %v", p.MaxTime, targets, launch)
}
