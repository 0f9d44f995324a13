package webconfig

import "strings"

// SplitArguments returns the arguments of a command line, split as Windows programs do
// (Microsoft's C runtime, "Parsing C command-line arguments"). White space separates
// arguments, and double quotes hold one together. 2n backslashes before a quote are n
// backslashes, and the quote has its effect; 2n+1 are n backslashes and a literal
// quote. Two quotes within quotes are one literal quote.
func SplitArguments(line string) []string {
	var out []string
	for {
		line = strings.TrimLeft(line, " \t\r\n")
		if line == "" {
			return out
		}
		var arg string
		arg, line = nextArgument(line)
		out = append(out, arg)
	}
}

func nextArgument(line string) (arg, rest string) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == '\\':
			n := 0
			for i+n < len(line) && line[i+n] == '\\' {
				n++
			}
			i += n
			if i == len(line) || line[i] != '"' {
				b.WriteString(strings.Repeat(`\`, n))
				continue
			}
			b.WriteString(strings.Repeat(`\`, n/2))
			if n%2 == 1 {
				b.WriteByte('"')
				i++
			}
		case c == '"' && quoted && i+1 < len(line) && line[i+1] == '"':
			b.WriteByte('"')
			i += 2
		case c == '"':
			quoted = !quoted
			i++
		case !quoted && isSpace(c):
			return b.String(), line[i:]
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), ""
}
