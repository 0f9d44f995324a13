package loadgen

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ancmbench"
)

// mostRequests limits the requests of one stream, so that a mistyped rate is an error
// and not a timetable that fills the memory.
const mostRequests = 1e10

// longest and mostConnections keep sums and memory far from overflow.
const (
	longest         = 365 * 24 * time.Hour
	mostConnections = 1_000_000
)

// faultList collects the faults of a load.
type faultList []error

func (f *faultList) unless(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf("load: "+format, args...))
	}
}

// faults returns an error that joins all faults of a load, or nil if there are none.
func faults(load ancmbench.Load) error {
	var f faultList
	f.unless(load.Duration > 0 && load.Duration.D() <= longest, "duration %v: must be positive, and at most a year", load.Duration)
	f.unless(load.Connections >= 1 && load.Connections <= mostConnections, "connections %d: 1 to %d are possible", load.Connections, mostConnections)
	f.unless(load.Requests >= 0, "%d requests: must not be negative", load.Requests)
	f.unless(load.Requests == 0 || load.Arrivals.Kind == ancmbench.Closed && load.Dealing.Kind == ancmbench.Single,
		"a limit of %d requests: needs a closed loop on one target", load.Requests)
	f.unless(load.Timeout >= 0 && load.Timeout.D() <= longest, "timeout %v: must not be negative, and at most a year", load.Timeout)
	f.unless(load.Backlog >= 0, "backlog %d: must not be negative", load.Backlog)
	f.unless(load.MaxErrorShare >= 0 && load.MaxErrorShare <= 1, "largest share of errors %v: must lie in [0,1]", load.MaxErrorShare)
	_, err := SpinLead(load.Spin)
	f.unless(err == nil, "%v", err)
	f.dealing(load)
	f.arrivals(load)
	f.part(load)
	names := map[string]bool{}
	for i, t := range load.Targets {
		f.target(i, t)
		f.unless(!names[t.Name], "target %d: the name %q is taken by another target", i, t.Name)
		names[t.Name] = true
	}
	return errors.Join(f...)
}

func (f *faultList) dealing(load ancmbench.Load) {
	d, k := load.Dealing, len(load.Targets)
	f.unless(k >= 1, "no target")
	f.unless(k <= maxTargets, "%d targets: at most %d", k, maxTargets)
	switch d.Kind {
	case ancmbench.Single:
		f.unless(k <= 1, "dealing %q: takes one target, not %d", d.Kind, k)
	case ancmbench.Duel:
		f.unless(k >= 2, "dealing %q: takes at least two targets, not %d", d.Kind, k)
		f.unless(load.Arrivals.Open(), "dealing %q: needs an open loop", d.Kind)
	case ancmbench.Slices:
	default:
		f.unless(false, "dealing %q: not one of single, slices, duel", d.Kind)
	}
	f.unless(d.Slice == 0 || d.Slice.D() >= time.Millisecond, "slice %v: at least 1 ms", d.Slice)
	f.unless(d.Settle >= 0 && d.Settle <= 0.5, "settle share %v: must lie in [0,0.5]", d.Settle)
	f.unless(d.Gap >= 0 && d.Gap.D() <= longest, "gap %v: must not be negative, and at most a year", d.Gap)
}

func rateOK(r float64) bool { return r > 0 && !math.IsInf(r, 1) }

func (f *faultList) arrivals(load ancmbench.Load) {
	a := load.Arrivals
	expected := a.Rate * load.Duration.Float()
	switch a.Kind {
	case ancmbench.Constant, ancmbench.Poisson:
		f.unless(rateOK(a.Rate), "rate %v per second: must be positive", a.Rate)
	case ancmbench.Ramp:
		zero := func(r float64) bool { return r == 0 || rateOK(r) }
		f.unless(zero(a.Rate) && zero(a.RampTo) && a.Rate+a.RampTo > 0,
			"ramp from %v to %v per second: neither may be negative, nor both zero", a.Rate, a.RampTo)
		expected = (a.Rate + a.RampTo) / 2 * load.Duration.Float()
	case ancmbench.Steps:
		expected = f.steps(a.Steps, load.Duration.Float())
	case ancmbench.Replay:
		f.unless(len(a.Instants) > 0, "replay: no instants")
		f.unless(slices.IsSorted(a.Instants), "replay: the instants must ascend")
		f.unless(len(a.Instants) == 0 || a.Instants[0] >= 0, "replay: an instant before the start")
		expected = float64(len(a.Instants))
	case ancmbench.Closed:
		f.unless(a.Think >= 0 && a.Think.D() <= longest, "think time %v: must not be negative, and at most a year", a.Think)
		return
	default:
		f.unless(false, "arrivals %q: not one of constant, poisson, ramp, steps, replay, closed", a.Kind)
	}
	if load.Dealing.Kind == ancmbench.Duel && a.Kind != ancmbench.Replay {
		expected *= float64(len(load.Targets))
	}
	f.unless(!(expected > mostRequests), "%.3g requests: at most %.0e fit one load", expected, mostRequests)
}

