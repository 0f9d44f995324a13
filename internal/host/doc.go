// Package host answers one question: what machine is this, and can it be
// trusted to measure?
//
//	Fingerprint  what the machine is, without its name, users and paths
//	Inspect      what is wrong with it before a run: governor, clock, swap, limits, ports
//	Watch        what disturbs it during a run: steal time and the load of others, by second
//	Traffic      what its network stack dropped or sent again
//	Cores        which cores the generator and the servers should have
//	Pin          binds this process to its part of that plan
//	Key          a coarse name for machines that may share a host profile
//
// Everything that is looked at becomes a Check, a value with its bound, and past
// the bound a Warning with a code out of ancmbench's closed set. What cannot be
// read is a Check with a reason. The package changes nothing on the machine but, in
// Pin, where this process runs, and voids nothing: it looks, and others judge.
package host
