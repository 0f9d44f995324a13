// Package ancm answers one question: what does the ASP.NET Core Module do with a
// native request? It either hosts the app and calls it (in-process), or forwards
// the request to the app's process (out-of-process).
//
//	httpsys.Exchange -> InProcess -> http.Handler, the app in this process
//	httpsys.Exchange -> Forwarder -> Backends -> the app's process, by HTTP/1.1
//
// Both are httpsys.Handlers, so that between the two models the front stays the
// same. Rungs of the breakdown are variants of the forwarder (Bare, NoReuse,
// Backend.Network "unix"), NewReverseProxy, and Relay, which does not look into
// the bytes at all.
//
// What the module is told is read by package webconfig, and the app's processes are
// the business of appprocess; what they have to say is in debuglog, eventlog and
// redact. This package reads no flag and prints nothing; what goes wrong is an error, or
// a status with a sub-status on the Exchange.
package ancm
