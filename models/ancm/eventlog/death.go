package eventlog

import "strings"

// mostOfCause bounds what is quoted of an exception, in bytes.
const mostOfCause = 300

// Lacks begins what Death returns of a framework that is not there.
const Lacks = ".NET lacks "

// Death returns why an app in .NET has ended, as far as its output says: an unhandled
// exception, FailFast, an overflow of its stack, no memory, or a framework that is not there. It
// returns "" for any other output. The last lines of what such an app prints are only where it
// happened.
func Death(output string) string {
	lines := strings.Split(output, "\n")
	next := func(i int) string {
		if i+1 < len(lines) {
			return strings.TrimSpace(lines[i+1])
		}
		return ""
	}
	for i, line := range lines {
		line = strings.TrimSpace(line)
		said, found := strings.CutPrefix(line, "Unhandled exception. ")
		switch {
		case found:
			return "unhandled exception: " + bounded(said)
		case line == "Process terminated." && next(i) != "" && !strings.HasPrefix(next(i), "at "):
			return "process terminated: " + bounded(next(i))
		case line == "Process terminated.":
			return "process terminated"
		case line == "Stack overflow.":
			return "stack overflow"
		case line == "Out of memory.":
			return "out of memory"
		case strings.HasPrefix(line, "Framework: '"): // of what hostfxr says
			return Lacks + bounded(strings.TrimPrefix(line, "Framework: "))
		}
	}
	return ""
}

func bounded(s string) string {
	if len(s) > mostOfCause {
		return strings.ToValidUTF8(s[:mostOfCause], "") + "..."
	}
	return s
}
