// Package render writes reports, one format a file.
//
// Text writes one screen, HTML a page that needs nothing else, JSON a document, CSV
// and Benchfmt the fresh starts one by one, CompareText runs side by side.
// GateText, GateMarkdown, Annotations and JUnit write a verdict.
//
// The same results file gives the same bytes, whenever and wherever it is read.
package render
