// Package models answers one question: how does a hosting model start, run and stop
// without leaving anything behind?
//
//	RunRole   the first line of main; turns the process into was, worker or app
//	          when the environment says so, and returns only in the parent.
//	Start     a Site: address, processes by role, runtime figures, recycle, kill, stop.
//
// Each process of a site is a child of the one before it. All but the parent run a copy
// of the executable that belongs to this site alone. was is the activation service (in
// Windows: WAS), and a worker corresponds to w3wp.exe:
//
//	parent (Start)
//	  was      holds and polls the listening socket, never accepts   (package was)
//	    worker   front + module, in-process the app as well          (httpsys, ancm)
//	      app      the app's own server, out-of-process              (kestrel, iisintegration)
//
// Nothing is left of a site, however it ends:
//
//   - was learns of the parent's death by the end of their channel, kills what is
//     below it, and removes the cgroups; worker and app get the kernel's
//     parent-death signal; was adopts and kills whatever left its family; when
//     was itself is killed the parent finds the rest by a mark in the
//     environment. On Linux the copy is deleted as soon as was runs.
//   - What no process is left to do stays: cgroups, if parent and was are
//     killed at the same instant.
//   - Systems without /proc have the channel alone: each role ends when its
//     parent's end closes.
//
// The package knows nothing of load and measures nothing.
package models
