// Package stats says what a set of fresh starts can tell, and how sure it is.
//
// Student gives a mean its 95 % interval, RatioOf turns one of logs into one of a
// ratio, Tellable is the smallest detectable effect. Plan is the
// group-sequential plan of a gate: after which fresh starts it looks, and how often
// it may be wrong over all looks together. Binomial bounds a share that was counted.
//
// The fresh start is the unit of evidence: every element of a set is one fresh
// start's value. The package knows nothing of metrics, targets or files.
package stats
