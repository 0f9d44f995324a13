// Package gate decides whether a change made something worse.
//
// A Gate looks at a run by a group-sequential stats.Plan, fresh start by fresh start,
// and returns a Verdict: worse, not worse by the margin, or no decision with the
// smallest detectable effect. Budgets are absolute bounds beside the margins.
// Resampling says how often a gate is wrong, from recorded fresh starts, and
// AttenuationOf how much of a true effect shows request by request.
//
// A Verdict is a pure function of the run. Package render writes it.
package gate
