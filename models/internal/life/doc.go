// Package life answers one question: what must be done after an event in the life of a
// hosted app?
//
// A Machine goes through the same steps whatever ends a copy of the app: a stop, a
// recycle, a changed configuration or app_offline.htm. The copy gets no new requests,
// it is told to end, it has the limit to finish what it has begun, and then it is
// killed. The Machine has no clock and does nothing itself: it takes events with their
// time, and returns actions. The activation service has one Machine for its workers,
// the process manager has one for each slot of a process, and a worker has one for
// itself.
package life
