// Package native answers one question: what else stands before the app in a
// pipeline of IIS? It has four of its native modules, each to be put in front
// of either hosting model unchanged (BM-03, WA-01):
//
//	RequestLog   a line for every exchange of a front
//	Basic        authentication by name and password
//	Negotiate    authentication by Kerberos ticket
//	StaticFiles  the files of a folder; what is not there is the app's to answer
//
// The package knows neither model: it sees Exchanges only.
package native
