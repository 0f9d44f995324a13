package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
)

// factorTitles are what a person calls the factors.
var factorTitles = map[ancmbench.Factor]string{
	ancmbench.FactorCPU:         "the app computes",
	ancmbench.FactorWait:        "the app waits",
	ancmbench.FactorDownload:    "bytes in the answer",
	ancmbench.FactorUpload:      "bytes in the request",
	ancmbench.FactorConnections: "connections",
	ancmbench.FactorReconnect:   "a new connection per request",
	ancmbench.FactorStream:      "streamed answer",
	ancmbench.FactorWebSocket:   "WebSocket round trip",
	ancmbench.FactorFront:       "TLS and HTTP/2",
}

// frontTitles are what a person calls the fronts; all are the net/http front.
var frontTitles = map[string]string{"nethttp": "plain HTTP/1.1", "tls": "TLS, HTTP/1.1", "h2": "TLS, HTTP/2", "h2c": "HTTP/2 without TLS"}

// level writes how much of its factor a point has.
func (p PointStatement) level() string {
	switch {
	case p.Front != "":
		return frontTitles[p.Front]
	case p.Unit == "":
		return factorTitles[p.Factor]
	case p.Unit == "connections":
		return count(int(p.Level), "connection", "connections")
	case p.Level == 0:
		return "0"
	}
	if p.Unit == "bytes" {
		return binary(p.Level)
	}
	if p.Took > 1.5*p.Level {
		return amount(p.Level, p.Unit) + " (took " + amount(p.Took, p.Unit) + ")"
	}
	return amount(p.Level, p.Unit)
}

// binary writes a size as a profile does where it is a whole number of KiB or MiB.
func binary(bytes float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n := bytes / u.size; n >= 1 && n == math.Trunc(n) {
			return fmt.Sprintf("%g %s", n, u.name)
		}
	}
	return amount(bytes, "bytes")
}

// brief writes "+102 µs (1.48x)".
func (e *CurveEffect) brief(unit string) string {
	if e == nil {
		return absent
	}
	return signed(e.Difference.Value, unit) + " (" + times(e.Ratio.Value, 0) + "x)"
}

// difference writes "+102 µs [+95 µs, +110 µs]".
func (e *CurveEffect) difference(unit string) string {
	if e == nil {
		return absent
	}
	return moreOf(&e.Difference, unit)
}

// moreOf writes an estimate of a difference with its interval.
func moreOf(e *Estimate, unit string) string {
	if e == nil {
		return absent
	}
	s := signed(e.Value, unit)
	if e.Interval != nil {
		s += " [" + signed(e.Interval.Low, unit) + ", " + signed(e.Interval.High, unit) + "]"
	}
	return s
}

// ratio writes "1.48x [1.44, 1.52]".
func (e *CurveEffect) ratio() string {
	if e == nil {
		return absent
	}
	s := times(e.Ratio.Value, 0) + "x"
	if i := e.Ratio.Interval; i != nil {
		s += " [" + times(i.Low, 0) + ", " + times(i.High, 0) + "]"
	}
	return s
}

// sentence says from which app time on the penalty is small.
func (f Fade) sentence(target string) string {
	what := map[ancmbench.Factor]string{ancmbench.FactorCPU: "of processor time", ancmbench.FactorWait: "of waiting"}[f.Factor]
	head := fmt.Sprintf("%s adds under %s to the median", plain(target), fmt.Sprintf("%g %%", 100*f.Share))
	switch {
	case f.From == nil && f.Reached == 0:
		return fmt.Sprintf("%s: not reached within %s %s per request.", head, amount(f.Longest, "seconds"), what)
	case f.From == nil:
		return fmt.Sprintf("%s: within %s %s per request in only %d of %s.", head, amount(f.Longest, "seconds"), what, f.Reached,
			count(f.Launches, "fresh start", "fresh starts"))
	}
	return fmt.Sprintf("%s once the app takes %s %s per request.", head, estimate(*f.From, "seconds"), what)
}

