// Package reports says what the observations in a results file mean.
//
// It is the last step of the pipeline, and can be taken again at any time from
// the file alone:
//
//  1. Analyse pools what was counted by launch, phase, workload and target, and
//     turns the launches into statements: a difference and a ratio, each with
//     an interval, and the smallest effect that could have been told.
//  2. Text, JSON, HTML and PNGs write one format each from the same Analysis.
//  3. Progress gives the statement so far in a few words, while a run goes on.
//
// The launch is the unit of evidence (MEASURING.md, "From observations to a
// statement"): the samples of one launch are pooled, and those of several
// never are, but for pictures that say so. Doubt travels as Warnings, which
// become sentences with advice in one place, Advise.
//
// The package measures nothing, starts nothing and sends nothing. The same
// results file gives the same bytes, whenever and wherever it is read.
package reports
