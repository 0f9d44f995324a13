// Package example has the synthetic runs that the tests of the reports share.
//
// A Scene is a run with known true values: the same seed gives the same run.
package example