// estimate writes "2.1 ms [1.8 ms, 2.5 ms]".
func estimate(e Estimate, unit string) string {
	s := amount(e.Value, unit)
	if e.Interval != nil {
		s += " [" + amount(e.Interval.Low, unit) + ", " + amount(e.Interval.High, unit) + "]"
	}
	return s
}

// sentence says how far one target goes.
func (l SweepLimit) sentence() string {
	limit := func(e *Estimate, out Outside) string {
		if e == nil {
			if s := out.words(l); s != "" {
				return s
			}
			return "over " + rate(l.Highest)
		}
		s := rate(e.Value)
		if e.Interval != nil {
			s += " [" + digits(e.Interval.Low) + ", " + digits(e.Interval.High) + "]"
		}
		return s
	}
	return fmt.Sprintf("%s: keeps p99 within %s up to %s; requests begin to queue (median %gx its least) at %s.",
		plain(l.Target), amount(l.SLOSeconds, "seconds"), limit(l.SLO, l.SLOOut), kneeTimes, limit(l.Knee, l.KneeOut))
}

// words say where a limit lies that not every fresh start has within the sweep; empty
// if it lies beyond the highest rate in all.
func (o Outside) words(l SweepLimit) string {
	if o.Past == l.Launches {
		return ""
	}
	var parts []string
	if o.Past > 0 {
		parts = append(parts, fmt.Sprintf("over %s in %d", rate(l.Highest), o.Past))
	}
	if o.Under > 0 {
		parts = append(parts, fmt.Sprintf("under %s in %d", rate(l.Lowest), o.Under))
	}
	if o.Unknown > 0 {
		parts = append(parts, fmt.Sprintf("unknown (too few samples) in %d", o.Unknown))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("a rate that is %s of %s", strings.Join(parts, " and "), count(l.Launches, "fresh start", "fresh starts"))
}

// sentences are the curve in plain words.
func (c *Curve) sentences() []string {
	var out []string
	for _, f := range c.Fades {
		out = append(out, f.sentence(c.Target))
	}
	for _, l := range c.Limits {
		out = append(out, l.sentence())
	}
	return out
}

// tlsSentence states TLS as a factor of its own: what it adds to either target.
func (c *Curve) tlsSentence() string {
	if c.TLS == nil {
		return ""
	}
	return fmt.Sprintf("TLS adds %s to %s and %s to %s, so it moves the penalty by %s (one front, one load engine).",
		moreOf(&c.TLS.Base, "seconds"), plain(c.Baseline), moreOf(&c.TLS.Other, "seconds"), plain(c.Target), moreOf(&c.TLS.Penalty, "seconds"))
}

// curves writes what the run means for an app, a line per factor.
func (p *page) curves(a *Analysis) {
	for i := range a.Curve {
		c := &a.Curve[i]
		title, note := "What it means for your app: what "+plain(c.Target)+" adds to the median response of "+plain(c.Baseline),
			"intervals are 95 %; each point has a rate of its own: the report has all of them"
		if len(c.Points) == 0 { // a sweep alone
			title, note = "How far they go: latency against throughput", fmt.Sprintf("intervals are 95 %%; %s; the report has every rate of the sweep", count(c.connections(), "connection", "connections"))
		}
		p.para("", title, text.Bold)
		for _, f := range ancmbench.Factors {
			points := c.of(f)
			var words []string
			for _, st := range points {
				word := st.P50.brief("seconds")
				if f.LevelUnit() != "" || f == ancmbench.FactorFront {
					word = st.level() + ": " + word
				}
				if st.FirstByte != nil {
					word += ", its first byte " + st.FirstByte.brief("seconds")
				}
				words = append(words, word)
			}
			if len(words) > 0 {
				p.para(fmt.Sprintf("  %-30s", factorTitles[f]), strings.Join(words, " · "), text.Reset)
			}
		}
		for _, s := range append(c.sentences(), c.sloSentence(), c.tlsSentence()) {
			if s != "" {
				p.para("  ", s, text.Reset)
			}
		}
		p.para("  ", note, text.Faint)
		p.line("")
	}
}
