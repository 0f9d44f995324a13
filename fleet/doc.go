// Package fleet answers one question: how is the same experiment carried out by several
// machines? A coordinator gives agents their parts of it and adds up what they observed.
//
//  1. Bus: an embedded NATS server that agents dial in to. Without an address it opens no
//     port, and only agents of this process use it.
//  2. Messages: calls and answers in frames of at most half a megabyte (frame, link).
//  3. Agent: joins, carries out loads and serves targets until its coordinator ends.
//  4. Coordinator: knows its agents, and notices within 3 s that one has gone.
//  5. Engine: a loadgen.Engine that carries out one load on several load agents, by one
//     absolute timetable; their clocks are compared before and after it.
//
// It measures nothing itself and computes no statistics: histograms are added bucket by
// bucket, and what each agent observed stays in the result.
package fleet
