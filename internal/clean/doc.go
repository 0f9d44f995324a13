// Package clean makes untrusted text safe to show. A name or a message from a results
// file, a server, a profile or a web.config may hold bytes that control a terminal,
// reverse or forge a line, or make a spreadsheet compute.
//
// There is one function per output. None of them escapes what the output's own writer
// escapes, such as < in HTML and quotes in CSV.
package clean
