// Package words writes values and names as every report prints them.
//
// Amount gives a value three significant digits in a unit fit for a person, Times
// writes a ratio, Percent a share, Span a time that was planned. Plain makes text
// that others gave fit for a terminal. The package knows nothing of runs.
package words
