// Package life answers one question: what is to be done now that something has
// happened to an app that is hosted?
//
// A Machine goes through the same steps whatever ends a copy of the app, be it a
// stop, a recycle, a changed configuration or app_offline.htm: the copy gets no
// new requests, it is told, it has the limit to finish what it has begun, and
// then it is killed. The Machine holds no clock and does nothing itself: events
// and the time go in, actions come out. The activation service drives one for its
// workers, the process manager one for each place of an app's process, and the
// worker one for itself.
package life
