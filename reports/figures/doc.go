// Package figures turns the observations of a run into figures with intervals.
//
//  1. Observe pools what was counted by fresh start, phase, workload and target.
//     The samples of one fresh start are pooled, and those of several never are,
//     but for pictures that say so.
//  2. Analyse makes statements of them: a difference and a ratio, each with an
//     interval, and the smallest detectable effect; the curve, the
//     breakdown, the costs by role and what shows how far to trust the rest.
//  3. Compare sets runs side by side, Predict applies a curve to an app, History
//     makes one line of a run, and Progress states a run that goes on.
//
// It can be done again at any time from the results file alone, and the same file
// gives the same figures. The package measures nothing and writes no report.
package figures
