// Package callertest makes the channel of package caller within one process, for
// the tests of both its ends.
package callertest
