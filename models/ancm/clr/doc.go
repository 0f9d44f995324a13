// Package clr hosts an ASP.NET Core app in this process: it loads Microsoft's runtime
// (CoreCLR), runs the app's Main on a thread of its own, and is the native half of
// Microsoft's IISHttpServer, which answers the requests. It exists in builds for linux/amd64
// with cgo and the tag clr; in others Available says how to get one.
//
//  1. The front's goroutine writes a request into a slot, which is memory of C.
//  2. The dispatcher, a thread of C, calls IISHttpServer with the slot's handle.
//  3. IISHttpServer calls the functions of this package in C, which fill the slot.
//  4. The goroutine is woken, and writes the response.
//
// The C code never calls Go. One process can host one app, once.
package clr
