// Package leavers answers one question: how does a client look that goes in the middle of a
// request? Tests and stress of what serves let many of them go at any moment.
package leavers
