// Package render writes reports, one format a file.
//
// Text writes one screen, HTML a page that needs no other file, JSON a document, CSV
// and Benchfmt the single fresh starts, and CompareText several runs.
// GateText, GateMarkdown, Annotations and JUnit write a verdict.
//
// The same results file gives the same bytes, whenever and wherever it is read.
package render
