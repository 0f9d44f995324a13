// Package peers answers one question: how does a real server, ours or not, start where
// we can measure it, and stop without leaving anything behind?
//
//	Command   any command of the user's, in any language, told its port by environment
//	Proxy     nginx or HAProxy in front of a backend, one worker, upstream keep-alive
//	Server    what both start: address, processes, end, last words, stop
//	Reuses    how many backend connections a proxy really needed for some requests
//
// What is guaranteed when a Server is over, however it came to that:
//
//   - Stop, a failed Start, and a server that ends unasked leave no process of
//     its tree, no folder and no cgroup.
//   - When our own process is killed (SIGKILL included) the kernel kills the
//     command's first process (parent-death signal, Linux), and a guard, a shell
//     that waits for the end of a pipe that only we hold, kills the rest.
//   - A process belongs to the tree by any of: descent, process group, a variable
//     in the environment it was born with, the cgroup. One that leaves its group,
//     loses its parent and wipes its environment is found only through
//     Command.Cgroup; with one nothing escapes that may not write to cgroupfs.
//   - macOS and the BSDs have process group and guard alone; Windows has a job
//     object that ends with us.
//
// It knows nothing of load and measures nothing.
package peers
