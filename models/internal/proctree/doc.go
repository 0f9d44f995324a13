// Package proctree answers one question: which processes belong to us, and how do we
// end all of them?
//
//	Thread        starts children from one thread that lives as long as the process,
//	              because Linux sends the parent-death signal when the thread ends.
//	Attributes    what a child is born with: signal on the parent's death, group, cgroup.
//	Give, Given   what a child inherits: ends of channels, sockets.
//	Job, Poller   on Windows: a family that ends with its maker; waiting on sockets.
//	Descendants, Marked   who is there: by parentage, and by a mark in the environment.
//	Kill          ends them and waits until they are gone.
//	Listeners     who listens on a port, and is it one of ours.
//
// Where the system has no /proc the questions are answered "unknown", never "none".
package proctree
