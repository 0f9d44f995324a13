// Package loadgen answers one question: how do these targets respond to this load? It
// sends the requests of an ancmbench.Load by a timetable that no answer can change, and
// returns one ancmbench.Result per target.
//
//  1. Plan: the timetable, a pure function of the Load (plan.go).
//  2. Engine: carries the plan out over real connections (wire, vegeta, websocket).
//  3. Recorder: counts the due, sent, first-byte and done times of each request.
//  4. Checks: whether the generator kept its own timetable, as values.
//
// It never starts a server, knows no hosting model and judges nothing. It gets
// addresses, requests and a description of the right answer.
package loadgen
