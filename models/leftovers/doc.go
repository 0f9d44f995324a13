// Package leftovers answers one question: what does a worker that hosts an app of .NET keep of
// requests that are over? Tests and stress compare what it has before and after a load:
// descriptors, sockets, threads, goroutines, slots of the native half, pinned objects and
// contexts of the managed half. It is in builds with the tag clr alone.
package leftovers
