// Package stats computes what a set of fresh starts shows, and how certain that is.
//
// Student returns a mean with its 95 % interval, RatioOf turns an estimate of logs into
// one of a ratio, and Tellable returns the smallest detectable effect. Plan is the
// group-sequential plan of a gate: after which fresh starts it looks, and how often
// it may be wrong over all looks together. Binomial returns the interval of a counted share.
//
// The fresh start is the unit of evidence: every element of a set is one fresh
// start's value. The package does not know metrics, targets or files.
package stats
