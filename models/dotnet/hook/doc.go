// Package hook holds the startup hook that lets an unchanged ASP.NET Core app be hosted
// in-process: its source in C#, and the assembly that was built from it. Builds with the
// tag clr embed the assembly.
package hook
