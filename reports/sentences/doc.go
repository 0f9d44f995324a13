// Package sentences says figures in sentences.
//
// Answer is the answer of a run in a few sentences, Belief what it rests on,
// TrustLine how generator and host did; the others put the curve, the breakdown and
// throughput at the SLO into words. Every report that says a thing says it by the
// same function.
package sentences
