package sentences

import (
	"fmt"
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// FactorTitles are the names of the factors for people.
var FactorTitles = map[ancmbench.Factor]string{
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

// frontTitles are the names of the fronts for people; all are the net/http front.
var frontTitles = map[string]string{"nethttp": "plain HTTP/1.1", "tls": "TLS, HTTP/1.1", "h2": "TLS, HTTP/2", "h2c": "HTTP/2 without TLS"}

// LevelOf returns the level of a point in words.
func LevelOf(p figures.PointStatement) string {
	switch {
	case p.Front != "":
		return frontTitles[p.Front]
	case p.Unit == "":
		return FactorTitles[p.Factor]
	case p.Unit == "connections":
		return words.Count(int(p.Level), "connection", "connections")
	case p.Level == 0:
		return "0"
	}
	if p.Unit == "bytes" {
		return binary(p.Level)
	}
	if p.Took > 1.5*p.Level {
		return words.Amount(p.Level, p.Unit) + " (took " + words.Amount(p.Took, p.Unit) + ")"
	}
	return words.Amount(p.Level, p.Unit)
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
	return words.Amount(bytes, "bytes")
}

// EffectBrief writes "+102 µs (1.48x)".
func EffectBrief(e *figures.CurveEffect, unit string) string {
	if e == nil {
		return words.Absent
	}
	return words.Signed(e.Difference.Value, unit) + " (" + words.Times(e.Ratio.Value, 0) + "x)"
}

// EffectDifference writes "+102 µs [+95 µs, +110 µs]".
func EffectDifference(e *figures.CurveEffect, unit string) string {
	if e == nil {
		return words.Absent
	}
	return stats.Signed(&e.Difference, unit)
}

// EffectRatio writes "1.48x [1.44, 1.52]".
func EffectRatio(e *figures.CurveEffect) string {
	if e == nil {
		return words.Absent
	}
	return words.Times(e.Ratio.Value, 0) + "x" + e.Ratio.Range(func(v float64) string { return words.Times(v, 0) })
}

// FadeSentence says from which app time on the penalty is small.
func FadeSentence(f figures.Fade, target string) string {
	what := map[ancmbench.Factor]string{ancmbench.FactorCPU: "of processor time", ancmbench.FactorWait: "of waiting"}[f.Factor]
	head := fmt.Sprintf("%s adds under %s to the median", words.Plain(target), fmt.Sprintf("%g %%", 100*f.Share))
	switch {
	case f.From == nil && f.Reached == 0:
		return fmt.Sprintf("%s: not reached within %s %s per request.", head, words.Amount(f.Longest, "seconds"), what)
	case f.From == nil:
		return fmt.Sprintf("%s: within %s %s per request in only %d of %s.", head, words.Amount(f.Longest, "seconds"), what, f.Reached,
			words.Count(f.Launches, "fresh start", "fresh starts"))
	case f.From.Value == 0: // as a target that is faster
		return fmt.Sprintf("%s, however much %s the app takes per request.", head, strings.TrimPrefix(what, "of "))
	}
	return fmt.Sprintf("%s once the app takes %s %s per request.", head, estimate(*f.From, "seconds"), what)
}

// estimate writes "2.1 ms [1.8 ms, 2.5 ms]".
func estimate(e stats.Estimate, unit string) string {
	number := func(v float64) string { return words.Amount(v, unit) }
	return number(e.Value) + e.Range(number)
}

// LimitSentence returns the limit of one target in a sentence.
func LimitSentence(l figures.SweepLimit) string {
	limit := func(e *stats.Estimate, out figures.Outside) string {
		if e == nil {
			if s := outsideWords(out, l); s != "" {
				return s
			}
			return "over " + words.Rate(l.Highest)
		}
		return words.Rate(e.Value) + e.Range(words.Digits)
	}
	return fmt.Sprintf("%s keeps p99 within %s up to %s, and its requests begin to queue (median %gx its least) at %s.",
		words.Plain(l.Target), words.Tidy(l.SLOSeconds, "seconds"), limit(l.SLO, l.SLOOut), figures.KneeTimes, limit(l.Knee, l.KneeOut))
}

// outsideWords say where a limit lies that not every fresh start has within the sweep; empty
// if it lies beyond the highest rate in all.
func outsideWords(o figures.Outside, l figures.SweepLimit) string {
	if o.Past == l.Launches {
		return ""
	}
	var parts []string
	if o.Past > 0 {
		parts = append(parts, fmt.Sprintf("over %s in %d", words.Rate(l.Highest), o.Past))
	}
	if o.Under > 0 {
		parts = append(parts, fmt.Sprintf("under %s in %d", words.Rate(l.Lowest), o.Under))
	}
	if o.Unknown > 0 {
		parts = append(parts, fmt.Sprintf("unknown (too few samples) in %d", o.Unknown))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("a rate that is %s of %s", strings.Join(parts, " and "), words.Count(l.Launches, "fresh start", "fresh starts"))
}

// CurveSentences returns the curve in plain words.
func CurveSentences(c *figures.Curve) []string {
	var out []string
	for _, f := range c.Fades {
		out = append(out, FadeSentence(f, c.Target))
	}
	for _, l := range c.Limits {
		out = append(out, LimitSentence(l))
	}
	return out
}

// TLSSentence states TLS as a factor of its own: what it adds to either target.
func TLSSentence(c *figures.Curve) string {
	if c.TLS == nil {
		return ""
	}
	return fmt.Sprintf("TLS adds %s to %s and %s to %s, so it changes the penalty by %s (one front, one load engine).",
		stats.Signed(&c.TLS.Base, "seconds"), words.Plain(c.Baseline), stats.Signed(&c.TLS.Other, "seconds"), words.Plain(c.Target), stats.Signed(&c.TLS.Penalty, "seconds"))
}
