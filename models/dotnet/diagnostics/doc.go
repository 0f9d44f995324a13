// Package diagnostics answers one question: what does a .NET runtime of this machine say
// of itself?
//
// Every .NET process listens on a Unix socket of its own, the diagnostics port, that its
// owner may ask. The package finds the port of a process, asks which runtime it is, and
// reads the counters of System.Runtime, such as how many methods were compiled so far and
// how large the managed heap is. The app needs no change and no package.
//
// The messages are those of .NET's IPC protocol (described in dotnet/diagnostics on GitHub),
// and a session sends the format NetTrace (described in microsoft/perfview). The package
// decides nothing about warm-up or memory: package experiment does.
package diagnostics
