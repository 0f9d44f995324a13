// Package clean makes text that comes from outside fit to be shown: what a results file,
// a server, a profile or a web.config has as a name or a message may hold bytes by which
// a terminal is steered, a line is turned round or forged, or a spreadsheet computes.
//
// There is one function per output. None of them escapes what the output's own writer
// escapes, such as < in HTML and quotes in CSV.
package clean
