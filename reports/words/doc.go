// Package words writes values and names as every report prints them.
//
// Amount gives a value three significant digits in a unit for people, Times
// writes a ratio, Percent a share, Span a time that was planned. Plain cleans text
// from outside for a terminal. The package does not know runs.
package words
