// Package clrtest plays the managed half of an app in C, so that the native half is tested
// without .NET: it finds the functions as IISHttpServer does, by their names in the
// program, and answers requests on threads of its own. Only tests import it.
package clrtest
