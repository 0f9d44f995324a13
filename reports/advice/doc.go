// Package advice explains each warning, and how to fix its cause.
//
// Its table has an entry for every code of the closed set; Advise groups the
// warnings of a run by code, the serious ones first. The text of a warning is made
// here and nowhere else.
package advice
