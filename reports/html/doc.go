// Package html writes a run, a gate, a comparison or a load as one page that a browser shows
// without a network.
//
// A Page begins with what alone supports a decision, and goes on in Sections: one file of
// this package each. All figures are drawings made here; the script of the page only
// switches colours, zooms in time and hands out the files that are in the page.
package html
