// Package gate decides whether a change is let through.
//
// A Gate takes the looks of a group-sequential stats.Plan at a run, fresh start by
// fresh start, and gives a Verdict: worse, not worse by the margin, or no decision
// and the smallest detectable effect. Budgets are absolute bounds beside the margins.
// Resampling says how often a gate is wrong, from recorded fresh starts, and
// AttenuationOf how much of a true effect shows request by request.
//
// A Verdict is a pure function of the run. Package render writes it.
package gate
