package stats

import (
	"math"
)

// spent returns how much of alpha may be used up by information fraction t in (0,1]:
// the O'Brien-Fleming-like spending function of Lan and DeMets (Biometrika 70,
// 1983), 2 - 2 Phi(z(alpha/2) / sqrt(t)), which keeps nearly all for the end.
func spent(alpha, t float64) float64 {
	if t >= 1 {
		return alpha
	}
	return 2 * upperTail(normalUpper(alpha/2)/math.Sqrt(t))
}

// upperTail is P(Z > z) of a standard normal Z.
func upperTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// normalUpper returns the z with P(Z > z) = p.
func normalUpper(p float64) float64 { return math.Sqrt2 * math.Erfcinv(2*p) }

// nominal returns, for looks at the information levels info (ascending, any unit),
// the one-sided p-value that each must go below, so that under the hypothesis the
// chance of having done so at any look up to k is what may be spent by then. It
// integrates look by look over the walks that have not crossed (Armitage,
// McPherson and Rowe, J. R. Statist. Soc. A 132, 1969).
func nominal(info []float64, alpha float64) []float64 {
	out := make([]float64, len(info))
	at := walk{mass: []float64{1}}
	before, last := 0.0, info[len(info)-1]
	for k, i := range info {
		total := spent(alpha, i/last)
		score := at.crossedBy(i, total-before)
		before = total
		out[k] = upperTail(score / math.Sqrt(i))
		if k+1 < len(info) {
			at = at.advance(i, score, math.Sqrt(min(i-at.info, info[k+1]-i)))
		}
	}
	return out
}

// walk is where a Brownian motion of information info is, given that it has not
// crossed a bound: mass[j] at from + j step.
type walk struct {
	info, from, step float64
	mass             []float64
}

// crossedBy returns the score that the walk exceeds at information info with
// probability p.
func (w walk) crossedBy(info, p float64) float64 {
	sd := math.Sqrt(info - w.info)
	above := func(score float64) float64 {
		sum := 0.0
		for j, m := range w.mass {
			sum += m * upperTail((score-w.from-float64(j)*w.step)/sd)
		}
		return sum
	}
	reach := 40 * math.Sqrt(info)
	low, high := -reach, reach
	for high-low > 1e-8*reach {
		if mid := (low + high) / 2; above(mid) > p {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}

// What is integrated: down to deepest standard deviations, with steps per
// standard deviation of an increment (Simpson's rule is then good to 1e-4 of p),
// and increments of up to widest of them.
const (
	deepest = 8.0
	steps   = 4.0
	widest  = 8.5
)

// advance moves the walk on to information info and ends it where it exceeds
// score. finest is the least standard deviation that the grid must resolve.
func (w walk) advance(info, score, finest float64) walk {
	from := -deepest * math.Sqrt(info)
	intervals := 2 * int(math.Ceil((score-from)*steps/finest/2))
	next := walk{info: info, from: from, step: (score - from) / float64(intervals), mass: make([]float64, intervals+1)}
	sd := math.Sqrt(info - w.info)
	for i := range next.mass {
		x := from + float64(i)*next.step
		simpson := next.step / 3
		switch {
		case i == 0 || i == intervals:
		case i%2 == 1:
			simpson *= 4
		default:
			simpson *= 2
		}
		next.mass[i] = simpson * w.density(x, sd)
	}
	return next
}

// density returns the density of the walk at x after an increment of standard deviation sd.
func (w walk) density(x, sd float64) float64 {
	first, last := 0, len(w.mass)-1
	if w.step > 0 {
		first = max(first, int((x-widest*sd-w.from)/w.step))
		last = min(last, int((x+widest*sd-w.from)/w.step)+1)
	}
	sum := 0.0
	for j := first; j <= last; j++ {
		d := (x - w.from - float64(j)*w.step) / sd
		sum += w.mass[j] * math.Exp(-d*d/2)
	}
	return sum / (sd * math.Sqrt(2*math.Pi))
}
