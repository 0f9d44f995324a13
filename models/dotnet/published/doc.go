// Package published answers one question: can this published app in .NET be hosted here?
//
//  1. Read finds the app that a web.config starts: its assembly and its runtimeconfig.json
//     (app.go, runtimeconfig.go).
//  2. App.Check says whether .NET here can run it, and App.CheckInProcess whether it can
//     also be hosted in-process (check.go, runtime.go).
//
// Each fault is one sentence that says what is missing and what would help. It only looks
// at files: nothing is started, and an app that throws is found when it is started.
package published
