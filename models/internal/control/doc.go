// Package control answers one question: how do two processes of one site talk
// without being heard or disturbing the measurement?
//
// They share an inherited pair of Unix sockets, on Windows the two ends of a named
// pipe that nobody else can open, on which one side asks and the other
// answers, a JSON object a line. Nothing is ever sent unasked, so the channel is
// silent while load runs; and because both ends close when their process ends,
// however it ends, end of file is how a child learns that its parent is gone.
package control
