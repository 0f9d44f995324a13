// Package sentences puts figures into sentences.
//
// Answer returns the answer of a run in a few sentences, Belief what it rests on,
// and TrustLine how generator and host worked; the others put the curve, the breakdown and
// throughput at the SLO into words. All reports use the same function for
// the same statement.
package sentences