// steps checks the list and returns the number of requests expected.
func (f *faultList) steps(steps []ancmbench.Step, length float64) (expected float64) {
	f.unless(len(steps) > 0, "steps: none given")
	left, last := length, 0.0
	for i, s := range steps {
		f.unless(s.Rate == 0 || rateOK(s.Rate), "step %d: rate %v per second: must not be negative", i, s.Rate)
		f.unless(s.Duration > 0, "step %d: duration %v: must be positive", i, s.Duration)
		expected += s.Rate * min(left, s.Duration.Float())
		left = max(0, left-s.Duration.Float())
		last = s.Rate
	}
	return expected + left*last // the last rate continues to the end
}

func (f *faultList) target(i int, t ancmbench.Target) {
	oneOf := func(what, got string, of ...string) {
		f.unless(got == "" || slices.Contains(of, got), "target %d: %s %q: not one of %s", i, what, got, strings.Join(of, ", "))
	}
	oneOf("scheme", t.Scheme, "http", "https")
	oneOf("protocol", t.Protocol, "http/1.1", "h2", "h2c")
	oneOf("network", t.Network, "tcp", "unix")
	f.unless(t.Protocol != "h2c" || t.Scheme != "https", "target %d: h2c is HTTP/2 without TLS, and the scheme is https", i)
	f.unless(t.Protocol != "h2" || t.Scheme == "https", "target %d: h2 needs https; without TLS it is h2c", i)
	f.unless(t.Address != "", "target %d: no address", i)
	if len(t.Roots) > 0 {
		f.unless(t.Scheme == "https", "target %d: root certificates need the scheme https", i)
		_, err := rootsOf(t)
		f.unless(err == nil, "target %d: roots hold no certificate in PEM", i)
	}
	f.unless(!t.Insecure || t.Scheme == "https", "target %d: insecure needs the scheme https, which has a certificate", i)
	f.unless(plain(t.Host), "target %d: host %q holds a control character or space", i, t.Host)
	f.unless(len(t.Workload.Requests) > 0, "target %d: no request", i)
	err := t.Workload.CheckVars()
	f.unless(err == nil, "target %d: %v", i, err)
	for j, r := range t.Workload.Requests {
		f.request(i, j, r)
		_, err := NewExpectation(t.Expect.With(r.Expect))
		f.unless(err == nil, "target %d, request %d: %v", i, j, err)
	}
	_, err = NewExpectation(t.Expect)
	f.unless(err == nil, "target %d: %v", i, err)
}

func (f *faultList) request(i, j int, r ancmbench.Request) {
	f.unless(token(r.Method), "target %d, request %d: method %q is not a token (RFC 9110 5.6.2)", i, j, r.Method)
	f.unless(r.Path == "*" || (strings.HasPrefix(r.Path, "/") || strings.HasPrefix(r.Path, "{{")) && plain(r.Path),
		"target %d, request %d: path %q: must begin with a slash and hold no space or control character", i, j, r.Path)
	f.unless(r.Weight >= 0 && !math.IsInf(r.Weight, 1), "target %d, request %d: weight %v: must not be negative", i, j, r.Weight)
	for _, h := range r.Header {
		f.unless(h.Name != "" && token(h.Name), "target %d, request %d: field name %q is not a token (RFC 9110 5.1)", i, j, h.Name)
		f.unless(!strings.ContainsAny(h.Value, "\r\n\x00"), "target %d, request %d: field %s: the value holds a line break", i, j, h.Name)
		f.unless(!h.GRPC(), "target %d, request %d: %s", i, j, ancmbench.GRPCUnsupported)
	}
}

func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

func token(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
