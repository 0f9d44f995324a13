// Package hostile answers one question: how do our fronts and models react to bytes
// that no honest peer sends?
//
// It is data and the harness that sends it. The data are tables, cut by noun, which
// fuzz targets of other packages take as seeds:
//
//	Requests  raw HTTP/1 requests, each with its outcome by the RFCs
//	Answers   what a backend may answer the forwarder, with what a client gets of it
//	Streams   HTTP/2 requests as field lists, for the way down to HTTP/1
//
// The harness (the package's tests) sends every request to every front and model,
// whole and in every way of cutting it in two; every answer through every front, and
// asks then for the next client; every stream; and it breaks clients off in the
// middle of an upload. Each difference between fronts, and from nginx, has its name
// and its reason in the tables: what has none fails.
//
// It serves and parses nothing itself, and is part of no program.
package hostile
