package http1

import "bytes"

// Field is one field line of a head or trailer section. Name and Value point
// into the caller's buffer; Value has no leading or trailing white space.
type Field struct {
	Name, Value []byte
	// Kind tells the fields that a server or an intermediary must treat itself.
	Kind Kind
	// name and value are the offsets of Name and Value in the buffer that was
	// parsed, see In.
	name, value int32
}

// Make returns a Field with its Kind, for heads that are composed rather than parsed.
func Make(name, value []byte) Field {
	return Field{Name: name, Value: value, Kind: KindOf(name)}
}

// MakeAt returns the field whose name and value lie at these offsets of text.
func MakeAt(text []byte, name, nameEnd, value, valueEnd int) Field {
	f := Field{Name: text[name:nameEnd:nameEnd], Value: text[value:valueEnd:valueEnd],
		name: int32(name), value: int32(value)}
	f.Kind = KindOf(f.Name)
	return f
}

// In returns name and value as parts of text, which is one copy of the whole
// buffer that was parsed: so a head becomes strings with one allocation.
func (f *Field) In(text string) (name, value string) {
	return text[f.name : int(f.name)+len(f.Name)], text[f.value : int(f.value)+len(f.Value)]
}

// Kind tells apart the fields that mean something to a server, to an
// intermediary (RFC 9110, 7.6.1) or to the module.
type Kind uint8

// The kinds. Other is everything that passes through untouched.
const (
	Other Kind = iota
	Host
	ContentLength
	TransferEncoding
	Connection
	KeepAlive
	ProxyConnection
	TE
	Trailer
	Upgrade
	Expect
	Date
	XForwardedFor
	XForwardedProto
	Module              // MS-ASPNETCORE...
	WebSocketExtensions // Sec-WebSocket-Extensions
	Proof               // X-Ancm-Model, X-Ancm-Front-Pid: only the front may say these
	Ancm                // other X-Ancm-... fields but X-Ancm-App-Pid, which is the app's proof
	Underscored         // other names with an underscore, which some app servers take for a hyphen
)

// KindOf classifies a field name, in any case.
func KindOf(name []byte) Kind {
	// First, because the module's names have every length.
	const module = "ms-aspnetcore"
	if len(name) >= len(module) && name[0]|0x20 == 'm' && EqualFold(name[:len(module)], module) {
		return Module
	}
	if len(name) >= len(ancm) && name[0]|0x20 == 'x' && EqualFold(name[:len(ancm)], ancm) {
		return ancmKind(name)
	}
	if k := plainKind(name); k != Other {
		return k
	}
	if bytes.IndexByte(name, '_') >= 0 {
		return Underscored
	}
	return Other
}

// ancm begins the fields with which the models prove who answered.
const ancm = "x-ancm-"

func ancmKind(name []byte) Kind {
	switch {
	case EqualFold(name, "x-ancm-model"), EqualFold(name, "x-ancm-front-pid"):
		return Proof
	case EqualFold(name, "x-ancm-app-pid"):
		return Other
	}
	return Ancm
}

func plainKind(name []byte) Kind {
	switch len(name) {
	case 2:
		return kindIf(name, "te", TE)
	case 4:
		if k := kindIf(name, "host", Host); k != Other {
			return k
		}
		return kindIf(name, "date", Date)
	case 6:
		return kindIf(name, "expect", Expect)
	case 7:
		if k := kindIf(name, "upgrade", Upgrade); k != Other {
			return k
		}
		return kindIf(name, "trailer", Trailer)
	case 10:
		if k := kindIf(name, "connection", Connection); k != Other {
			return k
		}
		return kindIf(name, "keep-alive", KeepAlive)
	case 14:
		return kindIf(name, "content-length", ContentLength)
	case 15:
		if k := kindIf(name, "x-forwarded-for", XForwardedFor); k != Other {
			return k
		}
	case 16:
		if k := kindIf(name, "proxy-connection", ProxyConnection); k != Other {
			return k
		}
	case 17:
		if k := kindIf(name, "transfer-encoding", TransferEncoding); k != Other {
			return k
		}
		if k := kindIf(name, "x-forwarded-proto", XForwardedProto); k != Other {
			return k
		}
	case 24:
		if k := kindIf(name, "sec-websocket-extensions", WebSocketExtensions); k != Other {
			return k
		}
	}
	return Other
}

func kindIf(name []byte, lower string, k Kind) Kind {
	if EqualFold(name, lower) {
		return k
	}
	return Other
}

// EqualFold compares ASCII without case; lower must be in lower case.
func EqualFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := 0; i < len(b); i++ {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// EqualNames compares two field names, without case.
func EqualNames(a, b []byte) bool {
	return len(a) == len(b) && bytes.EqualFold(a, b)
}

// NextToken cuts the first element off a comma-separated list (RFC 9110, 5.6.1);
// the element has no white space around it and may be empty.
func NextToken(list []byte) (token, rest []byte) {
	if i := bytes.IndexByte(list, ','); i >= 0 {
		return trim(list[:i]), list[i+1:]
	}
	return trim(list), nil
}

// Lists reports whether a comma-separated list holds the token, in any case;
// lower must be in lower case.
func Lists(list []byte, lower string) bool {
	for len(list) > 0 {
		var t []byte
		t, list = NextToken(list)
		if EqualFold(t, lower) {
			return true
		}
	}
	return false
}

// NamedByConnection reports whether a Connection field of the section names
// this field, which then concerns this hop alone (RFC 9110, 7.6.1).
func NamedByConnection(fields []Field, name []byte) bool {
	for i := range fields {
		if fields[i].Kind != Connection {
			continue
		}
		list := fields[i].Value
		for len(list) > 0 {
			var t []byte
			t, list = NextToken(list)
			if EqualNames(t, name) {
				return true
			}
		}
	}
	return false
}

// trim takes optional white space (SP, HTAB) off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
