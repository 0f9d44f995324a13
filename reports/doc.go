// Package reports says what the observations in a results file mean.
//
// It is the last step of the pipeline, and can be taken again at any time from
// the file alone:
//
//  1. Analyse pools what was counted by launch, phase, workload and target, and
//     turns the launches into statements: a difference and a ratio, each with
//     an interval, and the smallest effect that could have been told.
//  2. Text, JSON, HTML and PNGs write one format each from the same Analysis.
//  3. A Gate takes the looks of a group-sequential Plan at a run, launch by launch,
//     and gives a Verdict: worse, not worse by the margin, or no decision and what
//     could have been told. GateText, GateMarkdown, Annotations and JUnit write it.
//  4. Compare sets runs side by side, HistoryLine makes one line of one, and CSV
//     and Benchfmt hand the launches on.
//  5. Resampling says how often a gate is wrong, from recorded launches.
//  6. Progress gives the statement so far in a few words, while a run goes on.
//
// The launch is the unit of evidence (MEASURING.md, "From observations to a
// statement"): the samples of one launch are pooled, and those of several
// never are, but for pictures that say so. Doubt travels as Warnings, which
// become sentences with advice in one place, Advise.
//
// The package measures nothing, starts nothing and sends nothing. The same
// results file gives the same bytes, whenever and wherever it is read.
package reports
