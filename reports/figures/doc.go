// Package figures turns the observations of a run into figures with intervals.
//
//  1. Observe pools the counted results by fresh start, phase, workload and target.
//     It pools the samples of one fresh start. Samples of several fresh starts are
//     pooled only in pictures that say so.
//  2. Analyse makes statements from them: a difference and a ratio, each with an
//     interval, and the smallest detectable effect; also the curve, the breakdown,
//     the costs by role and what shows how far to trust the rest.
//  3. Compare compares runs, Predict applies a curve to an app, History makes one
//     line from a run, and Progress describes a run that is not finished.
//
// The results file is all that it needs, and the same file always gives the same
// figures. The package measures nothing and writes no report.
package figures
