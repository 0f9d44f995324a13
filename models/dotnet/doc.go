// Package dotnet answers one question: where is the reference app as an ASP.NET
// Core app, ready to be hosted?
//
// Its source is in the folder app: the same paths, statuses and bytes as package
// app, in C#. Find looks for the .NET SDK of this machine, and Publish builds the
// app with it, once for each version of source and SDK. Without an SDK the error
// says in one sentence what is missing. The package starts no server; package
// models hosts what it has built, from the web.config in the folder.
package dotnet
