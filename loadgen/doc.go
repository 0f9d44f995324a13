// Package loadgen answers one question: how did these targets respond when
// this load was put on them? It turns an ancmbench.Load into requests that
// leave when a pure timetable says so, and into one ancmbench.Result per target.
//
//  1. Plan: the timetable, a pure function of the Load (plan.go).
//  2. Engine: carries the plan out over real connections (wire, vegeta).
//  3. Recorder: due, sent, first byte, done of each request, into histograms.
//  4. Checks: whether the generator kept its own timetable, as values.
//
// It never starts a server, knows no hosting model, and judges nothing: it is
// handed addresses, requests and what a right answer looks like.
package loadgen
